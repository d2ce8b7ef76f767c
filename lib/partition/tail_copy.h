#ifndef TIDEMARK_LIB_PARTITION_TAIL_COPY_H_
#define TIDEMARK_LIB_PARTITION_TAIL_COPY_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "partition/tail.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// Where a read of the tail ended, so that the next one begins there.
struct TailHint {
  uint64_t chunk = 0;     // the chunk's serial number, 0 for none
  uint32_t position = 0;  // of the next record in it
  Offset offset = 0;      // of the next record
  int64_t time = 0;       // the time before it
  Offset batch_base = 0;  // of the batch that the position lies in
};

// What a reader copies from the tail: parts of batches, and what keeps their
// memory until the copy is done.
struct TailCopy {
  struct Part {
    uint32_t start = 0;  // of the first record, in the chunk
    uint32_t end = 0;
    Offset offset = 0;      // of the first record
    int64_t time = 0;       // the time before it
    int64_t last_time = 0;  // of the last record
    int64_t append_time = 0;
    Offset next_offset = 0;
    Offset batch_base = 0;
  };
  std::shared_ptr<const Chunk> chunk;
  std::vector<Part> parts;  // of this one chunk, ascending
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_TAIL_COPY_H_
