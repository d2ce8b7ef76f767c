#ifndef TIDEMARK_LIB_CONSUMER_CURSOR_SLOT_H_
#define TIDEMARK_LIB_CONSUMER_CURSOR_SLOT_H_

#include <compare>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "partition/partition_address.h"
#include "tidemark/types.h"

// The pieces of a cursor file, encoded and decoded. Pure functions.
namespace tidemark {
inline namespace v0 {

// Names a partition for ever: a topic that is deleted and created again has
// another id.
struct CursorKey {
  Id128 topic_id;
  PartitionNumber partition = 0;

  friend auto operator<=>(const CursorKey&, const CursorKey&) = default;
};

// What a cursor file says about itself. The ids enter every checksum in it, so
// that bytes of another store or of an earlier file never pass.
struct CursorFileIdentity {
  Id128 store_id;
  Id128 file_id;
  std::string name;

  friend bool operator==(const CursorFileIdentity&,
                         const CursorFileIdentity&) = default;
};

// One of the two states of an entry.
struct CursorSlot {
  uint64_t sequence = 0;  // from 1; the higher one of an entry is newer
  CursorKey key;
  bool is_commit = false;    // false: a claim, and the rest is zero
  Ack level = Ack::kMemory;  // kProcess or kDisk in a commit
  Offset offset = 0;
  Incarnation incarnation = 0;
  int64_t commit_time = 0;  // microseconds of wall time

  friend bool operator==(const CursorSlot&, const CursorSlot&) = default;
};

// What bytes turned out to be.
enum class CursorBytes : uint8_t {
  kBlank,  // all zero: never written
  kValid,
  kNewerVersion,  // of a header alone
  kDamaged,
};

// Writes the header into header::kSize bytes that stand at `position`.
void EncodeCursorHeader(const CursorFileIdentity& identity, uint64_t position,
                        std::byte* to);
CursorBytes DecodeCursorHeader(ByteSpan bytes, uint64_t position,
                               CursorFileIdentity* identity);

// Writes the number of pairs in use into kSlotSize bytes that stand at
// `position`.
void EncodeCursorExtent(const CursorFileIdentity& identity, uint64_t position,
                        uint32_t pair_count, std::byte* to);
CursorBytes DecodeCursorExtent(ByteSpan bytes,
                               const CursorFileIdentity& identity,
                               uint64_t position, uint32_t* pair_count);

// Writes the slot into kSlotSize bytes that stand at `position`.
void EncodeCursorSlot(const CursorSlot& slot,
                      const CursorFileIdentity& identity, uint64_t position,
                      std::byte* to);
// `*slot` is to be believed when kValid is returned.
CursorBytes DecodeCursorSlot(ByteSpan bytes, const CursorFileIdentity& identity,
                             uint64_t position, CursorSlot* slot);

// Where things stand: copy 0 or 1 of the extent and of entry 0, 1, ...
uint64_t CursorExtentPosition(int copy);
uint64_t CursorSlotPosition(uint32_t entry, int copy);

// The byte whose lock belongs to a partition.
uint64_t CursorLockPosition(const CursorKey& key);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_CONSUMER_CURSOR_SLOT_H_
