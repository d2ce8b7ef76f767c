#ifndef TIDEMARK_LIB_RECORD_BATCH_READER_H_
#define TIDEMARK_LIB_RECORD_BATCH_READER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "record/batch_header.h"

namespace tidemark {
inline namespace v0 {

// The records of one batch without compression, ready for RecordDecoder.
struct PlainPayload {
  ByteSpan bytes;
  // Keeps `bytes` alive when they were decompressed; null when they are a part
  // of the bytes that were read.
  std::shared_ptr<const void> owner;
};

// Verifies and unpacks what stands behind a header that DecodeBatchHeader has
// accepted: `body` holds the payload and the padding, header.size - kHeaderSize
// bytes. Empty for a mark.
//
// DataLoss with the reason kDamaged when the bytes are not what the header
// says; Unimplemented for a codec or layout that this build cannot read;
// ResourceExhausted without memory. Allocates only for compressed batches and
// only once the checksum holds, plain_size bytes.
absl::StatusOr<PlainPayload> ReadPayload(const BatchHeader& header,
                                         ByteSpan body);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_RECORD_BATCH_READER_H_
