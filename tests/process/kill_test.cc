#include <memory>
#include <random>
#include <string>

#include "process/killed_store.h"
#include "support/catch.h"
#include "support/seed.h"

namespace tidemark::test {
namespace {

// Kills writers of stores that live for up to eight deaths each. A third of
// the deaths is recovered by the next writer, which may die of it.
void KillManyTimes(const std::string& durability, int kills, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::unique_ptr<KilledStore> store;
  int left = 0;
  for (int kill = 0; kill < kills; ++kill) {
    INFO("kill " << kill << " with " << durability);
    if (left-- == 0) {
      store = std::make_unique<KilledStore>(durability, random);
      left = static_cast<int>(random() % 8);
    }
    store->RunAndKill();
    if (left == 0 || random() % 3 != 0) store->Check();
  }
  store->Check();
}

// G2, G4: kProcess survives the death of the process.
TEST_CASE("A store outlives killed writers with memory that outlives them",
          "[process]") {
  TIDEMARK_TEST_SEED(seed);
  KillManyTimes("shared_memory", 8, seed);
}

TEST_CASE("A store outlives killed writers with an arena file", "[process]") {
  TIDEMARK_TEST_SEED(seed);
  KillManyTimes("store_file", 8, seed);
}

TEST_CASE("A store outlives killed writers that write through", "[process]") {
  TIDEMARK_TEST_SEED(seed);
  KillManyTimes("write_through", 8, seed);
}

TEST_CASE("A store outlives killed writers that choose nothing", "[process]") {
  TIDEMARK_TEST_SEED(seed);
  KillManyTimes("default", 8, seed);
}

TEST_CASE("Stores outlive hundreds of killed writers", "[process][.slow]") {
  TIDEMARK_TEST_SEED(seed);
  for (const char* durability :
       {"shared_memory", "store_file", "write_through", "default"}) {
    KillManyTimes(durability, 75, seed);
  }
}

}  // namespace
}  // namespace tidemark::test
