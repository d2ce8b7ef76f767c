#include "partition/recovery_survey.h"

#include <string>

#include "partition/recovery_fixture.h"
#include "support/catch.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

// A segment in memory, changed at will and surveyed.
struct Sample : MemoryWorld {
  Sample() {
    SegmentWriter writer(*root, "", TestHeader(0), 2000);
    writer.Append(3, 0).Append(2, 1).Append(4, 2).Append(1, 4);
    places = writer.places;
    index = std::make_unique<SegmentIndex>(writer.index());
    bytes = ReadWhole(*root, kFileA);
  }

  SegmentSurvey Survey(SurveyOptions options = {}) {
    WriteWhole(*root, kFileA, bytes);
    const auto file = root->OpenFile(kFileA, FileAccess::kReadOnly);
    options.file_size = bytes.size();
    auto survey = SurveySegment(**file, TestHeader(0), options);
    REQUIRE_OK(survey);
    return *std::move(survey);
  }
  void Flip(size_t batch, uint64_t at) {
    FlipBit(bytes, 8 * (places[batch].position + at));
  }

  std::vector<BatchPlace> places;
  std::unique_ptr<SegmentIndex> index;
  std::string bytes;
};

TEST_CASE("A whole segment is one run", "[partition]") {
  Sample sample;
  const SegmentSurvey survey = sample.Survey();
  REQUIRE(survey.runs.size() == 1);
  CHECK(survey.holes.empty());
  CHECK(survey.runs[0].from == 0);
  CHECK(survey.runs[0].position == 1024);
  CHECK(survey.runs[0].totals == sample.index->totals());
  CHECK(survey.index.entries() == sample.index->entries());
  CHECK(survey.durable_end == 4);
  CHECK_FALSE(survey.is_exhausted);
  CHECK_FALSE(survey.has_garbage_behind);
  CHECK(survey.verified_from == sample.index->totals().data_end);
  CHECK(survey.bytes_read > 0);
}

TEST_CASE("Damage splits a segment into runs", "[partition]") {
  Sample sample;
  sample.Flip(1, 20);
  const SegmentSurvey survey = sample.Survey();
  REQUIRE(survey.runs.size() == 2);
  REQUIRE(survey.holes.size() == 1);
  CHECK(survey.runs[0].to() == 3);
  CHECK(survey.runs[0].totals.record_count == 3);
  CHECK(survey.holes[0].from == 3);
  CHECK(survey.holes[0].position == sample.places[1].position);
  CHECK(survey.holes[0].size == sample.places[1].size);
  CHECK(survey.holes[0].fault == BatchFault::kChecksum);
  CHECK(survey.runs[1].from == 5);
  CHECK(survey.runs[1].position == sample.places[2].position);
  CHECK(survey.runs[1].to() == 10);
  CHECK(survey.runs[1].totals.record_count == 8);
}

TEST_CASE("Damage at the end leaves a hole without a run behind it",
          "[partition]") {
  Sample sample;
  sample.Flip(3, 20);
  const SegmentSurvey survey = sample.Survey();
  CHECK(survey.runs.size() == 1);
  REQUIRE(survey.holes.size() == 1);
  CHECK(survey.holes[0].size ==
        sample.bytes.size() - sample.places[3].position);
}

TEST_CASE("Damage at the beginning leaves an empty first run", "[partition]") {
  Sample sample;
  sample.Flip(0, 20);
  const SegmentSurvey survey = sample.Survey();
  REQUIRE(survey.runs.size() == 2);
  CHECK(survey.runs[0].totals.data_end == survey.runs[0].position);
  CHECK(survey.runs[0].totals.record_count == 0);
  CHECK(survey.runs[1].from == 3);
}

TEST_CASE("A hole is known again by its bytes", "[partition]") {
  Sample sample;
  sample.Flip(1, 20);
  const uint64_t first = sample.Survey().holes[0].fingerprint;
  CHECK(sample.Survey().holes[0].fingerprint == first);
  sample.Flip(1, 30);
  CHECK(sample.Survey().holes[0].fingerprint != first);
}

TEST_CASE("Only payloads above the offset asked for are verified",
          "[partition]") {
  Sample sample;
  sample.Flip(2, 120);
  CHECK(sample.Survey().holes.empty());
  SurveyOptions options;
  options.payloads_from = 9;
  SegmentSurvey survey = sample.Survey(options);
  CHECK(survey.holes.empty());
  CHECK(survey.verified_from == sample.places[3].position);
  options.payloads_from = 5;
  survey = sample.Survey(options);
  REQUIRE(survey.holes.size() == 1);
  CHECK(survey.holes[0].from == 5);
  CHECK(survey.holes[0].fault == BatchFault::kPayload);
}

TEST_CASE("A survey stops where the next segment begins", "[partition]") {
  Sample sample;
  SurveyOptions options;
  options.stop_offset = 5;
  SegmentSurvey survey = sample.Survey(options);
  CHECK(survey.runs[0].to() == 5);
  CHECK(survey.index.totals().data_end == sample.places[1].end());
  CHECK_FALSE(survey.has_garbage_behind);
  // What stands behind is not a hole of this segment.
  sample.Flip(2, 0);
  survey = sample.Survey(options);
  CHECK(survey.holes.empty());
  CHECK(survey.has_garbage_behind);
}

TEST_CASE("A mark at the end of a segment is seen", "[partition]") {
  MemoryWorld world;
  SegmentWriter writer(*world.root, "", TestHeader(0));
  writer.Append(3, 0).Mark(3);
  SurveyOptions options;
  options.file_size = writer.file().size();
  options.stop_offset = 3;
  const auto survey =
      SurveySegment(writer.file().file(), TestHeader(0), options);
  CHECK(survey->durable_end == 3);
}

TEST_CASE("A sealed segment ends at its data end", "[partition]") {
  MemoryWorld world;
  SegmentWriter writer(*world.root, "", TestHeader(0));
  writer.Append(3, 0).Append(2, 0).Seal(3);
  SurveyOptions options;
  options.file_size = writer.file().size();
  SurveyOptions sealed = options;
  sealed.trailer =
      ReadTrailer(writer.file().file(), TestHeader(0), writer.file().size())
          .value();
  CHECK(SurveySegment(writer.file().file(), TestHeader(0), sealed)
            ->holes.empty());
  CHECK(SurveySegment(writer.file().file(), TestHeader(0), options)
            ->holes.size() == 1);
}

TEST_CASE("A file of holes beyond counting is given up", "[partition]") {
  MemoryWorld world;
  SegmentWriter writer(*world.root, "", TestHeader(0));
  for (int i = 0; i < 2300; ++i) writer.Append(1, 0, 8);
  writer.CutReserve();
  std::string bytes = ReadWhole(*world.root, kFileA);
  for (size_t i = 1; i < writer.places.size(); i += 2) {
    FlipBit(bytes, 8 * writer.places[i].position);
  }
  WriteWhole(*world.root, kFileA, bytes);
  SurveyOptions options;
  options.file_size = bytes.size();
  const auto survey =
      SurveySegment(writer.file().file(), TestHeader(0), options);
  REQUIRE_OK(survey);
  CHECK(survey->is_exhausted);
  CHECK(survey->holes.size() <= 1100);
  CHECK(survey->holes.size() >= 1000);
}

TEST_CASE("A read error of a survey is an error", "[partition]") {
  Sample sample;
  sample.Flip(1, 20);
  sample.Survey();
  for (uint64_t skip_count = 0;; ++skip_count) {
    FaultEnv fault(sample.env);
    const auto root = *fault.OpenDirectory("/store", false);
    const auto file = root->OpenFile(kFileA, FileAccess::kReadOnly);
    Fault bad;
    bad.kind = EnvCall::kRead;
    bad.skip_count = skip_count;
    bad.is_persistent = true;
    fault.Inject(bad);
    SurveyOptions options;
    options.file_size = sample.bytes.size();
    const auto survey = SurveySegment(**file, TestHeader(0), options);
    if (fault.injected_count() == 0) {
      CHECK(skip_count >= 2);
      break;
    }
    CHECK(IsIoError(survey.status()));
  }
}

}  // namespace
}  // namespace tidemark::test
