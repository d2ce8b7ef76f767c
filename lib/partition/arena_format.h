#ifndef TIDEMARK_LIB_PARTITION_ARENA_FORMAT_H_
#define TIDEMARK_LIB_PARTITION_ARENA_FORMAT_H_

#include <cstddef>
#include <cstdint>

// The layout of the arena, the memory that outlives the process. It is read by
// the same build or a later one after a crash on the same boot, never copied
// between machines; docs/format/arena.md is the page for people.
//
//   header | descriptor 0 .. n-1 | slab 0 | slab 1 | ...
//
// A slab is kSlabSize bytes (the last one may be shorter); a chunk is a power
// of two of blocks within one slab, and the descriptor of a chunk is the one
// with the number of its first block.
namespace tidemark {
inline namespace v0 {
namespace arena_format {

constexpr uint64_t kMagic = 0x31414e4552414d54;  // "TMARENA1"
constexpr uint32_t kLayoutVersion = 1;

// The header: written once, before the arena's name can be found.
constexpr size_t kMagicAt = 0;
constexpr size_t kLayoutVersionAt = 8;
constexpr size_t kBlockSizeAt = 12;
constexpr size_t kStoreIdAt = 16;
constexpr size_t kBootIdAt = 32;      // 36 characters of text
constexpr size_t kLockDeviceAt = 72;  // identity of the store's LOCK
constexpr size_t kLockInodeAt = 80;
constexpr size_t kIncarnationAt = 88;
constexpr size_t kBlockCountAt = 96;       // u64
constexpr size_t kFirstSlabAt = 104;       // u64, position of slab 0
constexpr size_t kHeaderChecksumAt = 112;  // XXH3 of the bytes before it
constexpr size_t kHeaderSize = 4096;
constexpr size_t kBootIdSize = 36;

// A descriptor, 64 bytes. state, generation and published are accessed
// atomically; the other fields are constant while the state is kOpen.
constexpr size_t kStateAt = 0;       // u32
constexpr size_t kGenerationAt = 4;  // u32, counts the uses of the descriptor
constexpr size_t kPublishedAt = 8;   // u32, bytes of the chunk that count
constexpr size_t kChunkSizeAt = 12;  // u32
constexpr size_t kTopicIdAt = 16;
constexpr size_t kPartitionAt = 32;  // u32
constexpr size_t kBaseOffsetAt = 40;
constexpr size_t kSerialAt = 48;  // u64, ascends with the order of hand-out
constexpr size_t kDescriptorChecksumAt = 56;  // of bytes 12 to 55
constexpr size_t kDescriptorSize = 64;

constexpr uint32_t kFree = 0;
constexpr uint32_t kOpen = 1;

constexpr uint64_t kSlabSize = 256 << 10;
constexpr uint64_t kChunkSizeMax = kSlabSize;
constexpr uint64_t kArenaSizeMax = 1 << 30;

static_assert(kBootIdAt + kBootIdSize <= kLockDeviceAt);
static_assert(kHeaderChecksumAt + 8 <= kHeaderSize);
static_assert(kDescriptorChecksumAt + 8 == kDescriptorSize);

}  // namespace arena_format
}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_ARENA_FORMAT_H_
