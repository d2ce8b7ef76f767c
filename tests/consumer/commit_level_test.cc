#include "consumer/commit_level.h"

#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "consumer/cursor_fixture.h"
#include "partition/log_shared.h"
#include "partition/partition_log.h"
#include "support/catch.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

// What the records below a commit survive before it is written.
namespace tidemark::test {
namespace {

// A topic of `count` partitions with four records each, in memory alone.
struct LevelBench {
  explicit LevelBench(ProcessDurability durability, PartitionNumber count = 2) {
    StoreOptions options = StoreOptions::Test(env, bench.clock);
    options.process_durability = durability;
    bench.Open(options);
    bench.Create("t", count);
    for (PartitionNumber i = 0; i < count; ++i) {
      bench.Append("t", i, 0, 4, Ack::kMemory);
    }
    REQUIRE(marks(0).written == 0);
    env.ForgetCalls();
  }

  CommitTarget At(PartitionNumber number, Offset offset) {
    return {bench.PartitionOf("t", number).log(), offset};
  }
  absl::Status Reach(const std::vector<CommitTarget>& targets, Ack level) {
    return ReachCommitLevel(targets, level);
  }

  Marks marks(PartitionNumber number) {
    return bench.PartitionOf("t", number).marks();
  }

  // Calls that move bytes to the device.
  int SyncCount() const {
    int count = 0;
    for (const EnvCallRecord& call : env.calls()) {
      count += call.kind == EnvCall::kSync || call.kind == EnvCall::kSyncAll ||
               call.kind == EnvCall::kSyncFileSystem;
    }
    return count;
  }

  CursorBench bench;
  FaultEnv env{bench.env};
};

// The end of partition 0 in a store on what is left of a machine.
Offset EndOn(MemoryEnv& machine, Clock& clock) {
  REQUIRE_OK_AND_ASSIGN(
      Store store, Store::Open("/store", StoreOptions::Test(machine, clock)));
  REQUIRE_OK_AND_ASSIGN(const Topic topic, store.OpenTopic("t"));
  REQUIRE_OK_AND_ASSIGN(const Partition partition, topic.partition(0));
  return partition.marks().end;
}

TEST_CASE("At kDisk what lies below a target survives the loss of power",
          "[commit_level]") {
  // G8
  LevelBench bench(ProcessDurability::kNone);
  REQUIRE_OK(bench.Reach({bench.At(0, 4)}, Ack::kDisk));
  CHECK(bench.marks(0).durable == 4);
  const auto machine = bench.bench.env.CopyDurable();
  CHECK(EndOn(*machine, bench.bench.clock) == 4);
  // Nobody spoke of the other partition.
  CHECK(bench.marks(1).durable == 0);
}

TEST_CASE("At kDisk every target is made durable", "[commit_level]") {
  // Few are synced one by one, many together.
  const PartitionNumber count = GENERATE(2, 12);
  LevelBench bench(ProcessDurability::kNone, count);
  std::vector<CommitTarget> targets;
  for (PartitionNumber i = 0; i < count; ++i) {
    targets.push_back(bench.At(i, 1 + i % 4));
  }
  REQUIRE_OK(bench.Reach(targets, Ack::kDisk));
  for (PartitionNumber i = 0; i < count; ++i) {
    CHECK(bench.marks(i).durable == 4);
  }
}

TEST_CASE("At kProcess what lies below a target survives the process",
          "[commit_level]") {
  // G8
  LevelBench bench(ProcessDurability::kWriteThrough);
  REQUIRE_OK(bench.Reach({bench.At(0, 1), bench.At(1, 4)}, Ack::kProcess));
  CHECK(bench.marks(0).written == 4);
  CHECK(bench.marks(1).written == 4);
  const auto machine = bench.bench.env.CopyCurrent();
  CHECK(EndOn(*machine, bench.bench.clock) == 4);
  // It costs a write and no sync.
  CHECK(bench.marks(0).durable == 0);
  CHECK(bench.SyncCount() == 0);
}

TEST_CASE("At kProcess nothing is written where that would not help",
          "[commit_level]") {
  const ProcessDurability durability =
      GENERATE(ProcessDurability::kNone, ProcessDurability::kSharedMemory,
               ProcessDurability::kStoreFile);
  LevelBench bench(durability);
  REQUIRE_OK(bench.Reach({bench.At(0, 4), bench.At(1, 4)}, Ack::kProcess));
  CHECK(bench.env.call_count() == 0);
  CHECK(bench.marks(0).written == 0);
}

TEST_CASE("At kProcess records are written once their memory is no more",
          "[commit_level]") {
  LevelBench bench(ProcessDurability::kSharedMemory);
  const CommitTarget target = bench.At(0, 4);
  target.log->shared().process_durability = ProcessDurability::kWriteThrough;
  REQUIRE_OK(bench.Reach({target}, Ack::kProcess));
  CHECK(bench.marks(0).written == 4);
}

TEST_CASE("A level that is reached already costs nothing", "[commit_level]") {
  LevelBench bench(ProcessDurability::kWriteThrough);
  CommitTarget target = bench.At(0, 4);
  SECTION("durable") {
    REQUIRE_OK(target.log->Sync());
    // What is appended behind the target is not its concern.
    bench.bench.Append("t", 0, 4, 1, Ack::kMemory);
    bench.env.ForgetCalls();
    CHECK_OK(bench.Reach({target}, Ack::kDisk));
    CHECK_OK(bench.Reach({target}, Ack::kProcess));
    CHECK(bench.marks(0).written == 4);
  }
  SECTION("written") {
    REQUIRE_OK(target.log->WriteOut(/*is_everything=*/true));
    bench.env.ForgetCalls();
    CHECK_OK(bench.Reach({target}, Ack::kProcess));
  }
  SECTION("at the start of the log") {
    target.offset = 0;
    CHECK_OK(bench.Reach({target}, Ack::kProcess));
    CHECK_OK(bench.Reach({target}, Ack::kDisk));
  }
  SECTION("without a target") {
    CHECK_OK(bench.Reach({}, Ack::kProcess));
    CHECK_OK(bench.Reach({}, Ack::kDisk));
  }
  CHECK(bench.env.call_count() == 0);
}

TEST_CASE("A target behind the end is refused before anything is written",
          "[commit_level]") {
  const Ack level = GENERATE(Ack::kProcess, Ack::kDisk);
  LevelBench bench(ProcessDurability::kWriteThrough);
  const absl::Status status =
      bench.Reach({bench.At(0, 4), bench.At(1, 5)}, level);
  CHECK_STATUS(absl::StatusCode::kOutOfRange, status);
  CHECK(status.message() ==
        "topic t partition 1: commit offset 5, the end is 4");
  CHECK(bench.marks(0).written == 0);
  CHECK(bench.env.call_count() == 0);
}

TEST_CASE("A write that fails fails the commit", "[commit_level]") {
  LevelBench bench(ProcessDurability::kWriteThrough);
  const CommitTarget target = bench.At(1, 4);
  SECTION("on a device that reports errors, for good") {
    bench.env.FailKind(EnvCall::kWrite, EIO);
    CHECK(IsIoError(bench.Reach({target}, Ack::kProcess)));
    CHECK_FALSE(bench.Reach({target}, Ack::kProcess).ok());
    CHECK_FALSE(bench.Reach({target}, Ack::kDisk).ok());
    CHECK(bench.marks(1).written == 0);
  }
  SECTION("on a full disk, until there is room") {
    bench.env.FailKind(EnvCall::kWrite, ENOSPC);
    CHECK(IsDiskFull(bench.Reach({target}, Ack::kProcess)));
    CHECK_OK(bench.Reach({target}, Ack::kProcess));
    CHECK(bench.marks(1).written == 4);
  }
}

TEST_CASE("A sync that fails fails the commit at kDisk", "[commit_level]") {
  LevelBench bench(ProcessDurability::kWriteThrough);
  const std::vector<CommitTarget> targets = {bench.At(0, 4), bench.At(1, 4)};
  bench.env.FailKind(EnvCall::kSync, EIO);
  CHECK(IsIoError(bench.Reach(targets, Ack::kDisk)));
  CHECK(bench.marks(0).durable == 0);
  CHECK_FALSE(bench.Reach(targets, Ack::kDisk).ok());
  // What was written is as good as before for those who ask for no more.
  CHECK_OK(bench.Reach(targets, Ack::kProcess));
}

}  // namespace
}  // namespace tidemark::test
