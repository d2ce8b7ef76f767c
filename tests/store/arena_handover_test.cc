#include "store/arena_handover.h"

#include <fmt/core.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/layout.h"
#include "store/store_fixture.h"

namespace tidemark {
namespace {

using test::Machine;
using test::NamesIn;
using test::ReadValues;
using test::ValueRecord;
using test::WithPartitions;

using Strings = std::vector<std::string>;

constexpr ProcessDurability kOutliving[] = {ProcessDurability::kSharedMemory,
                                            ProcessDurability::kStoreFile};

// A store whose owner is about to die.
struct Owner {
  explicit Owner(ProcessDurability durability) : durability(durability) {
    Open();
  }

  StoreOptions options() {
    StoreOptions options = machine.options();
    options.process_durability = durability;
    options.on_event = [this](const Event& event) { events.push_back(event); };
    return options;
  }
  absl::Status TryOpen() {
    auto opened = Store::Open(test::kStorePath, options());
    if (opened.ok()) store.emplace(*std::move(opened));
    return opened.status();
  }
  void Open() { REQUIRE_OK(TryOpen()); }

  // Ends the process; its store is never closed.
  void Die() {
    machine.env.AbandonLocks();
    store.reset();
    events.clear();
  }

  Topic OpenTopic(std::string_view name) {
    REQUIRE_OK_AND_ASSIGN(Topic topic, store->OpenTopic(name));
    return topic;
  }

  // The files of arenas, wherever they are.
  size_t ArenaCount() {
    const size_t in_store = NamesIn(machine.env, test::kStorePath).size();
    return in_store - Strings{"LOCK", "STORE", "cursors", "topics"}.size() +
           NamesIn(machine.env, "/dev/shm").size();
  }

  Machine machine;
  ProcessDurability durability;
  std::vector<Event> events;
  std::optional<Store> store;
};

TEST_CASE("Unwritten records of a dead owner are taken over",
          "[arena_handover]") {
  // G2
  for (const ProcessDurability durability : kOutliving) {
    INFO(ProcessDurabilityName(durability));
    Owner owner(durability);
    REQUIRE_OK_AND_ASSIGN(Topic topic,
                          owner.store->CreateTopic("t", WithPartitions(2)));
    REQUIRE_OK_AND_ASSIGN(Partition first, topic.partition(0));
    REQUIRE_OK_AND_ASSIGN(Partition second, topic.partition(1));
    REQUIRE_OK(first.Append(ValueRecord("synced"), Ack::kDisk));
    REQUIRE_OK(first.Append(ValueRecord("one"), Ack::kProcess));
    REQUIRE_OK(second.Append(ValueRecord("two"), Ack::kMemory));
    REQUIRE(first.marks().written == 1);
    owner.Die();
    owner.Open();
    const RecoveryReport report = owner.store->recovery();
    CHECK(report.arena == ArenaOutcome::kTakenOver);
    CHECK_FALSE(report.is_clean);
    REQUIRE(report.partitions.size() == 2);
    for (const PartitionRecovery& recovery : report.partitions) {
      CHECK(recovery.records_taken_over == 1);
    }
    topic = owner.OpenTopic("t");
    REQUIRE_OK_AND_ASSIGN(auto values, ReadValues(topic, 0));
    CHECK(values == Strings{"synced", "one"});
    REQUIRE_OK_AND_ASSIGN(values, ReadValues(topic, 1));
    CHECK(values == Strings{"two"});
    // They are durable, and the old arena is gone.
    REQUIRE_OK_AND_ASSIGN(first, topic.partition(0));
    CHECK(first.marks().durable == 2);
    CHECK(owner.ArenaCount() == 1);
    REQUIRE(owner.events.size() == 1);
    CHECK(owner.events[0].kind == EventKind::kTakeOver);
    CHECK_OK(owner.events[0].status);
    REQUIRE_OK(owner.store->Close());
    CHECK(owner.ArenaCount() == 0);
  }
}

TEST_CASE("A take-over is not repeated", "[arena_handover]") {
  // I2
  for (const ProcessDurability durability : kOutliving) {
    Owner owner(durability);
    REQUIRE_OK(owner.store->CreateTopic("t"));
    for (int life = 0; life < 4; ++life) {
      REQUIRE_OK(owner.OpenTopic("t").Append(ValueRecord("v"), Ack::kProcess));
      owner.Die();
      owner.Open();
      REQUIRE_OK_AND_ASSIGN(const auto values,
                            ReadValues(owner.OpenTopic("t")));
      CHECK(values.size() == static_cast<size_t>(life) + 1);
    }
    CHECK(owner.ArenaCount() == 1);
  }
}

TEST_CASE("An arena of an earlier boot is not believed", "[arena_handover]") {
  Owner owner(ProcessDurability::kStoreFile);
  REQUIRE_OK_AND_ASSIGN(Topic topic, owner.store->CreateTopic("t"));
  REQUIRE_OK(topic.Append(ValueRecord("synced"), Ack::kDisk));
  REQUIRE_OK(topic.Append(ValueRecord("lost"), Ack::kProcess));
  owner.machine.env.DropUnsynced();
  owner.store.reset();
  owner.Open();
  CHECK(owner.store->recovery().arena == ArenaOutcome::kOtherBoot);
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(owner.OpenTopic("t")));
  CHECK(values == Strings{"synced"});
  CHECK(owner.ArenaCount() == 1);
  CHECK_OK(owner.store->health().status);
}

TEST_CASE("An arena that somebody took away is told", "[arena_handover]") {
  Owner owner(ProcessDurability::kSharedMemory);
  REQUIRE_OK_AND_ASSIGN(Topic topic, owner.store->CreateTopic("t"));
  REQUIRE_OK(topic.Append(ValueRecord("synced"), Ack::kDisk));
  REQUIRE_OK(topic.Append(ValueRecord("lost"), Ack::kProcess));
  owner.machine.env.LoseSharedMemory();
  owner.Die();
  owner.Open();
  CHECK(owner.store->recovery().arena == ArenaOutcome::kMissing);
  REQUIRE(owner.events.size() == 1);
  CHECK(owner.events[0].kind == EventKind::kTakeOver);
  CHECK_STATUS(absl::StatusCode::kDataLoss, owner.events[0].status);
  REQUIRE_OK_AND_ASSIGN(auto values, ReadValues(owner.OpenTopic("t")));
  CHECK(values == Strings{"synced"});
  // Told once.
  REQUIRE_OK(owner.store->Close());
  owner.Open();
  CHECK(owner.store->recovery().arena == ArenaOutcome::kNone);
}

// How a topic goes, and its owner.
enum class Deletion : uint8_t { kByOwner, kAndMadeAgain, kHalf };

TEST_CASE("Records of a topic that was deleted are not taken over",
          "[arena_handover]") {
  // I9
  const auto durability =
      GENERATE(ProcessDurability::kSharedMemory, ProcessDurability::kStoreFile);
  const auto deletion =
      GENERATE(Deletion::kByOwner, Deletion::kAndMadeAgain, Deletion::kHalf);
  Owner owner(durability);
  REQUIRE_OK_AND_ASSIGN(Topic topic, owner.store->CreateTopic("t"));
  REQUIRE_OK(topic.Append(ValueRecord("old"), Ack::kProcess));
  if (deletion != Deletion::kHalf) {
    REQUIRE_OK(owner.store->DeleteTopic("t"));
  }
  if (deletion == Deletion::kAndMadeAgain) {
    REQUIRE_OK(owner.store->CreateTopic("t"));
  }
  owner.Die();
  if (deletion == Deletion::kHalf) {
    REQUIRE_OK_AND_ASSIGN(
        auto root, owner.machine.env.OpenDirectory(test::kStorePath, false));
    REQUIRE_OK(root->Rename("topics/t", DeletedTopicPath(Id128()), false));
  }
  owner.Open();
  CHECK(owner.store->recovery().arena == ArenaOutcome::kTakenOver);
  REQUIRE_OK_AND_ASSIGN(topic, owner.store->OpenOrCreateTopic("t"));
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(topic));
  CHECK(values.empty());
  REQUIRE_OK_AND_ASSIGN(const RecordId id, topic.Append(ValueRecord("new")));
  CHECK(id.offset == 0);
  CHECK_OK(owner.store->health().status);
}

TEST_CASE("Batches of topics that are gone are counted", "[arena_handover]") {
  Owner owner(ProcessDurability::kStoreFile);
  REQUIRE_OK_AND_ASSIGN(Topic topic, owner.store->CreateTopic("t"));
  REQUIRE_OK(topic.Append(ValueRecord("old"), Ack::kProcess));
  owner.Die();
  REQUIRE_OK_AND_ASSIGN(
      auto root, owner.machine.env.OpenDirectory(test::kStorePath, false));
  REQUIRE_OK(root->Rename("topics/t", DeletedTopicPath(Id128()), false));
  owner.Open();
  CHECK(owner.store->recovery().arena_detail.find(
            "1 batches of topics that are gone") != std::string::npos);
}

// What else is damaged beside TOPIC.
enum class Beside : uint8_t { kNothing, kMeta, kAll };

TEST_CASE("Records of a topic with a damaged TOPIC are taken over",
          "[arena_handover]") {
  // G5: the store opens, and nothing is lost.
  const auto beside = GENERATE(Beside::kNothing, Beside::kMeta, Beside::kAll);
  Owner owner(ProcessDurability::kStoreFile);
  REQUIRE_OK_AND_ASSIGN(Topic other, owner.store->CreateTopic("other"));
  REQUIRE_OK(other.Append(ValueRecord("fine"), Ack::kProcess));
  REQUIRE_OK_AND_ASSIGN(Topic topic, owner.store->CreateTopic("t"));
  REQUIRE_OK(topic.Append(ValueRecord("synced"), Ack::kDisk));
  REQUIRE_OK(topic.Append(ValueRecord("kept"), Ack::kProcess));
  owner.Die();
  REQUIRE_OK_AND_ASSIGN(
      auto root, owner.machine.env.OpenDirectory(test::kStorePath, false));
  const Strings taken_away =
      beside == Beside::kNothing ? Strings{"TOPIC"}
      : beside == Beside::kMeta
          ? Strings{"TOPIC", "0/META"}
          : Strings{"TOPIC", "0/META", "0/00000000000000000000.log"};
  const auto away = [](size_t i) { return fmt::format("topics/t/away-{}", i); };
  for (size_t i = 0; i < taken_away.size(); ++i) {
    REQUIRE_OK(root->Rename("topics/t/" + taken_away[i], away(i), false));
  }
  if (beside == Beside::kAll) {
    // Nothing says whose they are: they stay where they are.
    CHECK_STATUS(absl::StatusCode::kDataLoss, owner.TryOpen());
    CHECK(owner.ArenaCount() == 1);
  } else {
    owner.Open();
    CHECK(owner.store->recovery().arena == ArenaOutcome::kTakenOver);
    REQUIRE_OK_AND_ASSIGN(const auto values,
                          ReadValues(owner.OpenTopic("other")));
    CHECK(values == Strings{"fine"});
    CHECK_STATUS(absl::StatusCode::kDataLoss,
                 owner.store->OpenTopic("t").status());
    owner.Die();
  }
  REQUIRE_OK_AND_ASSIGN(
      root, owner.machine.env.OpenDirectory(test::kStorePath, false));
  for (size_t i = 0; i < taken_away.size(); ++i) {
    // META was made anew.
    if (beside == Beside::kMeta && i > 0) continue;
    REQUIRE_OK(root->Rename(away(i), "topics/t/" + taken_away[i], false));
  }
  owner.Open();
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(owner.OpenTopic("t")));
  CHECK(values == Strings{"synced", "kept"});
  CHECK_OK(owner.store->Close());
}

TEST_CASE("A store that is closed leaves nothing to hand over",
          "[arena_handover]") {
  for (const ProcessDurability durability : kOutliving) {
    Owner owner(durability);
    REQUIRE_OK(owner.store->CreateTopic("t"));
    REQUIRE_OK(owner.OpenTopic("t").Append(ValueRecord("v"), Ack::kMemory));
    REQUIRE_OK(owner.store->Close());
    CHECK(owner.ArenaCount() == 0);
    // The next owner wants another kind of memory.
    owner.durability = ProcessDurability::kNone;
    owner.Open();
    CHECK(owner.store->recovery().arena == ArenaOutcome::kNone);
    CHECK(owner.store->recovery().is_clean);
    CHECK(owner.events.empty());
  }
}

}  // namespace
}  // namespace tidemark
