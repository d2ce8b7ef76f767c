#include "partition/log_segments.h"

#include "partition/log_fixture.h"

namespace tidemark::test {
namespace {

TEST_CASE("Offsets are found in the segment and the range that hold them",
          "[partition]") {
  MemoryEnv env;
  SegmentList list;
  for (const Offset base : {0, 100, 250}) {
    REQUIRE_OK_AND_ASSIGN(const SegmentHeader header,
                          NewSegmentHeader(env, {}, base, 1, 0));
    list.segments.push_back(
        std::make_shared<LogSegment>("t", header, SegmentIndex(header)));
  }
  CHECK(list.Find(-1) == nullptr);
  CHECK(list.Find(0) == list.segments[0]);
  CHECK(list.Find(99) == list.segments[0]);
  CHECK(list.Find(100) == list.segments[1]);
  CHECK(list.Find(1000) == list.segments[2]);
  CHECK(list.Bound(*list.segments[0]) == 100);
  CHECK(list.Bound(*list.segments[2]) == std::numeric_limits<Offset>::max());
  DamagedRange range;
  range.from = 10;
  range.to = 20;
  list.damage.push_back(range);
  CHECK(list.FindDamage(9) == nullptr);
  CHECK(list.FindDamage(10) == &list.damage[0]);
  CHECK(list.FindDamage(20) == nullptr);
}

TEST_CASE("The extent of a segment grows with its batches", "[partition]") {
  MemoryEnv env;
  REQUIRE_OK_AND_ASSIGN(const SegmentHeader header,
                        NewSegmentHeader(env, {}, 5, 1, 0));
  LogSegment segment("t", header, SegmentIndex(header));
  CHECK(segment.next_offset() == 5);
  CHECK(segment.min_append_time() == kNoTime);
  BatchHeader batch;
  batch.base_offset = 5;
  batch.offset_span = 10;
  batch.size = 256;
  batch.append_time = 77;
  batch.max_time = 99;
  segment.Add(batch, header.data_position);
  CHECK(segment.next_offset() == 15);
  CHECK(segment.readable_end() == header.data_position + 256);
  CHECK(segment.max_time() == 99);
  CHECK(segment.min_append_time() == 77);
  segment.MarkSealed(4096);
  CHECK(segment.is_sealed());
  CHECK(segment.file_size() == 4096);
}

}  // namespace
}  // namespace tidemark::test
