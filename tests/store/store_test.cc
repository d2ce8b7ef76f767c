#include "tidemark/store.h"

#include <string>
#include <utility>
#include <vector>

#include "store/store_fixture.h"

namespace tidemark {
namespace {

using test::Machine;
using test::ReadValues;
using test::ValueRecord;

TEST_CASE("Records survive the closing of their store", "[store]") {
  Machine machine;
  {
    REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
    REQUIRE_OK_AND_ASSIGN(Topic topic, store.CreateTopic("orders"));
    for (const std::string_view value : {"one", "two", "three"}) {
      REQUIRE_OK(topic.Append(ValueRecord(value)));
    }
    REQUIRE_OK(store.Close());
  }
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.OpenTopic("orders"));
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(topic));
  CHECK(values == std::vector<std::string>{"one", "two", "three"});
  CHECK(store.recovery().is_clean);
  REQUIRE(store.recovery().partitions.size() == 1);
  CHECK(store.recovery().partitions[0].is_clean);
  CHECK_OK(store.health().status);
}

TEST_CASE("Synced records survive a loss of power", "[store]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.CreateTopic("orders"));
  REQUIRE_OK(topic.Append(ValueRecord("kept")));
  REQUIRE_OK(store.Sync());
  REQUIRE_OK(topic.Append(ValueRecord("lost")));
  machine.env.DropUnsynced();
  REQUIRE_OK_AND_ASSIGN(Store after, machine.Open());
  REQUIRE_OK_AND_ASSIGN(Topic topic_after, after.OpenTopic("orders"));
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(topic_after));
  CHECK(values == std::vector<std::string>{"kept"});
  CHECK_FALSE(after.recovery().is_clean);
}

TEST_CASE("Each opening for writing has an incarnation of its own", "[store]") {
  Machine machine;
  for (Incarnation expected = 1; expected <= 3; ++expected) {
    REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
    CHECK(store.recovery().incarnation == expected);
  }
  // Not even a crash brings one back.
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  CHECK(store.recovery().incarnation == 4);
  machine.env.DropUnsynced();
  REQUIRE_OK_AND_ASSIGN(Store after, machine.Open());
  CHECK(after.recovery().incarnation == 5);
}

TEST_CASE("Everything fails once the store is closed", "[store]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.CreateTopic("t"));
  REQUIRE_OK_AND_ASSIGN(Partition partition, topic.partition(0));
  REQUIRE_OK(store.Close());
  CHECK_OK(store.Close());
  CHECK(IsClosed(store.CreateTopic("u").status()));
  CHECK(IsClosed(store.OpenTopic("t").status()));
  CHECK(IsClosed(store.OpenOrCreateTopic("t").status()));
  CHECK(IsClosed(store.ListTopics().status()));
  CHECK(IsClosed(store.DeleteTopic("t")));
  CHECK(IsClosed(store.Sync()));
  CHECK(IsClosed(store.RunMaintenance(machine.clock.Now())));
  CHECK(IsClosed(store.health().status));
  CHECK(IsClosed(topic.Append(ValueRecord("x")).status()));
  CHECK(IsClosed(topic.PartitionFor(ValueRecord("x")).status()));
  CHECK(IsClosed(topic.partition(0).status()));
  CHECK(IsClosed(topic.Sync()));
  CHECK(IsClosed(topic.Alter({})));
  CHECK(IsClosed(topic.IncreasePartitions(2)));
  CHECK(IsClosed(partition.Append(ValueRecord("x")).status()));
  CHECK(topic.name() == "t");
  CHECK(topic.partition_count() == 1);
}

TEST_CASE("Handles outlive the store and its options", "[store]") {
  Machine machine;
  Topic topic;
  Partition partition;
  {
    REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
    REQUIRE_OK_AND_ASSIGN(topic, store.CreateTopic("t"));
    REQUIRE_OK_AND_ASSIGN(partition, topic.partition(0));
  }
  CHECK(IsClosed(topic.Append(ValueRecord("x")).status()));
  CHECK(IsClosed(partition.Append(ValueRecord("x")).status()));
}

TEST_CASE("A store that was moved from is closed, the other one open",
          "[store]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  Store other = std::move(store);
  CHECK(IsClosed(store.Sync()));
  CHECK(IsClosed(store.health().status));
  CHECK_OK(store.Close());
  CHECK(store.recovery().incarnation == 0);
  CHECK_OK(other.Sync());
  // The target of an assignment is closed first.
  StoreOptions options = machine.options();
  REQUIRE_OK_AND_ASSIGN(Store second, Store::Open("/second", options));
  second = std::move(other);
  CHECK_OK(second.Sync());
  CHECK_OK(Store::Open("/second", options));
}

TEST_CASE("A store cannot be opened twice", "[store]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  const auto second = machine.Open();
  CHECK(IsLocked(second.status()));
  CHECK_STATUS(absl::StatusCode::kFailedPrecondition, second);
  REQUIRE_OK(store.Close());
  CHECK_OK(machine.Open());
}

TEST_CASE("Topics are listed in the order of their names", "[store]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  for (const std::string_view name : {"b", "a", "c.d-e_F"}) {
    REQUIRE_OK(store.CreateTopic(name));
  }
  REQUIRE_OK_AND_ASSIGN(auto names, store.ListTopics());
  CHECK(names == std::vector<std::string>{"a", "b", "c.d-e_F"});
  REQUIRE_OK(store.Close());
  REQUIRE_OK_AND_ASSIGN(Store again, machine.Open());
  REQUIRE_OK_AND_ASSIGN(names, again.ListTopics());
  CHECK(names.size() == 3);
}

TEST_CASE("Opening a topic that is not there names those that are", "[store]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  REQUIRE_OK(store.CreateTopic("orders"));
  const auto missing = store.OpenTopic("oders");
  CHECK_STATUS(absl::StatusCode::kNotFound, missing);
  CHECK(std::string(missing.status().message()).find("orders") !=
        std::string::npos);
  REQUIRE_OK_AND_ASSIGN(Topic made, store.OpenOrCreateTopic("oders"));
  REQUIRE_OK_AND_ASSIGN(Topic opened, store.OpenOrCreateTopic("oders"));
  CHECK(made.state() == opened.state());
}

TEST_CASE("The levels of the process come from the options", "[store]") {
  Machine machine;
  StoreOptions options = machine.options();
  for (const ProcessDurability durability :
       {ProcessDurability::kNone, ProcessDurability::kSharedMemory,
        ProcessDurability::kStoreFile, ProcessDurability::kWriteThrough}) {
    INFO(ProcessDurabilityName(durability));
    options.process_durability = durability;
    REQUIRE_OK_AND_ASSIGN(Store store, Store::Open("/store", options));
    CHECK(store.Durability() == durability);
    CHECK(store.health().process_durability == durability);
    REQUIRE_OK_AND_ASSIGN(Topic topic, store.OpenOrCreateTopic("t"));
    REQUIRE_OK(topic.Append(ValueRecord("x"), Ack::kProcess));
    REQUIRE_OK(store.Close());
  }
  CHECK(test::NamesIn(machine.env, "/dev/shm").empty());
  CHECK(test::NamesIn(machine.env, "/store") ==
        std::vector<std::string>{"LOCK", "STORE", "cursors", "topics"});
}

TEST_CASE("Options out of range are refused before anything is touched",
          "[store]") {
  Machine machine;
  const auto before = test::NamesIn(machine.env, "/");
  StoreOptions options = machine.options();
  options.arena_bytes = 1;
  CHECK_STATUS(absl::StatusCode::kInvalidArgument,
               Store::Open("/store", options));
  CHECK(test::NamesIn(machine.env, "/") == before);
}

TEST_CASE("A store for reading refuses what would change it", "[store]") {
  Machine machine;
  StoreOptions options = machine.options();
  options.process_durability = ProcessDurability::kWriteThrough;
  REQUIRE_OK_AND_ASSIGN(Store writer, Store::Open(test::kStorePath, options));
  REQUIRE_OK_AND_ASSIGN(Topic written, writer.CreateTopic("t"));
  REQUIRE_OK(written.Append(ValueRecord("one"), Ack::kProcess));
  REQUIRE_OK_AND_ASSIGN(Store store, machine.OpenToRead());
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.OpenTopic("t"));
  REQUIRE_OK_AND_ASSIGN(Partition partition, topic.partition(0));
  for (const absl::Status& refused :
       {store.Sync(), store.CreateTopic("u").status(),
        store.OpenOrCreateTopic("u").status(), store.DeleteTopic("t"),
        topic.Sync(), topic.Append(ValueRecord("x")).status(), topic.Alter({}),
        topic.IncreasePartitions(2), partition.Sync(), partition.TrimBefore(1),
        partition.Append(ValueRecord("x"), Ack::kDisk).status()}) {
    CHECK_STATUS(absl::StatusCode::kFailedPrecondition, refused);
    CHECK(ReasonOf(refused) == ErrorReason::kReadOnly);
  }
  CHECK_STATUS(absl::StatusCode::kDeadlineExceeded,
               partition.WaitDurable(1, machine.clock.Now()));
  REQUIRE_OK(writer.Close());
  CHECK_OK(partition.WaitDurable(1, machine.clock.Now()));
  CHECK_OK(partition.OffsetForTime(absl::InfinitePast()));
  CHECK_OK(partition.segments());
  CHECK_OK(partition.BytesBetween(0, 1));
  CHECK_OK(partition.failure());
  CHECK_OK(store.RunMaintenance(machine.clock.Now()));
  CHECK_OK(store.health().status);
  CHECK_OK(store.Close());
  CHECK(IsClosed(partition.WaitDurable(1, absl::InfiniteFuture())));
}

}  // namespace
}  // namespace tidemark
