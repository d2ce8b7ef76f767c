#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "rot/campaign.h"
#include "rot/golden_stores.h"
#include "support/catch.h"
#include "support/nightly.h"
#include "support/seed.h"

// Every way to damage the files of small stores: nothing is ever wrong or left
// out in silence, everything else stays readable, and `tidemark verify` names
// the place.
namespace tidemark::test {
namespace {

// The stores of the tests that are counted are the same each time.
constexpr uint64_t kStoresSeed = 1000;

uint64_t Count(const CampaignCounts& counts, DamageKind kind) {
  return counts.damages[static_cast<size_t>(kind)];
}

void Print(const CampaignCounts& counts) {
  for (size_t i = 0; i < kDamageKinds; ++i) {
    PrintCount(counts.damages[i], DamageName(static_cast<DamageKind>(i)));
  }
  PrintCount(counts.total(), "damages");
  PrintCount(counts.silent, "silent");
  PrintCount(counts.broken, "promises broken");
  PrintCount(counts.tally.harmless, "damages that cost no record");
  PrintCount(counts.tally.lost, "damages of which readers were told");
  PrintCount(counts.tally.refused, "damages that kept something from opening");
  PrintCount(counts.tally.cut, "torn tails cut, with a report");
  PrintCount(counts.tally.traceless, "tails that left no trace");
  PrintCount(counts.tally.emptied, "logs whose files are all another's");
  PrintCount(counts.tally.verified, "damages looked at by verify");
  PrintCount(counts.tally.found, "of them named");
  PrintCount(counts.tally.used, "damaged stores appended to and reopened");
  std::fflush(stdout);
}

void RequireAllKept(const CampaignCounts& counts) {
  std::string text;
  for (const std::string& what : counts.first) text += what + "\n";
  INFO(text);
  CHECK(counts.silent == 0);
  REQUIRE(counts.broken == 0);
}

uint64_t SizeOf(const std::vector<GoldenStore>& stores) {
  return std::accumulate(stores.begin(), stores.end(), uint64_t{0},
                         [](uint64_t sum, const GoldenStore& store) {
                           return sum + store.size();
                         });
}

TEST_CASE("The stores that are damaged hold all there is", "[rot]") {
  const std::vector<GoldenStore> stores = MakeGoldenStores(kStoresSeed);
  REQUIRE(stores.size() >= 8);
  size_t sealed = 0, tails = 0, marks = 0, cursors = 0, records = 0;
  for (const GoldenStore& store : stores) {
    INFO(store.name);
    PrintCount(store.size(), "bytes in the store '" + store.name + "'");
    CHECK(store.size() >= 8 << 10);
    CHECK(store.size() <= 64 << 10);
    CHECK_FALSE(store.earlier.empty());
    cursors += store.cursors.size();
    for (const auto& [place, log] : store.partitions) {
      records += static_cast<size_t>(log.end - log.start);
      for (const GoldenSegment& segment : log.segments) {
        ++(segment.is_sealed ? sealed : tails);
        marks += static_cast<size_t>(std::count_if(
            segment.batches.begin(), segment.batches.end(),
            [](const GoldenBatch& batch) { return batch.from == batch.to; }));
      }
    }
  }
  PrintCount(stores.size(), "stores");
  PrintCount(records, "records in them");
  CHECK(sealed >= 10);
  CHECK(tails >= 2);
  CHECK(marks >= 2);
  CHECK(cursors >= 3);
  CHECK(records >= 250);
  const auto closed =
      std::count_if(stores.begin(), stores.end(),
                    [](const GoldenStore& store) { return store.is_closed; });
  CHECK(closed >= 4);
  CHECK(stores.size() - static_cast<size_t>(closed) >= 2);
}

TEST_CASE("A golden store has the same bytes each time", "[rot]") {
  const std::vector<GoldenStore> first = MakeGoldenStores(kStoresSeed);
  const std::vector<GoldenStore> second = MakeGoldenStores(kStoresSeed);
  for (size_t i = 0; i < first.size(); ++i) {
    INFO(first[i].name);
    CHECK((first[i].files == second[i].files));
  }
}

TEST_CASE("No damage of a sample is silent", "[rot]") {
  // G5
  TIDEMARK_TEST_SEED(seed);
  const std::vector<GoldenStore> stores = MakeGoldenStores(kStoresSeed);
  const CampaignOptions options{.one_in = {200, 100, 100, 50, 10, 10, 1},
                                .full_one_in = 1,
                                .use_one_in = 4,
                                .seed = seed};
  const CampaignCounts counts = RunCampaign(stores, options);
  Print(counts);
  RequireAllKept(counts);
  CHECK(Count(counts, DamageKind::kBit) > 8'000);
  CHECK(counts.total() > 12'000);
}

// Damages of stores of other seeds, a sample each, until the time is over.
void GoOn(const NightlyTime& time, uint64_t seed) {
  CampaignCounts total;
  while (time.is_left()) {
    INFO("the stores have the seed " << seed);
    const CampaignOptions options{.one_in = {16, 4, 4, 4, 1, 1, 1},
                                  .full_one_in = 1,
                                  .use_one_in = 8,
                                  .seed = seed};
    total.Add(RunCampaign(MakeGoldenStores(seed), options));
    RequireAllKept(total);
    ++seed;
  }
  PrintCount(total.total(), "damages of stores of other seeds");
}

TEST_CASE("No damage is silent", "[rot][.slow]") {
  // G5
  const NightlyTime time;
  TIDEMARK_TEST_SEED(seed);
  const std::vector<GoldenStore> stores = MakeGoldenStores(kStoresSeed);
  const CampaignOptions options{
      .one_in = {1, 1, 1, 1, 1, 1, 1},
      .full_one_in = time.is_nightly() ? uint64_t{1} : uint64_t{8},
      .use_one_in = 8,
      .seed = seed};
  const CampaignCounts counts = RunCampaign(stores, options);
  Print(counts);
  RequireAllKept(counts);
  const uint64_t size = SizeOf(stores);
  CHECK(size >= 8 * (16 << 10));
  CHECK(Count(counts, DamageKind::kBit) == 8 * size);
  CHECK(Count(counts, DamageKind::kByte) >= size);
  CHECK(Count(counts, DamageKind::kLength) == size);
  CHECK(Count(counts, DamageKind::kSector) >= 5'000);
  CHECK(Count(counts, DamageKind::kFile) >= 300);
  CHECK(Count(counts, DamageKind::kName) >= 150);
  CHECK(counts.tally.verified >= size);
  CHECK(counts.tally.used >= 20'000);
  GoOn(time, seed);
}

}  // namespace
}  // namespace tidemark::test
