#ifndef TIDEMARK_LIB_PARTITION_META_FORMAT_H_
#define TIDEMARK_LIB_PARTITION_META_FORMAT_H_

#include <cstddef>
#include <cstdint>

// The bytes of a partition's META file; docs/format/partition_meta.md is the
// page for people.
namespace tidemark {
inline namespace v0 {
namespace meta_format {

constexpr char kFileName[] = "META";
constexpr uint64_t kMagic = 0x314154454d544d54;  // "TMTMETA1" in the file
constexpr uint32_t kVersion = 1;

// Two slots, each at the start of a page of its own.
constexpr size_t kSlotCount = 2;
constexpr uint64_t kPageSize = 4096;
constexpr uint64_t kFileSize = kSlotCount * kPageSize;

// Positions within a slot.
constexpr size_t kMagicAt = 0;
constexpr size_t kVersionAt = 8;
constexpr size_t kPartitionAt = 12;
constexpr size_t kTopicIdAt = 16;
constexpr size_t kSequenceAt = 32;
constexpr size_t kStartAt = 40;
constexpr size_t kHighestSegmentAt = 48;
constexpr size_t kDurableEndAt = 56;
constexpr size_t kCleanEndAt = 64;
constexpr size_t kCleanIncarnationAt = 72;
constexpr size_t kCutOffsetAt = 80;
constexpr size_t kCutIncarnationAt = 88;
constexpr size_t kReservedAt = 96;  // 24 bytes
constexpr size_t kChecksumAt = 120;
constexpr size_t kSlotSize = 128;

static_assert(kChecksumAt + 8 == kSlotSize);
static_assert(kSlotSize <= 512, "a slot lies within one sector");

}  // namespace meta_format
}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_META_FORMAT_H_
