#include "partition/block_allocator.h"

#include <iterator>
#include <map>
#include <random>
#include <vector>

#include "support/catch.h"
#include "support/seed.h"

namespace tidemark {
namespace {

TEST_CASE("A slab is given out whole, split and joined again", "[partition]") {
  BlockAllocator blocks(/*slab_order=*/3, /*slab_count_max=*/2);
  CHECK_FALSE(blocks.Allocate(0).has_value());
  blocks.AddSlab(1);
  CHECK(blocks.IsWhollyFree(1));
  CHECK(blocks.Allocate(3) == 8u);
  CHECK_FALSE(blocks.Allocate(0).has_value());
  blocks.Free(8, 3);
  const auto first = blocks.Allocate(0);
  const auto second = blocks.Allocate(1);
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK(*second % 2 == 0);
  CHECK_FALSE(blocks.IsWhollyFree(1));
  blocks.Free(*first, 0);
  blocks.Free(*second, 1);
  CHECK(blocks.IsWhollyFree(1));
  blocks.RemoveSlab(1);
  CHECK_FALSE(blocks.Allocate(0).has_value());
}

TEST_CASE("Runs never overlap and all come back", "[partition]") {
  TIDEMARK_TEST_SEED(seed);
  std::mt19937_64 random(seed);
  BlockAllocator blocks(/*slab_order=*/6, /*slab_count_max=*/4);
  for (uint32_t slab = 0; slab < 4; ++slab) blocks.AddSlab(slab);
  std::map<uint32_t, uint32_t> held;  // first block -> order
  std::vector<bool> is_used(256, false);
  for (int step = 0; step < 20000; ++step) {
    if (random() % 2 == 0) {
      const uint32_t order = random() % 7;
      const auto block = blocks.Allocate(order);
      if (!block.has_value()) continue;
      CHECK(*block % (1u << order) == 0);
      for (uint32_t i = *block; i < *block + (1u << order); ++i) {
        REQUIRE_FALSE(is_used[i]);
        is_used[i] = true;
      }
      held.emplace(*block, order);
    } else if (!held.empty()) {
      auto run = held.begin();
      std::advance(run, random() % held.size());
      for (uint32_t i = run->first; i < run->first + (1u << run->second); ++i) {
        is_used[i] = false;
      }
      blocks.Free(run->first, run->second);
      held.erase(run);
    }
  }
  for (const auto& [block, order] : held) blocks.Free(block, order);
  for (uint32_t slab = 0; slab < 4; ++slab) CHECK(blocks.IsWhollyFree(slab));
}

}  // namespace
}  // namespace tidemark
