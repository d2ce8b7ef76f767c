#include "partition/flush_worker.h"

#include <vector>

#include "partition/log_fixture.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

std::vector<std::shared_ptr<PartitionLog>> OpenMany(
    const std::shared_ptr<LogShared>& shared, int count) {
  std::vector<std::shared_ptr<PartitionLog>> logs;
  for (int i = 0; i < count; ++i) {
    PartitionAddress address;
    address.topic = "t";
    address.number = i;
    address.path = "p" + std::to_string(i);
    REQUIRE_OK(PartitionLog::Create(*shared, address));
    auto log = PartitionLog::Open(shared, address, {}, {});
    REQUIRE_OK(log);
    logs.push_back(*std::move(log));
  }
  return logs;
}

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

}  // namespace
}  // namespace tidemark::test
