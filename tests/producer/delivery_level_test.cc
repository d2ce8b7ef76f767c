#include "producer/delivery_level.h"

#include <memory>
#include <vector>

#include "producer/producer_fixture.h"

namespace tidemark::test {
namespace {

// The end of what is due in each partition of the bench.
constexpr Offset kDue = 2;
constexpr Record kRecord = {.value = "value"};

// A store with some partitions, each of which has a durable record and one that
// is due.
struct LevelBench {
  LevelBench(PartitionNumber count, ProcessDurability durability) {
    options.process_durability = durability;
    auto opened = Store::Open("/store", options);
    REQUIRE_OK(opened);
    store = std::make_unique<Store>(*std::move(opened));
    REQUIRE_OK_AND_ASSIGN(topic,
                          store->CreateTopic("t", {.partitions = count}));
    for (PartitionNumber number = 0; number < count; ++number) {
      REQUIRE_OK_AND_ASSIGN(const Partition partition, topic.partition(number));
      queue.Add(number, partition.log());
      REQUIRE_OK(partition.log()->Append({&kRecord, 1}, Ack::kMemory));
    }
    // The first sync of a file costs more than those that follow.
    REQUIRE_OK(store->Sync());
    for (PartitionNumber number = 0; number < count; ++number) Append(number);
    env.ForgetCalls();
  }

  void Append(PartitionNumber number) {
    DeliveryLane& lane = *queue.Find(number);
    const auto offset = lane.log->Append({&kRecord, 1}, Ack::kMemory);
    REQUIRE_OK(offset);
    std::list<Delivery> node(1);
    node.front().id = {.partition = number, .offset = *offset};
    node.front().count = 1;
    queue.Push(lane, node);
  }

  int Count(EnvCall kind) const {
    int count = 0;
    for (const EnvCallRecord& call : env.calls()) count += call.kind == kind;
    return count;
  }

  MemoryEnv machine;
  FaultEnv env{machine};
  ManualClock clock;
  StoreOptions options = StoreOptions::Test(env, clock);
  std::unique_ptr<Store> store;
  Topic topic;
  DeliveryQueue queue;
};

TEST_CASE("Memory is reached without a call of the system", "[producer]") {
  LevelBench bench(2, ProcessDurability::kWriteThrough);
  DeliveryLane* const first = bench.queue.Take();
  ReachLevel(first, Ack::kMemory);
  CHECK(first->reached == kDue);
  CHECK(first->next_taken->reached == kDue);
  CHECK(bench.env.call_count() == 0);
  ReachLevel(nullptr, Ack::kDisk);
}

TEST_CASE("The level of the process costs nothing where memory outlives it",
          "[producer]") {
  LevelBench bench(1, ProcessDurability::kSharedMemory);
  DeliveryLane* const lane = bench.queue.Take();
  ReachLevel(lane, Ack::kProcess);
  CHECK(lane->reached == kDue);
  CHECK(bench.env.call_count() == 0);
}

TEST_CASE("Elsewhere one write serves all records that wait", "[producer]") {
  LevelBench bench(1, ProcessDurability::kWriteThrough);
  for (int i = 0; i < 99; ++i) bench.Append(0);
  bench.env.ForgetCalls();
  DeliveryLane* const lane = bench.queue.Take();
  ReachLevel(lane, Ack::kProcess);
  CHECK_OK(lane->status);
  CHECK(lane->reached == kDue + 99);
  CHECK(bench.Count(EnvCall::kWrite) == 1);
  CHECK(lane->log->marks().durable == 1);
}

TEST_CASE("A write that fails leaves the level where it was", "[producer]") {
  LevelBench bench(1, ProcessDurability::kWriteThrough);
  DeliveryLane* const lane = bench.queue.Take();
  bench.env.FailKind(EnvCall::kWrite, EIO, true);
  ReachLevel(lane, Ack::kProcess);
  CHECK(IsIoError(lane->status));
  CHECK(lane->reached == 1);
}

TEST_CASE("The disk is reached with one sync for a partition", "[producer]") {
  LevelBench bench(2, ProcessDurability::kNone);
  DeliveryLane* const first = bench.queue.Take();
  ReachLevel(first, Ack::kDisk);
  CHECK(first->reached == kDue);
  CHECK(first->next_taken->reached == kDue);
  CHECK(bench.Count(EnvCall::kSync) == 2);
  CHECK(bench.Count(EnvCall::kSyncAll) == 0);
  // What is durable already costs nothing.
  bench.env.ForgetCalls();
  ReachLevel(first, Ack::kDisk);
  CHECK(bench.env.call_count() == 0);
}

TEST_CASE("Many partitions reach the disk with one sync of the file system",
          "[producer]") {
  LevelBench bench(20, ProcessDurability::kNone);
  DeliveryLane* const first = bench.queue.Take();
  ReachLevel(first, Ack::kDisk);
  for (DeliveryLane* lane = first; lane != nullptr; lane = lane->next_taken) {
    CHECK(lane->reached == kDue);
  }
  CHECK(bench.Count(EnvCall::kSyncFileSystem) == 1);
  CHECK(bench.Count(EnvCall::kSync) == 0);
}

TEST_CASE("A partition that cannot be synced does not hold up the others",
          "[producer]") {
  LevelBench bench(3, ProcessDurability::kNone);
  // The first of the three syncs fails.
  bench.env.Inject({.kind = EnvCall::kSync, .error = EIO});
  DeliveryLane* const first = bench.queue.Take();
  ReachLevel(first, Ack::kDisk);
  int failed = 0;
  for (DeliveryLane* lane = first; lane != nullptr; lane = lane->next_taken) {
    CHECK((lane->reached == kDue) == lane->status.ok());
    failed += lane->status.ok() ? 0 : 1;
  }
  CHECK(failed == 1);
}

TEST_CASE("A closed store keeps what was durable", "[producer]") {
  LevelBench bench(2, ProcessDurability::kNone);
  REQUIRE_OK(bench.store->Sync());
  bench.Append(0);
  DeliveryLane* const first = bench.queue.Take();
  // As if the machine had stopped: nothing more reaches the device.
  bench.env.FailKind(EnvCall::kWrite, EIO, true);
  bench.store->Close().IgnoreError();  // fails, which is the point
  ReachLevel(first, Ack::kDisk);
  CHECK(first->reached == kDue);
  CHECK(first->taken.back().end() == kDue + 1);
  CHECK_FALSE(first->status.ok());
  CHECK(first->next_taken->reached == kDue);
}

}  // namespace
}  // namespace tidemark::test
