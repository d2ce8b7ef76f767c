#include <cerrno>
#include <functional>
#include <string>
#include <vector>

#include "store/topic_change.h"

// Topics that are created, deleted and changed while any call of the system
// fails.
namespace tidemark::test {
namespace {

struct ChangeFailure {
  int error = EIO;
  bool takes_effect = false;
  bool is_persistent = false;
};
constexpr ChangeFailure kChangeFailures[] = {
    {EIO},    {EIO, true},           {EIO, false, true}, {EIO, true, true},
    {ENOSPC}, {ENOSPC, false, true}, {EMFILE},           {EACCES},
};

// Makes the change with one failure from call `index` on, and once more without
// it; false when the change has no such call.
bool FailAt(const TopicChange& change, const ChangeFailure& failure,
            uint64_t index) {
  ChangeWorld world(change);
  world.env().Inject({.index = index,
                      .is_persistent = failure.is_persistent,
                      .error = failure.error,
                      .takes_effect = failure.takes_effect});
  const absl::Status status = change.apply(world.store());
  const bool was_reached = world.env().injected_count() > 0;
  world.env().ClearFaults();
  const std::string call =
      was_reached
          ? fmt::format("{} {}", EnvCallName(world.env().calls()[index].kind),
                        world.env().calls()[index].name)
          : "none";
  INFO("the call is " << call << ", the result " << status.ToString());
  if (!was_reached) REQUIRE_OK(status);
  if (!status.ok()) CHECK_FALSE(status.message().empty());
  // The next owner finds what was promised.
  for (const bool is_power_cut : {false, true}) {
    const auto image = is_power_cut ? world.machine().CopyDurable()
                                    : world.machine().CopyCurrent();
    INFO((is_power_cut ? "after a power cut" : "after a kill"));
    const bool is_done = CheckNextOwner(change, *image, world.clock());
    if (status.ok()) CHECK(is_done);
  }
  // So does this one, and it can try again.
  const bool is_done = change.is_done(world.store());
  if (status.ok()) CHECK(is_done);
  if (!status.ok() && change.is_undone_by_error) CHECK_FALSE(is_done);
  if (!status.ok()) REQUIRE_OK(change.apply(world.store()));
  CHECK(change.is_done(world.store()));
  REQUIRE_OK(world.store().RunMaintenance(world.clock().Now()));
  REQUIRE_OK(world.store().Close());
  CHECK(CheckNextOwner(change, world.machine(), world.clock()));
  return was_reached;
}

void FailAtEachCallOf(const TopicChange& change) {
  for (const ChangeFailure& failure : kChangeFailures) {
    for (uint64_t index = 0;; ++index) {
      INFO(change.name << ": error " << failure.error
                       << (failure.takes_effect ? " after the effect" : "")
                       << (failure.is_persistent ? " from" : " at") << " call "
                       << index);
      if (!FailAt(change, failure, index)) break;
    }
  }
}

TEST_CASE(
    "A creation that fails at any call leaves no topic and can be tried "
    "again",
    "[topic]") {
  FailAtEachCallOf(Creation());
}

TEST_CASE("A deletion that fails at any call leaves the topic or nothing",
          "[topic]") {
  FailAtEachCallOf(Deletion());
}

TEST_CASE("Records of a deleted topic do not come back, whatever call fails",
          "[topic]") {
  // I9
  FailAtEachCallOf(Replacement());
}

TEST_CASE("Partitions that cannot be added at any call are not half there",
          "[topic]") {
  FailAtEachCallOf(Growth());
}

TEST_CASE("Options that cannot be stored at any call are as they were",
          "[topic]") {
  FailAtEachCallOf(Alteration());
}

// A deleted topic whose files cannot be unlinked, beside a new one of its name.
void CheckRestsBeside(const std::function<void(ChangeWorld&)>& end) {
  ChangeWorld world(Deletion());
  Store& store = world.store();
  world.env().FailKind(EnvCall::kRemoveFile, EIO, /*is_persistent=*/true);
  REQUIRE_OK(store.DeleteTopic("t"));
  REQUIRE_OK_AND_ASSIGN(const Topic fresh, store.CreateTopic("t"));
  REQUIRE_OK_AND_ASSIGN(Partition partition, fresh.partition(0));
  REQUIRE_OK(partition.Append(ValueRecord("new"), Ack::kDisk));
  REQUIRE(NamesIn(world.machine(), "/store/topics").size() == 3);
  end(world);
  const auto image = world.machine().CopyDurable();
  REQUIRE_OK_AND_ASSIGN(
      Store next,
      Store::Open(kStorePath, StoreOptions::Test(*image, world.clock())));
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(OpenT(next)));
  CHECK(values == std::vector<std::string>{"new"});
  CHECK(OpenT(next).partition_count() == 1);
  CHECK(NamesIn(*image, "/store/topics") ==
        std::vector<std::string>{"kept", "t"});
}

TEST_CASE("What is left of a deleted topic is no part of the next of its name",
          "[topic]") {
  // I9
  SECTION("with a power cut before it is removed") {
    CheckRestsBeside([](ChangeWorld&) {});
  }
  SECTION("with a close before it is removed") {
    CheckRestsBeside(
        [](ChangeWorld& world) { REQUIRE_OK(world.store().Close()); });
  }
  SECTION("with a maintenance that removes it") {
    CheckRestsBeside([](ChangeWorld& world) {
      world.env().ClearFaults();
      REQUIRE_OK(world.store().RunMaintenance(world.clock().Now()));
      CHECK(NamesIn(world.machine(), "/store/topics").size() == 2);
      REQUIRE_OK_AND_ASSIGN(const auto values,
                            ReadValues(OpenT(world.store())));
      CHECK(values == std::vector<std::string>{"new"});
    });
  }
}

}  // namespace
}  // namespace tidemark::test
