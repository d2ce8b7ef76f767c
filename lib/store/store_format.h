#ifndef TIDEMARK_LIB_STORE_STORE_FORMAT_H_
#define TIDEMARK_LIB_STORE_STORE_FORMAT_H_

#include <cstddef>
#include <cstdint>

// The layout of STORE: two slots, each at the start of a page of its own. See
// docs/format/store.md.
namespace tidemark {
inline namespace v0 {
namespace store_format {

constexpr uint64_t kMagic = 0x31524f5453544d54;  // "TMTSTOR1" in the file
constexpr uint32_t kVersion = 1;

constexpr size_t kPageSize = 4096;
constexpr size_t kSlotCount = 2;
constexpr size_t kFileSize = kSlotCount * kPageSize;

// The first 16 bytes of a slot and the place of its checksum, the last 8 bytes
// of what kSlotSizeAt says, are the same in every version.
constexpr size_t kMagicAt = 0;         // u64
constexpr size_t kVersionAt = 8;       // u32
constexpr size_t kSlotSizeAt = 12;     // u32
constexpr size_t kSequenceAt = 16;     // u64
constexpr size_t kStoreIdAt = 24;      // 16 bytes
constexpr size_t kIncarnationAt = 40;  // u64
constexpr size_t kCreateTimeAt = 48;   // i64, microseconds since 1970
constexpr size_t kFlagsAt = 56;        // u32
constexpr size_t kReservedAt = 60;     // 4 bytes of zero
constexpr size_t kArenaAt = 64;
constexpr size_t kPreviousArenaAt = 464;
constexpr size_t kReservedTailAt = 864;  // zeros up to the checksum
constexpr size_t kChecksumAt = 1016;     // XXH3-64 of position and slot
constexpr size_t kSlotSize = 1024;

constexpr uint32_t kFlagClean = 1;

// Within the place of an arena.
constexpr size_t kArenaKindAt = 0;           // u16
constexpr size_t kArenaNameSizeAt = 2;       // u16
constexpr size_t kArenaDirectorySizeAt = 4;  // u16
constexpr size_t kArenaReservedAt = 6;       // 2 bytes of zero
constexpr size_t kArenaBootAt = 8;           // u64
constexpr size_t kArenaNameAt = 16;
constexpr size_t kArenaDirectoryAt = 144;
constexpr size_t kArenaSize = 400;

constexpr size_t kArenaNameMax = kArenaDirectoryAt - kArenaNameAt;
constexpr size_t kArenaDirectoryMax = kArenaSize - kArenaDirectoryAt;

static_assert(kArenaAt + kArenaSize == kPreviousArenaAt);
static_assert(kPreviousArenaAt + kArenaSize == kReservedTailAt);
static_assert(kReservedTailAt < kChecksumAt);
static_assert(kChecksumAt + 8 == kSlotSize);
static_assert(kSlotSize <= kPageSize);
static_assert(kArenaNameMax == 128 && kArenaDirectoryMax == 256);

}  // namespace store_format
}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_STORE_FORMAT_H_
