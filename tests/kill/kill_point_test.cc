#include <fmt/core.h>

#include <cstdint>
#include <cstdio>
#include <vector>

#include "kill/killed_life.h"
#include "support/catch.h"
#include "support/nightly.h"
#include "support/seed.h"

// SIGKILL at every system call of a host that concerns files. Real processes,
// a real file system. The calls of a sanitizer would be among those that count.
namespace tidemark::test {
namespace {

struct KillCounts {
  uint64_t lives = 0;
  uint64_t calls = 0;
  uint64_t kills = 0;
  uint64_t part_writes = 0;
};

// Kills a new host at a place of its life and checks what it leaves.
bool KillOne(const Life& life, uint64_t index, KillPlace place,
             const std::vector<StorageCall>& calls, KillCounts* counts) {
  INFO(life.name << ": call " << index << ", place "
                 << static_cast<int>(place));
  KilledLife killed(life);
  if (!killed.RunTo(index, place)) return false;
  INFO("system call " << killed.call().number);
  // Each index is one and the same moment of a life.
  if (!life.has_threads)
    REQUIRE(killed.call().number == calls.at(index).number);
  killed.CheckStore(index);
  ++counts->kills;
  if (place == KillPlace::kWithin) ++counts->part_writes;
  return true;
}

// At every `stride`-th call of a life, from `phase` on; behind it as well at
// one of `behind` of them, for what comes before the next call differs little.
void KillAlong(const Life& life, uint64_t stride, uint64_t phase,
               uint64_t behind, KillCounts* counts) {
  std::vector<StorageCall> calls;
  {
    KilledLife unharmed(life);
    calls = unharmed.RunThrough();
    unharmed.CheckStore(phase);
  }
  ++counts->lives;
  counts->calls += calls.size();
  for (uint64_t i = phase % stride; i < calls.size(); i += stride) {
    const bool is_there = KillOne(life, i, KillPlace::kBefore, calls, counts);
    // Threads may need fewer calls this time, but never many fewer.
    if (!is_there && life.has_threads) break;
    REQUIRE(is_there);
    if (life.has_threads) continue;
    if (i / stride % behind == 0) {
      REQUIRE(KillOne(life, i, KillPlace::kBehind, calls, counts));
    }
    if (calls[i].part_size == 0) continue;
    REQUIRE(KillOne(life, i, KillPlace::kWithin, calls, counts));
  }
}

void Print(const KillCounts& counts) {
  PrintCount(counts.lives, "lives of a host, killed at their system calls");
  PrintCount(counts.calls, "system calls of these lives that concern files");
  PrintCount(counts.kills, "kills at system calls");
  PrintCount(counts.part_writes, "of these kills in the middle of a write");
  std::fflush(stdout);
}

TEST_CASE("A store outlives a host killed at any call of a sample",
          "[kill][no_asan][no_tsan]") {
  TIDEMARK_TEST_SEED(seed);
  KillCounts counts;
  for (const Life& life : AllLives()) KillAlong(life, 32, seed, 4, &counts);
  Print(counts);
  REQUIRE(counts.kills >= 120);
}

TEST_CASE("A store outlives a host killed at any of its calls",
          "[kill][.slow][no_asan][no_tsan]") {
  const NightlyTime night;
  KillCounts counts;
  for (const Life& life : AllLives()) {
    const KillCounts before = counts;
    KillAlong(life, 1, 0, night.is_nightly() ? 1 : 4, &counts);
    fmt::print("{:40} {:5} calls {:5} kills\n", life.name,
               counts.calls - before.calls, counts.kills - before.kills);
  }
  Print(counts);
  REQUIRE(counts.lives >= 10);
  REQUIRE(counts.kills >= 4'000);
  REQUIRE(counts.part_writes >= 40);
}

}  // namespace
}  // namespace tidemark::test
