#include "partition/group_sync.h"

#include <thread>
#include <vector>

#include "partition/log_fixture.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

TEST_CASE("One sync serves everything that was appended before it",
          "[partition]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  LogFixture fixture(env);
  const auto log = fixture.Open();
  for (int i = 0; i < 10; ++i) REQUIRE_OK(AppendText(*log, "a", Ack::kMemory));
  REQUIRE_OK(log->Sync());
  env.ForgetCalls();
  REQUIRE_OK(log->group_sync().SyncTo(*log, 10));
  CHECK(env.call_count() == 0);
  REQUIRE_OK(AppendText(*log, "b", Ack::kMemory));
  REQUIRE_OK(log->Sync());
  int syncs = 0;
  for (const EnvCallRecord& call : env.calls()) {
    syncs += call.kind == EnvCall::kSync ? 1 : 0;
  }
  CHECK(syncs == 1);
}

TEST_CASE("What is appended while a sync runs is not durable with it",
          "[partition]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  LogFixture fixture(env);
  const auto log = fixture.Open();
  REQUIRE_OK(AppendText(*log, "synced", Ack::kDisk));
  REQUIRE_OK(AppendText(*log, "synced", Ack::kMemory));
  std::vector<absl::Status> appended;
  env.SetObserver([&](const EnvCallRecord& call) {
    if (call.kind != EnvCall::kSync || !appended.empty()) return;
    appended.push_back(absl::OkStatus());
    appended.back() = AppendText(*log, "late", Ack::kMemory).status();
  });
  REQUIRE_OK(log->Sync());
  env.SetObserver(nullptr);
  REQUIRE(appended.size() == 1);
  REQUIRE_OK(appended[0]);
  CHECK(log->marks().durable == 2);
  CHECK(log->marks().end == 3);
  memory.DropUnsynced();
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(fixture.Open()));
  CHECK(values.size() == 2);
}

TEST_CASE("Threads that wait for the disk share syncs", "[partition]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  LogFixture fixture(env);
  const auto log = fixture.Open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&log] {
      for (int i = 0; i < 200; ++i) {
        const auto offset = AppendText(*log, "a", Ack::kDisk);
        if (!offset.ok() || log->group_sync().durable() <= *offset) return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(log->marks().durable == 800);
}

TEST_CASE("A wait ends with the mark, the deadline or the failure",
          "[partition]") {
  ManualClock clock;
  GroupSync sync(clock, 10);
  CHECK_OK(sync.WaitFor(10, absl::ZeroDuration()));
  CHECK_STATUS(absl::StatusCode::kDeadlineExceeded,
               sync.WaitFor(11, clock.Monotonic()));
  sync.RaiseTo(11);
  CHECK_OK(sync.WaitFor(11, clock.Monotonic()));
  REQUIRE(sync.TryBegin());
  CHECK_FALSE(sync.TryBegin());
  sync.Finish(absl::InternalError("device"), /*is_final=*/true, 20);
  CHECK(sync.durable() == 11);
  CHECK_STATUS(absl::StatusCode::kInternal,
               sync.WaitFor(12, absl::InfiniteDuration()));
  CHECK_FALSE(sync.TryBegin());
}

}  // namespace
}  // namespace tidemark::test
