#include "model/store_model.h"

#include "support/seed.h"

namespace tidemark::test {
namespace {

void RunModels(int models, int steps, uint64_t seed) {
  for (int i = 0; i < models; ++i) {
    INFO("model " << i);
    StoreModel model(seed + static_cast<uint64_t>(i));
    for (int step = 0; step < steps; ++step) {
      INFO("step " << step);
      model.Step();
    }
    model.CheckAll();
  }
}

// G2, G4, G8: under crashes, faults, a full disk and a moving clock.
TEST_CASE("A store behaves as its model does", "[model]") {
  TIDEMARK_TEST_SEED(seed);
  RunModels(300, 200, seed);
}

TEST_CASE("A store behaves as its model does for long", "[model][.slow]") {
  TIDEMARK_TEST_SEED(seed);
  RunModels(5000, 200, seed);
}

}  // namespace
}  // namespace tidemark::test
