#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "kill/tailing_reader.h"
#include "process/killed_store.h"
#include "support/catch.h"
#include "support/dice.h"
#include "support/nightly.h"
#include "support/seed.h"

// Writers killed at random times, with readers in other processes that follow
// throughout.
namespace tidemark::test {
namespace {

struct TailCounts {
  uint64_t kills = 0;
  uint64_t records_seen = 0;
};

class TailedStore {
 public:
  TailedStore(const std::string& durability, std::mt19937_64& random)
      : store_(durability, random),
        all_(store_.directory() + "/store", Visibility::kAll),
        durable_(store_.directory() + "/store", Visibility::kDurable) {}

  void RunAndKill() {
    store_.RunAndKill();
    for (TailingReader* reader : {&all_, &durable_}) reader->Take();
  }

  // I15: what a reader saw is what the log holds. Everything that one could see
  // was written, and the death of a process takes nothing that was.
  void Check(TailCounts* counts) {
    store_.Check();
    for (TailingReader* reader : {&all_, &durable_}) {
      for (PartitionNumber n = 0; n < kPartitions; ++n) {
        const NumberLog& log = store_.submissions().checked(n);
        const size_t before = reader->seen(n).size();
        reader->WaitFor(n, log.size());
        REQUIRE(reader->seen(n) == log);
        counts->records_seen += reader->seen(n).size() - before;
      }
    }
  }

 private:
  KilledStore store_;
  TailingReader all_;
  TailingReader durable_;
};

void KillUnderReaders(const std::string& durability, uint64_t kills,
                      uint64_t seed, TailCounts* counts) {
  std::mt19937_64 random(seed);
  std::unique_ptr<TailedStore> store;
  uint64_t left = 0;
  for (uint64_t kill = 0; kill < kills; ++kill) {
    INFO("kill " << kill << " with " << durability << ", seed " << seed);
    if (left-- == 0) {
      if (store != nullptr) store->Check(counts);
      store = std::make_unique<TailedStore>(durability, random);
      left = 1 + random() % 8;
    }
    store->RunAndKill();
    ++counts->kills;
    if (random() % 3 == 0) store->Check(counts);
  }
  store->Check(counts);
}

void Print(const TailCounts& counts) {
  PrintCount(counts.kills, "kills of writers at random times, with readers");
  PrintCount(counts.records_seen, "records that these readers followed");
}

// The writers and the readers are processes of their own, which
// ThreadSanitizer slows down so much that the time is better spent elsewhere.
TEST_CASE("Readers follow a store over the deaths of its writers",
          "[kill][no_tsan]") {
  TIDEMARK_TEST_SEED(seed);
  TailCounts counts;
  for (const char* durability :
       {"shared_memory", "store_file", "write_through"}) {
    KillUnderReaders(durability, 3, seed, &counts);
  }
  Print(counts);
  REQUIRE(counts.kills >= 9);
}

TEST_CASE("Readers follow stores over hundreds of deaths",
          "[kill][.slow][no_tsan]") {
  TIDEMARK_TEST_SEED(seed);
  const NightlyTime night;
  TailCounts counts;
  for (uint64_t i = 0; i == 0 || night.is_left(); ++i) {
    for (const char* durability :
         {"shared_memory", "store_file", "write_through", "default"}) {
      KillUnderReaders(durability, 60, i == 0 ? seed : Mix(seed + i), &counts);
    }
  }
  Print(counts);
  REQUIRE(counts.kills >= 240);
  REQUIRE(counts.records_seen >= 10'000);
}

}  // namespace
}  // namespace tidemark::test
