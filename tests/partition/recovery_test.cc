#include "partition/recovery.h"

#include <algorithm>
#include <string>
#include <vector>

#include "partition/recovery_fixture.h"
#include "support/catch.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;

// Recovers `image` in a world of its own.
struct Outcome {
  explicit Outcome(const FileImage& image, RecoveryOptions options = {})
      : world(image) {
    auto recovered = world.Recover(std::move(options));
    REQUIRE_OK(recovered);
    log = *std::move(recovered);
    offsets = ReadOffsets(*world.root, log);
    after = ReadImage(*world.root);
  }

  PartitionWorld world;
  RecoveredPartition log;
  std::vector<Offset> offsets;  // readable
  FileImage after;
};

TEST_CASE("A new partition is empty and gets its META", "[partition]") {
  const Outcome outcome(FileImage{});
  CHECK(outcome.log.start == 0);
  CHECK(outcome.log.end == 0);
  CHECK(outcome.log.segments.empty());
  CHECK_FALSE(outcome.log.is_last_appendable);
  CHECK(outcome.log.meta->meta() == PartitionMeta{});
  CHECK(outcome.log.meta->state() == MetaState::kValid);
}

TEST_CASE("A whole log is recovered as it is", "[partition]") {
  const SampleLog sample;
  const Outcome outcome(sample.image);
  const RecoveredPartition& log = outcome.log;
  CHECK(log.start == 0);
  CHECK(log.end == 23);
  CHECK(log.durable == 23);
  CHECK(log.damage.empty());
  CHECK(outcome.offsets == Range(0, 23));
  REQUIRE(log.segments.size() == 3);
  CHECK(log.segments[0].is_sealed);
  CHECK(log.segments[0].next_offset() == 9);
  CHECK(log.segments[1].is_sealed);
  CHECK(log.segments[1].next_offset() == 15);
  CHECK_FALSE(log.segments[2].is_sealed);
  CHECK(log.segments[2].next_offset() == 23);
  CHECK(log.segments[2].data_end() == sample.places.at(kFileC).back().end());
  CHECK(log.is_last_appendable);
  REQUIRE(log.last_index.has_value());
  CHECK(log.last_index->totals() == log.segments[2].totals);
  CHECK(log.last_index->totals().record_count == 8);
  CHECK(log.report.recorded_durable_end == 17);
  CHECK_FALSE(log.report.is_clean);
  CHECK_FALSE(log.report.cut.has_value());
  CHECK(log.report.topic == "topic");
  CHECK(log.report.partition == 7);
  CHECK(log.report.bytes_scanned > 0);
  CHECK(outcome.after == sample.image);
}

// What must hold after any damage to the sample (I1, I2, I6, I7).
void CheckDamaged(const SampleLog& sample, const Outcome& outcome,
                  const std::vector<Offset>& touched) {
  const RecoveredPartition& log = outcome.log;
  CHECK(log.durable == log.end);
  for (Offset offset = 0; offset < SampleLog::kMark; ++offset) {
    const bool is_read = std::binary_search(outcome.offsets.begin(),
                                            outcome.offsets.end(), offset);
    const bool is_touched =
        std::find(touched.begin(), touched.end(), offset) != touched.end();
    if (!is_touched && !is_read) FAIL("offset " << offset << " is gone");
    // A payload below the mark is found out by its reader.
  }
  CHECK(log.end >= SampleLog::kMark);
  CHECK(outcome.after.at(kFileA) == outcome.world.before.at(kFileA));
  CHECK(outcome.after.at(kFileB) == outcome.world.before.at(kFileB));
  (void)sample;
}

}  // namespace
}  // namespace tidemark::test
