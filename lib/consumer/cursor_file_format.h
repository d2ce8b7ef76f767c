#ifndef TIDEMARK_LIB_CONSUMER_CURSOR_FILE_FORMAT_H_
#define TIDEMARK_LIB_CONSUMER_CURSOR_FILE_FORMAT_H_

#include <cstddef>
#include <cstdint>

// The bytes of a cursor file and of Positions; docs/format/cursors.md is the
// page for people.
namespace tidemark {
inline namespace v0 {
namespace cursor_file_format {

// A file is made under this prefix, which no name of a cursor can have.
constexpr char kNewPrefix[] = ".new-";

constexpr uint64_t kMagic = 0x3153525543544d54;  // "TMTCURS1" in the file
constexpr uint32_t kVersion = 1;

// Two pages with a copy of header and extent each, then pairs of pages with one
// slot of each entry.
constexpr uint64_t kPageSize = 4096;
constexpr uint64_t kPairSize = 2 * kPageSize;
constexpr uint64_t kFirstPairAt = kPairSize;

// The file's header, at the start of its page, written once.
namespace header {
constexpr size_t kMagicAt = 0;
constexpr size_t kVersionAt = 8;
constexpr size_t kReservedAt = 12;
constexpr size_t kStoreIdAt = 16;
constexpr size_t kFileIdAt = 32;
constexpr size_t kNameSizeAt = 48;
constexpr size_t kReserved2At = 52;
constexpr size_t kNameAt = 56;  // 249 bytes, then zeros
constexpr size_t kChecksumAt = 504;
constexpr size_t kSize = 512;
constexpr size_t kNameSizeMax = 249;
static_assert(kNameAt + kNameSizeMax <= kChecksumAt);
static_assert(kChecksumAt + 8 == kSize);
}  // namespace header

// How many pairs are in use, in a sector of its own behind the header. The rest
// of the page is not read.
constexpr size_t kSlotSize = 64;
namespace extent {
constexpr size_t kAt = 512;  // within the page
constexpr size_t kPairCountAt = 0;
constexpr size_t kReservedAt = 4;  // 52 bytes
constexpr size_t kChecksumAt = 56;
static_assert(kChecksumAt + 8 == kSlotSize);
static_assert(kAt >= header::kSize);
}  // namespace extent

// Each page of a pair holds one of the two slots of these entries.
constexpr size_t kEntriesPerPair = kPageSize / kSlotSize;
static_assert(512 % kSlotSize == 0, "a slot lies within one sector");

namespace slot {
constexpr size_t kSequenceAt = 0;
constexpr size_t kTopicIdAt = 8;
constexpr size_t kPartitionAt = 24;
constexpr size_t kKindAt = 28;
constexpr size_t kLevelAt = 29;
constexpr size_t kReservedAt = 30;  // 2 bytes
constexpr size_t kOffsetAt = 32;
constexpr size_t kIncarnationAt = 40;
constexpr size_t kTimeAt = 48;
constexpr size_t kChecksumAt = 56;
static_assert(kChecksumAt + 8 == kSlotSize);
}  // namespace slot

// What a slot says. Numbers are never reused.
constexpr uint8_t kClaim = 1;   // the entry is taken, nothing was committed
constexpr uint8_t kCommit = 2;  // a committed position

// The level of a commit; zero in a claim.
constexpr uint8_t kLevelProcess = 2;
constexpr uint8_t kLevelDisk = 3;

// No more pairs are made or read: 1,048,576 entries in 128 MiB.
constexpr uint32_t kPairsMax = 16384;

// Locks on byte ranges. The lock of an entry belongs to its partition, not to
// its place: low bits of the topic id, which is random, shifted by the bits of
// a partition number, above any position of the file.
constexpr uint64_t kLockBase = uint64_t{1} << 62;
constexpr int kLockPartitionBits = 20;
constexpr int kLockTopicBits = 41;
static_assert(kLockPartitionBits + kLockTopicBits < 62);

// Positions as bytes.
namespace positions {
constexpr uint32_t kMagic = 0x31504d54;  // "TMP1"
constexpr size_t kMagicAt = 0;
constexpr size_t kVersionAt = 4;
constexpr size_t kReservedAt = 6;
constexpr size_t kChecksumAt = 8;
constexpr size_t kTopicCountAt = 16;
constexpr size_t kHeaderSize = 20;
constexpr uint16_t kVersion = 1;
constexpr size_t kTopicSizeMin = 2 + 1 + 16 + 4;
constexpr size_t kPartitionSize = 4 + 8 + 8;
}  // namespace positions

}  // namespace cursor_file_format
}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_CONSUMER_CURSOR_FILE_FORMAT_H_
