#ifndef TIDEMARK_LIB_STORE_TOPIC_FORMAT_H_
#define TIDEMARK_LIB_STORE_TOPIC_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <limits>

// The layout of TOPIC. See docs/format/topic.md.
namespace tidemark {
inline namespace v0 {
namespace topic_format {

constexpr uint64_t kMagic = 0x3143504f54544d54;  // "TMTTOPC1" in the file
constexpr uint32_t kVersion = 1;

// The first 16 bytes and the place of the checksum, the last 8 bytes of the
// file, are the same in every version.
constexpr size_t kMagicAt = 0;                  // u64
constexpr size_t kVersionAt = 8;                // u32
constexpr size_t kFileSizeAt = 12;              // u32, checksum included
constexpr size_t kStoreIdAt = 16;               // 16 bytes
constexpr size_t kTopicIdAt = 32;               // 16 bytes
constexpr size_t kCreateTimeAt = 48;            // i64, microseconds since 1970
constexpr size_t kPartitionCountAt = 56;        // u32
constexpr size_t kPartitionerAt = 60;           // u16, PartitionerKind
constexpr size_t kAckAt = 62;                   // u8, Ack
constexpr size_t kCompressionAt = 63;           // u8, Compression
constexpr size_t kRecordBytesMaxAt = 64;        // u64
constexpr size_t kBatchBytesAt = 72;            // u64
constexpr size_t kSegmentBytesAt = 80;          // u64
constexpr size_t kSegmentAgeAt = 88;            // i64, microseconds
constexpr size_t kRetentionBytesAt = 96;        // u64
constexpr size_t kRetentionAgeAt = 104;         // i64, microseconds
constexpr size_t kNameSizeAt = 112;             // u16
constexpr size_t kPartitionerNameSizeAt = 114;  // u16
constexpr size_t kReservedAt = 116;             // 28 bytes of zero
constexpr size_t kNamesAt = 144;                // topic, then partitioner
constexpr size_t kChecksumSize = 8;             // XXH3-64 of all before it

// A duration without an end.
constexpr int64_t kInfinite = std::numeric_limits<int64_t>::max();

constexpr size_t kPartitionerNameMax = 255;
constexpr size_t kFileSizeMax = 4096;

static_assert(kReservedAt + 28 == kNamesAt);
static_assert(kNamesAt + 249 + kPartitionerNameMax + kChecksumSize <=
              kFileSizeMax);

}  // namespace topic_format
}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_TOPIC_FORMAT_H_
