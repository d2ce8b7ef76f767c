#include "fuzz/corpus.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/bytes.h"
#include "fmt/core.h"
#include "fuzz/fuzz_target.h"
#include "support/catch.h"

namespace tidemark::test {
namespace {

constexpr std::array kAllTargets = {
    &kApiTarget,       &kBatchTarget, &kCodecTarget,
    &kDirectoryTarget, &kIndexTarget, &kNamesTarget,
    &kSegmentTarget,   &kStateTarget, &kTreeTarget};

// What the corpora of a target must at least lead to.
struct Floor {
  uint64_t inputs;
  uint64_t accepted;
  uint64_t records;
};

void Replay(const FuzzTarget& target, const Floor& floor) {
  uint64_t inputs = 0;
  FuzzCounts counts;
  for (const std::filesystem::path& path : CorpusOf(target)) {
    INFO(path.string());
    const std::string bytes = ReadInput(path);
    RunBounded(target, AsBytes(bytes), &counts);
    ++inputs;
  }
  fmt::print("count: {} inputs of {}, {} accepted, {} records\n", inputs,
             target.name, counts.accepted, counts.records);
  CHECK(inputs >= floor.inputs);
  CHECK(counts.accepted >= floor.accepted);
  CHECK(counts.records >= floor.records);
}

TEST_CASE("The corpus of api is replayed", "[fuzz]") {
  Replay(kApiTarget, {10, 200, 0});
}
TEST_CASE("The corpus of batch is replayed", "[fuzz]") {
  Replay(kBatchTarget, {7, 7, 50});
}
TEST_CASE("The corpus of codec is replayed", "[fuzz]") {
  Replay(kCodecTarget, {10, 10, 0});
}
TEST_CASE("The corpus of directory is replayed", "[fuzz]") {
  Replay(kDirectoryTarget, {27, 45, 250});
}
TEST_CASE("The corpus of index is replayed", "[fuzz]") {
  Replay(kIndexTarget, {7, 5, 45});
}
TEST_CASE("The corpus of names is replayed", "[fuzz]") {
  Replay(kNamesTarget, {21, 5, 0});
}
TEST_CASE("The corpus of segment is replayed", "[fuzz]") {
  Replay(kSegmentTarget, {28, 140, 120});
}
TEST_CASE("The corpus of state is replayed", "[fuzz]") {
  Replay(kStateTarget, {26, 70, 14});
}
TEST_CASE("The corpus of tree is replayed", "[fuzz]") {
  Replay(kTreeTarget, {23, 33, 200});
}

// TIDEMARK_FUZZ_INPUT is a file, and its name begins with that of the target.
TEST_CASE("One input is replayed", "[.input]") {
  const char* const path = std::getenv("TIDEMARK_FUZZ_INPUT");
  REQUIRE(path != nullptr);
  const std::string name = std::filesystem::path(path).filename();
  const std::string bytes = ReadInput(path);
  uint64_t runs = 0;
  for (const FuzzTarget* target : kAllTargets) {
    if (!name.starts_with(std::string(target->name) + "-")) continue;
    FuzzCounts counts;
    RunBounded(*target, AsBytes(bytes), &counts);
    ++runs;
  }
  CHECK(runs == 1);
}

}  // namespace
}  // namespace tidemark::test
