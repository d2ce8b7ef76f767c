#ifndef TIDEMARK_LIB_PARTITION_TAKEOVER_H_
#define TIDEMARK_LIB_PARTITION_TAKEOVER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "record/batch_header.h"
#include "segment/identity.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// Records of one batch that a dead owner left in its arena. Borrows from the
// arena's mapping. The bytes have been walked and are whole records.
struct TakenBatch {
  Id128 topic_id;
  PartitionNumber partition = 0;
  // Offsets, times, record count and incarnation are filled.
  BatchHeader header;
  ByteSpan records;

  // The part of the batch at or above `end`: all of it, none, or the records
  // behind those that the files hold already, re-encoded into `*storage`.
  // DataLoss with the gap when the batch begins behind `end`.
  absl::Status From(Offset end, BatchHeader* part, ByteSpan* part_records,
                    std::string* storage) const;
};

// What an arena says about itself in its header.
struct ArenaHeader {
  uint32_t layout_version = 0;
  uint32_t block_size = 0;
  Id128 store_id;
  std::string boot_id;
  uint64_t lock_device = 0;
  uint64_t lock_inode = 0;
  Incarnation incarnation = 0;
  uint64_t block_count = 0;
  uint64_t first_slab = 0;
};

// Writes the header with its checksum into the first kHeaderSize bytes.
void EncodeArenaHeader(const ArenaHeader& header, MutableByteSpan arena);

// Reads the header; DataLoss when a byte of it is wrong, Unimplemented for a
// layout that this build does not know.
absl::StatusOr<ArenaHeader> DecodeArenaHeader(ByteSpan arena);

// The batches in the open chunks of an arena, in the order in which their
// chunks were handed out. Chunks whose descriptor or content breaks a rule are
// left out behind the last good record; `*damaged_chunks` counts them. `arena`
// is the mapping, as far as it is backed by memory.
std::vector<TakenBatch> CollectTaken(const ArenaHeader& header, ByteSpan arena,
                                     uint64_t* damaged_chunks);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_TAKEOVER_H_
