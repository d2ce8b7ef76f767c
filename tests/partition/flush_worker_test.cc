#include "partition/flush_worker.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>
#include <vector>

#include "base/guard.h"
#include "partition/log_fixture.h"
#include "support/allocation_fault.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

TEST_CASE("Few dirty partitions are synced by file, many with one call",
          "[partition]") {
  for (const int count : {3, 20}) {
    MemoryEnv memory;
    FaultEnv env(memory);
    LogFixture fixture(env);
    const auto shared = fixture.Share();
    const auto logs = OpenMany(shared, count);
    for (const auto& log : logs) {
      REQUIRE_OK(AppendText(*log, "a", Ack::kMemory));
    }
    env.ForgetCalls();
    fixture.clock.Advance(absl::Milliseconds(101));
    REQUIRE_OK(shared->flush->RunDue());
    int whole = 0;
    for (const EnvCallRecord& call : env.calls()) {
      whole += call.kind == EnvCall::kSyncFileSystem ? 1 : 0;
    }
    CHECK(whole == (count > 8 ? 1 : 0));
    for (const auto& log : logs) CHECK(log->marks().durable == 1);
    CHECK(shared->flush->sync_lag() == absl::ZeroDuration());
  }
}

TEST_CASE("A failed sync of the file system poisons all it was for",
          "[partition]") {
  // G6
  MemoryEnv memory;
  FaultEnv env(memory);
  LogFixture fixture(env);
  const auto shared = fixture.Share();
  const auto logs = OpenMany(shared, 10);
  for (const auto& log : logs) REQUIRE_OK(AppendText(*log, "a", Ack::kMemory));
  env.FailKind(EnvCall::kSyncFileSystem, EIO);
  CHECK_FALSE(shared->flush->SyncLogs(logs).ok());
  for (const auto& log : logs) {
    CHECK(log->marks().durable == 0);
    CHECK_FALSE(log->failure().ok());
    CHECK_FALSE(AppendText(*log, "b", Ack::kMemory).ok());
  }
}

TEST_CASE("Syncs by time go on after any order of appends and syncs",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.segment_age = absl::Seconds(5);
  const auto log = fixture.Open();
  for (int i = 0; i < 50; ++i) {
    REQUIRE_OK(AppendText(*log, "a", i % 3 == 0 ? Ack::kDisk : Ack::kMemory));
    if (i % 4 == 0) REQUIRE_OK(log->Maintain(fixture.clock.Now()));
    fixture.clock.Advance(absl::Milliseconds(i % 2 == 0 ? 150 : 1600));
    REQUIRE_OK(log->shared().flush->RunDue());
    REQUIRE(log->marks().durable == i + 1);
  }
}

TEST_CASE("Syncs by time go on behind a trim of everything", "[partition]") {
  // G2
  MemoryEnv env;
  LogFixture fixture(env);
  const auto log = fixture.Open();
  FlushWorker& flush = *log->shared().flush;
  for (int i = 0; i < 3; ++i) {
    REQUIRE_OK(AppendText(*log, "consumed", Ack::kMemory));
    REQUIRE_OK(log->TrimBefore(log->marks().end));
    fixture.clock.Advance(absl::Milliseconds(101));
    REQUIRE_OK(flush.RunDue());
    REQUIRE_OK(AppendText(*log, "kept", Ack::kMemory));
    fixture.clock.Advance(absl::Milliseconds(101));
    REQUIRE_OK(flush.RunDue());
    CHECK(log->marks().durable == log->marks().end);
  }
}

TEST_CASE("Without syncs by time records still reach the operating system",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.settings.sync_interval = absl::InfiniteDuration();
  const auto log = fixture.Open();
  for (int i = 0; i < 5; ++i) {
    REQUIRE_OK(AppendText(*log, "a", Ack::kMemory));
    CHECK(log->marks().written == i);
    fixture.clock.Advance(absl::Milliseconds(101));
    REQUIRE_OK(log->shared().flush->RunDue());
    CHECK(log->marks().written == i + 1);
    CHECK(log->marks().durable == 0);
  }
}

TEST_CASE("Memory is taken back from partitions that idle", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.arena_bytes = 64 << 10;
  fixture.block_bytes = 1024;
  const auto shared = fixture.Share();
  const auto logs = OpenMany(shared, 100);
  for (int round = 0; round < 3; ++round) {
    for (const auto& log : logs) {
      REQUIRE_OK(AppendText(*log, std::string(500, 'x'), Ack::kMemory));
    }
  }
  for (const auto& log : logs) {
    REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
    CHECK(values.size() == 3);
  }
}

TEST_CASE("A thread syncs what is due", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  const auto log = fixture.Open();
  REQUIRE_OK(log->shared().flush->Start());
  REQUIRE_OK(AppendText(*log, "a", Ack::kMemory));
  fixture.clock.Advance(absl::Milliseconds(101));
  CHECK_OK(log->group_sync().WaitFor(1, absl::InfiniteDuration()));
  log->shared().flush->Stop();
}

// Lets the flush worker of `count` partitions do what is due while one
// allocation fails, the one behind `skip_count` others. Then one of them has
// missed its turn at most, or none has had it yet, and all get it an interval
// later. False when nothing failed.
bool RunDueWithout(uint64_t skip_count, int count, absl::Duration interval) {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.settings.sync_interval = interval;
  const auto shared = fixture.Share();
  const auto logs = OpenMany(shared, count);
  for (const auto& log : logs) REQUIRE_OK(AppendText(*log, "a", Ack::kMemory));
  fixture.clock.Advance(absl::Milliseconds(101));
  absl::Status status;
  bool was_reached = false;
  {
    const AllocationFault fault(skip_count);
    status = Guarded([&] { return shared->flush->RunDue(); });
    was_reached = fault.was_reached();
  }
  CAPTURE(skip_count, status.ToString());
  // A log that failed for good has had its turn, and has told so.
  const auto is_served = [&](const std::shared_ptr<PartitionLog>& log) {
    const Marks marks = log->marks();
    const bool is_syncing = interval != absl::InfiniteDuration();
    return (is_syncing ? marks.durable : marks.written) == marks.end ||
           !log->failure().ok();
  };
  const auto served = std::count_if(logs.begin(), logs.end(), is_served);
  CHECK((served >= count - 1 || served == 0));
  if (served == 0) CHECK(absl::IsResourceExhausted(status));
  fixture.clock.Advance(absl::Milliseconds(101));
  shared->flush->RunDue().IgnoreError();  // of a log that failed before
  CHECK(std::all_of(logs.begin(), logs.end(), is_served));
  return was_reached;
}

TEST_CASE("Where memory runs out for one log the others get their turn",
          "[partition]") {
  if (!AllocationFault::kIsPossible) return;
  const auto [count, interval] =
      GENERATE(table<int, absl::Duration>({{3, absl::Milliseconds(100)},
                                           {10, absl::Milliseconds(100)},
                                           {3, absl::InfiniteDuration()}}));
  CAPTURE(count, absl::FormatDuration(interval));
  uint64_t skip_count = 0;
  while (RunDueWithout(skip_count, count, interval)) ++skip_count;
  CHECK(skip_count > 0);
}

TEST_CASE(
    "An append without memory is in the log or fails, and the next one goes on",
    "[partition]") {
  if (!AllocationFault::kIsPossible) return;
  bool was_reached = true;
  for (uint64_t skip_count = 0; was_reached; ++skip_count) {
    CAPTURE(skip_count);
    MemoryEnv env;
    LogFixture fixture(env);
    const auto shared = fixture.Share();
    const auto logs = OpenMany(shared, 2);
    PartitionLog& log = *logs.back();
    REQUIRE_OK(AppendText(*logs.front(), "due by then", Ack::kMemory));
    fixture.clock.Advance(absl::Milliseconds(101));
    bool is_appended = false;
    {
      const AllocationFault fault(skip_count);
      is_appended =
          Guarded([&] { return AppendText(log, "a", Ack::kMemory); }).ok();
      was_reached = fault.was_reached();
    }
    CHECK(is_appended == (log.marks().end == 1));
    REQUIRE_OK(log.failure());
    // Whatever was forgotten is remembered by the next append.
    REQUIRE_OK(AppendText(log, "b", Ack::kMemory));
    fixture.clock.Advance(absl::Milliseconds(101));
    shared->flush->RunDue().IgnoreError();  // of the other, if it has failed
    CHECK(log.marks().durable == log.marks().end);
  }
}

TEST_CASE("Of many logs one whose sync could not begin is synced by the next",
          "[partition]") {
  for (const char* const place : {"META", "p3"}) {
    MemoryEnv memory;
    FaultEnv env(memory);
    LogFixture fixture(env);
    const auto shared = fixture.Share();
    const auto logs = OpenMany(shared, 12);
    REQUIRE_OK(shared->directory->Sync(""));
    for (const auto& log : logs) {
      REQUIRE_OK(AppendText(*log, "v", Ack::kMemory));
    }
    const bool is_meta = place == std::string_view("META");
    if (!is_meta) {
      // A sandbox without syncfs: each directory by itself.
      env.FailKind(EnvCall::kSyncFileSystem, ENOSYS);
    }
    env.Inject({.kind = is_meta ? EnvCall::kOpenFile : EnvCall::kSyncDirectory,
                .name_part = place,
                .error = EMFILE});
    CHECK_STATUS(absl::StatusCode::kResourceExhausted,
                 shared->flush->SyncLogs(logs));
    for (const auto& log : logs) CHECK_OK(log->failure());
    CHECK_OK(shared->flush->SyncLogs(logs));
    for (const auto& log : logs) CHECK(log->marks().durable == 1);
    memory.DropUnsynced();
    const auto again = fixture.Share();
    for (const auto& log : logs) {
      REQUIRE_OK_AND_ASSIGN(const auto after,
                            PartitionLog::Open(again, log->address(), {}, {}));
      CHECK(after->marks().end == 1);
    }
  }
}

}  // namespace
}  // namespace tidemark::test
