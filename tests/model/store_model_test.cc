#include "model/store_model.h"

#include <chrono>

#include "support/nightly.h"
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

// Calm days with a storm between them. Returns the steps that were made.
uint64_t RunDays(uint64_t seed) {
  constexpr int kDays = 20;
  constexpr int kStorm = 8;
  constexpr int kCalm = 600;
  INFO("days of seed " << seed);
  StoreModel model(seed);
  for (int day = 0; day < kDays; ++day) {
    for (int step = 0; step < kStorm; ++step) model.Step();
    for (int step = 0; step < kCalm; ++step) model.CalmStep();
  }
  model.CheckAll();
  return kDays * (kStorm + kCalm);
}

TEST_CASE("A store behaves as its model does for long", "[model][.slow]") {
  TIDEMARK_TEST_SEED(seed);
  constexpr uint64_t kStepsMin = 5'000'000;
  const NightlyTime time;
  const auto start = std::chrono::steady_clock::now();
  RunModels(500, 200, seed);
  uint64_t steps = 500 * 200;
  for (uint64_t next = seed; steps < kStepsMin || time.is_left(); ++next) {
    steps += RunDays(next);
  }
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  PrintCount(steps, "operations");
  PrintCount(
      static_cast<uint64_t>(60.0 * static_cast<double>(steps) / took.count()),
      "operations per minute");
}

}  // namespace
}  // namespace tidemark::test
