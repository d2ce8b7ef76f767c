#include "partition/chunk_arena.h"

#include <vector>

#include "partition/arena_format.h"
#include "support/status_matchers.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark {
namespace {

TEST_CASE("Memory is bounded, given out and taken back", "[partition]") {
  // G9
  ChunkArena arena({.size_max = 1 << 20, .block_size = 4096, .memory = {}});
  CHECK_FALSE(arena.outlives_process());
  std::vector<ArenaRun> runs;
  for (;;) {
    REQUIRE_OK_AND_ASSIGN(const ArenaRun run, arena.Allocate(64 << 10, {}));
    if (!run) break;
    CHECK(run.bytes.size() == 64 << 10);
    runs.push_back(run);
  }
  CHECK(runs.size() == 16);
  CHECK(arena.bytes_used() == 1 << 20);
  const uint64_t freed = arena.freed_count();
  for (const ArenaRun& run : runs) arena.Free(run);
  CHECK(arena.bytes_used() == 0);
  CHECK(arena.freed_count() == freed + 16);
  arena.ReleaseIdle();
  REQUIRE_OK_AND_ASSIGN(const ArenaRun again, arena.Allocate(1, {}));
  CHECK(again.bytes.size() == 4096);
  arena.Free(again);
}

TEST_CASE("A run larger than a slab is not to be had", "[partition]") {
  ChunkArena arena({.size_max = 1 << 20, .block_size = 4096, .memory = {}});
  REQUIRE_OK_AND_ASSIGN(const ArenaRun run,
                        arena.Allocate(arena_format::kSlabSize + 1, {}));
  CHECK_FALSE(run);
}

TEST_CASE("Without room in the shared memory runs come from the heap",
          "[partition]") {
  MemoryEnv env;
  env.SetSharedMemoryCapacity(300 << 10);
  auto directory = env.OpenSharedMemoryDirectory("");
  REQUIRE_OK(directory);
  SharedMemoryOptions options;
  const uint64_t first = ChunkArena::FirstSlabPosition(1 << 20, 4096);
  options.reserved_size = first + (1 << 20);
  auto memory = (*directory)->CreateSharedMemory("arena", options);
  REQUIRE_OK(memory);
  REQUIRE_OK((*memory)->Grow(first));
  const std::byte* const shared = (*memory)->bytes().data();
  const auto is_shared = [&](const std::byte* byte) {
    return byte >= shared && byte < shared + options.reserved_size;
  };
  ChunkArena arena({1 << 20, 4096, *std::move(memory)});
  CHECK(arena.outlives_process());
  std::vector<ArenaRun> runs;
  while (arena.outlives_process()) {
    REQUIRE_OK_AND_ASSIGN(const ArenaRun run, arena.Allocate(256 << 10, {}));
    REQUIRE(run);
    std::fill(run.bytes.begin(), run.bytes.end(), std::byte{1});
    // A later process must not find what is described there and is not there.
    CHECK(is_shared(run.descriptor) == is_shared(run.bytes.data()));
    runs.push_back(run);
  }
  CHECK(runs.size() == 2);
  for (const ArenaRun& run : runs) arena.Free(run);
  CHECK_FALSE(arena.outlives_process());
}

}  // namespace
}  // namespace tidemark
