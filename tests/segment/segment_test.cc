#include "tidemark/segment.h"

#include <string>
#include <vector>

#include "segment/segment_fixture.h"
#include "segment/segment_snapshot.h"
#include "support/catch.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

const std::string kDirectory = "topics";
const std::string kFile = "topics/00000000000000000042.log";

struct SegmentSample : MemoryWorld {
  explicit SegmentSample(bool is_sealed) {
    REQUIRE_OK(root->CreateDirectory(kDirectory));
    SegmentWriter writer(*root, kDirectory, TestHeader(42), 3000);
    writer.Append(3, 42).Mark(45).Append(4, 45);
    if (is_sealed) writer.Seal(45);
    writer.Sync();
    places = writer.places;
  }

  absl::StatusOr<Segment> Open(const std::string& file = kFile) {
    return Segment::Open(env, "/store", file);
  }

  void Change(uint64_t position) {
    std::string bytes = ReadWhole(*root, kFile);
    bytes[position] ^= 1;
    WriteWhole(*root, kFile, bytes);
  }

  std::vector<BatchPlace> places;
};

TEST_CASE("An inspector shows what a segment holds", "[segment]") {
  for (const bool is_sealed : {false, true}) {
    SegmentSample sample(is_sealed);
    const auto segment = sample.Open();
    REQUIRE_OK(segment);
    CHECK(segment->file() == kFile);
    CHECK(segment->id() == "3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a");
    CHECK(segment->partition() == 7);
    CHECK(segment->incarnation() == 1);
    CHECK(segment->create_time() == absl::FromUnixSeconds(1'700'000'000));
    CHECK(segment->base_offset() == 42);
    CHECK(segment->next_offset() == 49);
    CHECK(segment->record_count() == 7);
    CHECK(segment->batch_count() == 3);
    CHECK(segment->min_time() == absl::FromUnixSeconds(42));
    CHECK(segment->max_time() ==
          absl::FromUnixSeconds(45) + absl::Microseconds(3));
    CHECK(segment->is_sealed() == is_sealed);
    CHECK(segment->data_end() == sample.places[2].end());
    CHECK(segment->size() ==
          (is_sealed ? sample.places[2].end() + 64 + 160 : 3000));
    CHECK_OK(segment->Verify());
  }
}

TEST_CASE("A segment without records has no times", "[segment]") {
  MemoryWorld world;
  SegmentWriter writer(*world.root, "", TestHeader(42));
  const auto segment = Segment::Open(world.env, "/store", SegmentFileName(42));
  REQUIRE_OK(segment);
  CHECK_FALSE(segment->min_time().has_value());
  CHECK_FALSE(segment->max_time().has_value());
  CHECK(segment->record_count() == 0);
  CHECK_OK(segment->Verify());
}

TEST_CASE("An inspector visits every batch in order", "[segment]") {
  SegmentSample sample(true);
  const auto segment = sample.Open();
  REQUIRE_OK(segment);
  std::vector<BatchInfo> seen;
  REQUIRE_OK(segment->ForEachBatch([&seen](const BatchInfo& batch) {
    seen.push_back(batch);
    return true;
  }));
  REQUIRE(seen.size() == 3);
  for (size_t i = 0; i < seen.size(); ++i) {
    CHECK(seen[i].position == sample.places[i].position);
    CHECK(seen[i].size == sample.places[i].size);
    CHECK(seen[i].base_offset == sample.places[i].base_offset);
    CHECK(seen[i].next_offset == sample.places[i].next_offset);
    CHECK(seen[i].incarnation == 1);
    CHECK(seen[i].codec == 0);
  }
  CHECK(seen[0].record_count == 3);
  CHECK(seen[0].payload_size == seen[0].plain_size);
  CHECK(seen[0].payload_checksum != 0);
  CHECK(seen[0].base_time == absl::FromUnixSeconds(42));
  CHECK(seen[0].max_time == absl::FromUnixSeconds(42) + absl::Microseconds(2));
  CHECK(seen[0].append_time == absl::FromUnixSeconds(42));
  CHECK_FALSE(seen[0].is_mark);
  CHECK(seen[1].is_mark);
  CHECK(seen[1].durable_end == 45);
}

TEST_CASE("A visitor can stop", "[segment]") {
  SegmentSample sample(true);
  int count = 0;
  REQUIRE_OK(sample.Open()->ForEachBatch([&count](const BatchInfo&) {
    ++count;
    return false;
  }));
  CHECK(count == 1);
}

TEST_CASE("A visitor sees the batches before the damage", "[segment]") {
  SegmentSample sample(true);
  sample.Change(sample.places[2].position);
  int count = 0;
  const absl::Status status =
      sample.Open()->ForEachBatch([&count](const BatchInfo&) {
        ++count;
        return true;
      });
  CHECK(IsDamaged(status));
  CHECK(DamagedGap(status)->from == 45);
  CHECK(DamagedGap(status)->to == 49);
  CHECK(count == 2);
}

TEST_CASE("A damaged batch fails the verification", "[segment]") {
  for (const bool is_sealed : {false, true}) {
    SegmentSample sample(is_sealed);
    sample.Change(sample.places[0].position + 100);
    CHECK(IsDamaged(sample.Open()->Verify()));
  }
}

TEST_CASE("A damaged trailer fails the verification", "[segment]") {
  SegmentSample sample(true);
  sample.Change(ReadWhole(*sample.root, kFile).size() - 1);
  const auto segment = sample.Open();
  REQUIRE_OK(segment);
  CHECK_FALSE(segment->is_sealed());
  CHECK(segment->next_offset() == 49);
  CHECK(IsDamaged(segment->Verify()));
}

TEST_CASE("A segment without a header is not opened", "[segment]") {
  SegmentSample sample(true);
  sample.Change(20);
  CHECK_OK(sample.Open());
  sample.Change(532);
  CHECK(IsDamaged(sample.Open().status()));
}

TEST_CASE("Only a segment's name is opened", "[segment]") {
  SegmentSample sample(true);
  CHECK_STATUS(absl::StatusCode::kInvalidArgument, sample.Open("META"));
  CHECK_STATUS(absl::StatusCode::kInvalidArgument, sample.Open(""));
  CHECK_STATUS(absl::StatusCode::kInvalidArgument,
               sample.Open("00000000000000000042.log/"));
  CHECK_STATUS(absl::StatusCode::kNotFound,
               sample.Open("topics/00000000000000000043.log"));
}

TEST_CASE("A header under another name is not opened", "[segment]") {
  SegmentSample sample(true);
  const std::string other = "topics/00000000000000000043.log";
  WriteWhole(*sample.root, other, ReadWhole(*sample.root, kFile));
  CHECK(IsDamaged(sample.Open(other).status()));
}

TEST_CASE("An inspector outlives the file and says that it is gone",
          "[segment]") {
  SegmentSample sample(true);
  const auto segment = sample.Open();
  REQUIRE_OK(sample.root->RemoveFile(kFile));
  CHECK(segment->next_offset() == 49);
  CHECK_STATUS(absl::StatusCode::kNotFound, segment->Verify());
  CHECK_STATUS(absl::StatusCode::kNotFound,
               segment->ForEachBatch([](const BatchInfo&) { return true; }));
}

TEST_CASE("Copies of an inspector share one snapshot", "[segment]") {
  auto snapshot = std::make_shared<SegmentSnapshot>();
  snapshot->file = "a";
  const Segment segment(snapshot);
  const Segment copy = segment;
  CHECK(&copy.file() == &segment.file());
}

}  // namespace
}  // namespace tidemark::test
