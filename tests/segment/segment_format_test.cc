#include "segment/segment_format.h"

#include <string>

#include "segment/format_page.h"
#include "segment/segment_fixture.h"
#include "segment/segment_trailer.h"
#include "support/catch.h"
#include "tidemark/segment.h"

// docs/format/segment.md says what the code does.
namespace tidemark::test {
namespace {

namespace header = segment_format::header;
namespace block = segment_format::index;
namespace trailer = segment_format::trailer;

SegmentHeader PageHeader() {
  SegmentHeader result;
  result.identity = {FilledId(0x11), FilledId(0x22), 3};
  result.base_offset = 41;
  for (size_t i = 0; i < 16; ++i) {
    result.segment_id.bytes[i] = static_cast<std::byte>(0x30 + i);
    result.secret[i] = static_cast<std::byte>(i);
  }
  result.incarnation = 3;
  result.create_time = 1'700'000'000'000'000;
  return result;
}

TEST_CASE("The segment of the page is what the code writes",
          "[segment][format]") {
  MemoryWorld world;
  SegmentWriter writer(*world.root, "", PageHeader());
  BatchShape shape;
  shape.incarnation = 3;
  shape.record_count = 2;
  shape.durable_end = 40;
  shape.time = 1'700'000'000'000'000;
  writer.Append(shape);
  shape.record_count = 1;
  shape.durable_end = 41;
  shape.time = 1'700'000'000'500'000;
  writer.Append(shape);
  shape.record_count = 0;
  shape.durable_end = 44;
  shape.time = 1'700'000'001'000'000;
  writer.Append(shape);
  writer.Seal(44);
  const std::string bytes = ReadWhole(*world.root, writer.file().path());
  const std::string golden = FormatPage("segment.md").Golden("segment");
  INFO(FirstDifference(bytes, golden));
  CHECK((bytes == golden));
}

TEST_CASE("The segment of the page is readable", "[segment][format]") {
  MemoryWorld world;
  const std::string name = SegmentFileName(41);
  WriteWhole(*world.root, name, FormatPage("segment.md").Golden("segment"));
  const auto segment = Segment::Open(world.env, "/store", name);
  REQUIRE_OK(segment);
  CHECK(segment->is_sealed());
  CHECK(segment->partition() == 3);
  CHECK(segment->next_offset() == 44);
  CHECK(segment->record_count() == 3);
  CHECK(segment->batch_count() == 3);
  CHECK_OK(segment->Verify());
}

TEST_CASE("The tables of the page have the places of the code",
          "[segment][format]") {
  const FormatPage page("segment.md");
  CHECK(page.HasField(header::kMagicAt, "8", "magic"));
  CHECK(page.HasField(header::kVersionAt, "4", "version"));
  CHECK(page.HasField(header::kDataPositionAt, "4", "data_position"));
  CHECK(page.HasField(header::kStoreIdAt, "16", "store_id"));
  CHECK(page.HasField(header::kTopicIdAt, "16", "topic_id"));
  CHECK(page.HasField(header::kPartitionAt, "4", "partition"));
  CHECK(page.HasField(header::kReserved1At, "4", "reserved"));
  CHECK(page.HasField(header::kBaseOffsetAt, "8", "base_offset"));
  CHECK(page.HasField(header::kSegmentIdAt, "16", "segment_id"));
  CHECK(page.HasField(header::kSecretAt, "16", "secret"));
  CHECK(page.HasField(header::kIncarnationAt, "8", "incarnation"));
  CHECK(page.HasField(header::kCreateTimeAt, "8", "create_time"));
  CHECK(page.HasField(header::kReserved2At, "8", "reserved"));
  CHECK(page.HasField(header::kChecksumAt, "8", "checksum"));
  CHECK(page.HasField(block::kMagicAt, "8", "magic"));
  CHECK(page.HasField(block::kEntryCountAt, "4", "entry_count"));
  CHECK(page.HasField(block::kEntrySizeAt, "4", "entry_size"));
  CHECK(page.HasField(block::kReservedAt, "8", "reserved"));
  CHECK(page.HasField(block::kChecksumAt, "8", "checksum"));
  CHECK(page.HasField(block::kHeadSize, "32 each", "entries"));
  CHECK(page.HasField(block::kEntryOffsetAt, "8", "base_offset"));
  CHECK(page.HasField(block::kEntryPositionAt, "8", "position"));
  CHECK(page.HasField(block::kEntryMaxTimeAt, "8", "max_time_before"));
  CHECK(page.HasField(block::kEntryRecordsAt, "8", "records_before"));
  CHECK(page.HasField(trailer::kMagicAt, "8", "magic"));
  CHECK(page.HasField(trailer::kIndexPositionAt, "8", "index_position"));
  CHECK(page.HasField(trailer::kIndexSizeAt, "8", "index_size"));
  CHECK(page.HasField(trailer::kDataEndAt, "8", "data_end"));
  CHECK(page.HasField(trailer::kBaseOffsetAt, "8", "base_offset"));
  CHECK(page.HasField(trailer::kNextOffsetAt, "8", "next_offset"));
  CHECK(page.HasField(trailer::kRecordCountAt, "8", "record_count"));
  CHECK(page.HasField(trailer::kBatchCountAt, "8", "batch_count"));
  CHECK(page.HasField(trailer::kMinTimeAt, "8", "min_time"));
  CHECK(page.HasField(trailer::kMaxTimeAt, "8", "max_time"));
  CHECK(page.HasField(trailer::kMinAppendTimeAt, "8", "min_append_time"));
  CHECK(page.HasField(trailer::kMaxAppendTimeAt, "8", "max_append_time"));
  CHECK(page.HasField(trailer::kDurableEndAt, "8", "durable_end"));
  CHECK(page.HasField(trailer::kIncarnationAt, "8", "incarnation"));
  CHECK(page.HasField(trailer::kSnapshotPositionAt, "8", "snapshot_position"));
  CHECK(page.HasField(trailer::kSnapshotSizeAt, "8", "snapshot_size"));
  CHECK(page.HasField(trailer::kSegmentIdAt, "16", "segment_id"));
  CHECK(page.HasField(trailer::kReservedAt, "8", "reserved"));
  CHECK(page.HasField(trailer::kChecksumAt, "8", "checksum"));
  CHECK(trailer::kSize == 160);
  CHECK(header::kCopyAt == 512);
}

}  // namespace
}  // namespace tidemark::test
