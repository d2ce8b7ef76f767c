#include <string>
#include <thread>
#include <vector>

#include "fmt/core.h"
#include "partition/arena_format.h"
#include "partition/log_fixture.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

// Where the end of the log finds its memory.
namespace tidemark::test {
namespace {

TEST_CASE("One partition cannot hold the memory of another", "[partition]") {
  // G9
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.arena_bytes = 128 << 10;
  const auto log = fixture.Open();
  const std::string value(1000, 'x');
  for (int i = 0; i < 2000; ++i) {
    REQUIRE_OK(AppendText(*log, value, Ack::kMemory));
    REQUIRE(log->shared().arena->bytes_used() <= 64 << 10);
  }
}

TEST_CASE("Many threads append through a small memory", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.arena_bytes = 256 << 10;
  fixture.options.segment_bytes = 256 << 10;
  const auto log = fixture.Open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&log, t] {
      for (int i = 0; i < 3000; ++i) {
        const auto offset =
            AppendText(*log, fmt::format("{} {}", t, i),
                       i % 500 == 0 ? Ack::kDisk : Ack::kMemory);
        if (!offset.ok()) return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
  REQUIRE(values.size() == 12000);
  std::vector<int> next(4, 0);
  for (const std::string& value : values) {
    const int t = value[0] - '0';
    REQUIRE(value == fmt::format("{} {}", t, next[t]++));
  }
}

// Appends in bulk until the log has a chunk ahead of need, and then lets its
// writes fail for good. Returns what of the memory its records need.
uint64_t FailWithSpares(FaultEnv& env, PartitionLog& log) {
  const ChunkArena& arena = *log.shared().arena;
  const std::string value(1000, 'x');
  for (int i = 0; i < 2000; ++i) {
    REQUIRE_OK(AppendText(log, value, Ack::kMemory));
  }
  REQUIRE_OK(log.WriteOut(/*is_everything=*/true));
  REQUIRE_OK(AppendText(log, "lost", Ack::kMemory));
  // One to append to and one ahead of it.
  REQUIRE(arena.bytes_used() == 2 * arena_format::kChunkSizeMax);
  env.Inject({.kind = EnvCall::kWrite,
              .name_part = log.address().path + "/",
              .is_persistent = true});
  CHECK(IsIoError(log.WriteOut(/*is_everything=*/true)));
  REQUIRE_FALSE(log.failure().ok());
  return arena_format::kChunkSizeMax;
}

TEST_CASE("A log that cannot be written gives its spare memory to the others",
          "[partition]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  LogFixture fixture(env);
  fixture.arena_bytes = 4 << 20;
  const auto shared = fixture.Share();
  const auto logs = OpenMany(shared, 2);
  const uint64_t needed = FailWithSpares(env, *logs[0]);
  // Others hold all of the rest.
  ChunkArena& arena = *shared->arena;
  std::vector<ArenaRun> others;
  for (;;) {
    REQUIRE_OK_AND_ASSIGN(const ArenaRun run,
                          arena.Allocate(arena.block_size(), {}));
    if (!run) break;
    others.push_back(run);
  }
  REQUIRE(arena.bytes_used() == arena.size_max());
  CHECK_OK(AppendText(*logs[1], "kept", Ack::kDisk));
  logs[1]->RunIdle(fixture.clock.Monotonic());
  for (const ArenaRun& run : others) arena.Free(run);
  CHECK(arena.bytes_used() == needed);
}

TEST_CASE("A log that cannot be written takes no spare memory", "[partition]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  LogFixture fixture(env);
  fixture.arena_bytes = 4 << 20;
  const auto log = fixture.Open();
  const uint64_t needed = FailWithSpares(env, *log);
  CHECK(log->TryWriteOutForMemory());
  CHECK(log->shared().arena->bytes_used() == needed);
  CHECK(IsIoError(log->WriteOut(/*is_everything=*/true)));
  CHECK(log->shared().arena->bytes_used() == needed);
  log->Abandon(absl::FailedPreconditionError("deleted"));
  CHECK(log->shared().arena->bytes_used() == 0);
}

}  // namespace
}  // namespace tidemark::test
