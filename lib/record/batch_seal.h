#ifndef TIDEMARK_LIB_RECORD_BATCH_SEAL_H_
#define TIDEMARK_LIB_RECORD_BATCH_SEAL_H_

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "record/batch_format.h"
#include "record/batch_header.h"
#include "tidemark/codec.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// Where a batch will stand in its file and in which form.
struct SealOptions {
  SegmentSecret secret = {};
  uint64_t position = 0;  // of the header's first byte; a multiple of 8
  Offset durable_end = 0;
  Incarnation incarnation = 0;
  const Codec* codec = nullptr;  // null stores the records as they are
  // The batch ends at a multiple of this position in the file: a power of two
  // from kAlignment to 4096.
  uint64_t padding_to = batch_format::kAlignment;
};

// Turns the records in `plain`, at most kBatchSizeCap bytes, into a batch.
//
// The caller has filled the header's base_offset, offset_span, record_count,
// times and, for a mark, attributes. The call fills all other fields and writes
// the header with its checksum into the kHeaderSize bytes at `to`.
//
// Returns the payload to store behind the header: `plain` itself, with
// header->codec() == 0, or the smaller compressed bytes in `*scratch`. Behind
// it stand header->size - kHeaderSize - header->payload_size zeros, which are
// the caller's to write. Cannot fail: where the codec does not gain anything,
// or has no memory, the records are stored as they are. `scratch` may be null
// without a codec.
ByteSpan SealBatch(ByteSpan plain, const SealOptions& options,
                   BatchHeader* header, std::byte* to, std::string* scratch);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_RECORD_BATCH_SEAL_H_
