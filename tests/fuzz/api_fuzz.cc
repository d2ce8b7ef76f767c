#include "base/bytes.h"
#include "fuzz/fuzz_target.h"
#include "model/store_model.h"
#include "support/dice.h"

// F8: sequences of operations with faults, crashes and losses of power, beside
// a model of what the store should be. The bytes of an input are the decisions.
namespace tidemark::test {
namespace {

// Each operation may open the store again.
constexpr int kStepsMax = 60;

void RunApi(ByteSpan input, FuzzCounts* counts) {
  StoreModel model{Dice(input), /*machine_seed=*/1};
  for (int step = 0; step < kStepsMax && !model.is_spent(); ++step) {
    model.Step();
    ++counts->accepted;
  }
  model.CheckAll();
}

}  // namespace

const FuzzTarget kApiTarget = {"api", &RunApi};

}  // namespace tidemark::test
