#ifndef TIDEMARK_LIB_RECORD_BATCH_FORMAT_H_
#define TIDEMARK_LIB_RECORD_BATCH_FORMAT_H_

#include <cstddef>
#include <cstdint>

// The bytes of a batch; docs/format/batch.md is the page for people.
namespace tidemark {
inline namespace v0 {
namespace batch_format {

constexpr uint32_t kMagic = 0x31424d54;  // "TMB1" as it stands in the file

// Positions of the header's fields.
constexpr size_t kMagicAt = 0;
constexpr size_t kSizeAt = 4;
constexpr size_t kHeaderChecksumAt = 8;
constexpr size_t kPayloadChecksumAt = 16;
constexpr size_t kPayloadSizeAt = 24;
constexpr size_t kPlainSizeAt = 28;
constexpr size_t kBaseOffsetAt = 32;
constexpr size_t kDurableEndAt = 40;
constexpr size_t kBaseTimeAt = 48;
constexpr size_t kMaxTimeAt = 56;
constexpr size_t kAppendTimeAt = 64;
constexpr size_t kIncarnationAt = 72;
constexpr size_t kOffsetSpanAt = 80;
constexpr size_t kRecordCountAt = 84;
constexpr size_t kAttributesAt = 88;
constexpr size_t kReservedAt = 92;
constexpr size_t kHeaderSize = 96;

static_assert(kPayloadChecksumAt == kHeaderChecksumAt + 8);
static_assert(kReservedAt + 4 == kHeaderSize);
static_assert(kHeaderSize % 8 == 0);

// Batches begin at multiples of this in the file.
constexpr size_t kAlignment = 8;

// Attributes: bits 0 to 2 codec, bits 3 to 5 layout, bit 6 mark. The other bits
// are zero.
constexpr uint32_t kCodecMask = 0x7;
constexpr uint32_t kLayoutShift = 3;
constexpr uint32_t kLayoutMask = 0x7u << kLayoutShift;
constexpr uint32_t kLayoutNative = 0;
constexpr uint32_t kLayoutKafkaV2 = 1;  // reserved, not written yet
constexpr uint32_t kMark = 1u << 6;
constexpr uint32_t kKnownAttributes = kCodecMask | kLayoutMask | kMark;

// Limits that a reader enforces before it believes a size.
constexpr uint64_t kRecordSizeCap = 16u << 20;
constexpr uint64_t kBatchSizeCap = kRecordSizeCap + (64u << 10);
constexpr uint64_t kPaddingCap = 4096 + kAlignment;
constexpr uint32_t kOffsetSpanMax = 0x7fffffff;

// The first byte of a record.
constexpr uint8_t kNullValue = 1u << 0;
constexpr uint8_t kHasKey = 1u << 1;
constexpr uint8_t kHasHeaders = 1u << 2;
constexpr uint8_t kHasTimeDelta = 1u << 3;
constexpr uint8_t kHasOffsetGap = 1u << 4;
constexpr uint8_t kControl = 1u << 5;
constexpr uint8_t kKnownFlags = 0x3f;

}  // namespace batch_format
}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_RECORD_BATCH_FORMAT_H_
