#ifndef TIDEMARK_LIB_SEGMENT_SEGMENT_FORMAT_H_
#define TIDEMARK_LIB_SEGMENT_SEGMENT_FORMAT_H_

#include <cstddef>
#include <cstdint>

// The bytes of a segment file around its batches; docs/format/segment.md is the
// page for people.
//
//   +--------+--------+-----------+-------------+-------+---------+
//   | header | header | batch ... | index block | (gap) | trailer |
//   |        |  copy  |           |             |       |         |
//   +--------+--------+-----------+-------------+-------+---------+
//   0       512  data position  data end                 end of file
//
// An unsealed segment has nothing behind its batches but zeros.
namespace tidemark {
inline namespace v0 {
namespace segment_format {

constexpr uint32_t kVersion = 1;

// Where the first batch begins: behind the header and its copy, or at the next
// page, for media that may damage a page that they rewrite.
constexpr uint32_t kDataPosition = 1024;
constexpr uint32_t kPaddedDataPosition = 4096;

// A file beyond this size is not read.
constexpr uint64_t kSegmentSizeCap = uint64_t{64} << 30;

// Header, twice.
namespace header {
constexpr uint64_t kMagic = 0x31544d4745534d54;  // "TMSEGMT1" in the file
constexpr size_t kMagicAt = 0;
constexpr size_t kVersionAt = 8;
constexpr size_t kDataPositionAt = 12;
constexpr size_t kStoreIdAt = 16;
constexpr size_t kTopicIdAt = 32;
constexpr size_t kPartitionAt = 48;
constexpr size_t kReserved1At = 52;  // 4 bytes
constexpr size_t kBaseOffsetAt = 56;
constexpr size_t kSegmentIdAt = 64;
constexpr size_t kSecretAt = 80;
constexpr size_t kIncarnationAt = 96;
constexpr size_t kCreateTimeAt = 104;
constexpr size_t kReserved2At = 112;  // 8 bytes
constexpr size_t kChecksumAt = 120;
constexpr size_t kSize = 128;
constexpr uint64_t kCopyAt = 512;  // another sector than the first

static_assert(kChecksumAt + 8 == kSize);
static_assert(kSize <= kCopyAt && kCopyAt + kSize <= kDataPosition);
static_assert(kDataPosition % 8 == 0 && kPaddedDataPosition % 4096 == 0);
}  // namespace header

// Index block: a head, then entries.
namespace index {
constexpr uint64_t kMagic = 0x3158444e49474d54;  // "TMGINDX1" in the file
constexpr size_t kMagicAt = 0;
constexpr size_t kEntryCountAt = 8;
constexpr size_t kEntrySizeAt = 12;
constexpr size_t kReservedAt = 16;  // 8 bytes
constexpr size_t kChecksumAt = 24;
constexpr size_t kHeadSize = 32;

// One entry, relative to its start.
constexpr size_t kEntryOffsetAt = 0;
constexpr size_t kEntryPositionAt = 8;
constexpr size_t kEntryMaxTimeAt = 16;
constexpr size_t kEntryRecordsAt = 24;
constexpr size_t kEntrySize = 32;

// Entries stand at least this far apart in the file.
constexpr uint64_t kInterval = 64 * 1024;

static_assert(kChecksumAt + 8 == kHeadSize);
static_assert(kHeadSize % 8 == 0 && kEntrySize % 8 == 0);
}  // namespace index

// Trailer, the last bytes of a sealed file.
namespace trailer {
constexpr uint64_t kMagic = 0x314c494152544d54;  // "TMTRAIL1" in the file
constexpr size_t kMagicAt = 0;
constexpr size_t kIndexPositionAt = 8;
constexpr size_t kIndexSizeAt = 16;
constexpr size_t kDataEndAt = 24;
constexpr size_t kBaseOffsetAt = 32;
constexpr size_t kNextOffsetAt = 40;
constexpr size_t kRecordCountAt = 48;
constexpr size_t kBatchCountAt = 56;
constexpr size_t kMinTimeAt = 64;
constexpr size_t kMaxTimeAt = 72;
constexpr size_t kMinAppendTimeAt = 80;
constexpr size_t kMaxAppendTimeAt = 88;
constexpr size_t kDurableEndAt = 96;
constexpr size_t kIncarnationAt = 104;
constexpr size_t kSnapshotPositionAt = 112;
constexpr size_t kSnapshotSizeAt = 120;
constexpr size_t kSegmentIdAt = 128;
constexpr size_t kReservedAt = 144;  // 8 bytes
constexpr size_t kChecksumAt = 152;
constexpr size_t kSize = 160;

static_assert(kChecksumAt + 8 == kSize);
static_assert(kSize % 8 == 0);
}  // namespace trailer

}  // namespace segment_format
}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_SEGMENT_SEGMENT_FORMAT_H_
