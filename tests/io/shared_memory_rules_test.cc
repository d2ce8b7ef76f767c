#include "io/shared_memory_rules.h"

#include "support/catch.h"
#include "support/status_matchers.h"

namespace tidemark {
namespace {

constexpr auto kInvalidRange = absl::StatusCode::kInvalidArgument;
constexpr uint64_t kBlock = kSharedMemoryBlock;

TEST_CASE("A reserve is made of whole blocks, at least one", "[io]") {
  CHECK_OK(CheckSharedMemoryOptions({kBlock}));
  CHECK_OK(CheckSharedMemoryOptions({100 * kBlock}));
  CHECK_STATUS(kInvalidRange, CheckSharedMemoryOptions({}));
  CHECK_STATUS(kInvalidRange, CheckSharedMemoryOptions({kBlock + 1}));
}

TEST_CASE("A range is made of whole blocks within the limit", "[io]") {
  CHECK_OK(CheckSharedMemoryRange(0, kBlock, kBlock, "a"));
  CHECK_OK(CheckSharedMemoryRange(kBlock, kBlock, 2 * kBlock, "a"));
  CHECK_STATUS(kInvalidRange, CheckSharedMemoryRange(0, 0, kBlock, "a"));
  CHECK_STATUS(kInvalidRange,
               CheckSharedMemoryRange(1, kBlock, 9 * kBlock, "a"));
  CHECK_STATUS(kInvalidRange, CheckSharedMemoryRange(0, 1, kBlock, "a"));
  CHECK_STATUS(kInvalidRange,
               CheckSharedMemoryRange(kBlock, kBlock, kBlock, "a"));
}

TEST_CASE("A range whose end overflows is refused", "[io]") {
  const uint64_t last = ~uint64_t{0} & ~(kBlock - 1);
  CHECK_STATUS(kInvalidRange,
               CheckSharedMemoryRange(last, last, 9 * kBlock, "a"));
  CHECK_STATUS(kInvalidRange,
               CheckSharedMemoryRange(last, 2 * kBlock, last, "a"));
}

TEST_CASE("Growth goes upwards within the reserve", "[io]") {
  CHECK_OK(CheckSharedMemoryGrowth(0, kBlock, kBlock, "a"));
  CHECK_STATUS(kInvalidRange, CheckSharedMemoryGrowth(kBlock, 0, kBlock, "a"));
  CHECK_STATUS(kInvalidRange,
               CheckSharedMemoryGrowth(kBlock, 2 * kBlock, kBlock, "a"));
}

}  // namespace
}  // namespace tidemark
