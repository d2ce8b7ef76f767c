#include "segment/tail_verdict.h"

#include "support/catch.h"

namespace tidemark {
namespace {

TEST_CASE("A log that reaches the mark and ends well is whole", "[segment]") {
  CHECK(JudgeTail({.recorded = 10, .contiguous = 10}) == TailVerdict::kWhole);
  CHECK(JudgeTail({.recorded = 10, .contiguous = 15}) == TailVerdict::kWhole);
}

TEST_CASE("Damage at or above the mark is a torn tail", "[segment]") {
  CHECK(JudgeTail({.recorded = 10, .contiguous = 10, .is_broken = true}) ==
        TailVerdict::kTorn);
  CHECK(JudgeTail({.recorded = 10, .contiguous = 11, .is_broken = true}) ==
        TailVerdict::kTorn);
}

TEST_CASE("Damage below the mark is rot", "[segment]") {
  CHECK(JudgeTail({.recorded = 10, .contiguous = 9, .is_broken = true}) ==
        TailVerdict::kRot);
}

TEST_CASE("A log that ends below the mark has lost records", "[segment]") {
  CHECK(JudgeTail({.recorded = 10, .contiguous = 9}) == TailVerdict::kRot);
}

TEST_CASE("What is below the start cannot be lost", "[segment]") {
  CHECK(JudgeTail({.start = 10, .recorded = 10, .contiguous = 4}) ==
        TailVerdict::kWhole);
  CHECK(
      JudgeTail(
          {.start = 10, .recorded = 10, .contiguous = 4, .is_broken = true}) ==
      TailVerdict::kTorn);
  CHECK(JudgeTail({.start = 10, .recorded = 11, .contiguous = 4}) ==
        TailVerdict::kRot);
}

TEST_CASE("Incomplete evidence never leads to a cut", "[segment]") {
  CHECK(JudgeTail({.recorded = 10,
                   .contiguous = 12,
                   .is_broken = true,
                   .is_incomplete = true}) == TailVerdict::kRot);
  CHECK(JudgeTail({.recorded = 10, .contiguous = 12, .is_incomplete = true}) ==
        TailVerdict::kWhole);
}

}  // namespace
}  // namespace tidemark
