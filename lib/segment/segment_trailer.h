#ifndef TIDEMARK_LIB_SEGMENT_SEGMENT_TRAILER_H_
#define TIDEMARK_LIB_SEGMENT_SEGMENT_TRAILER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "segment/segment_header.h"
#include "segment/segment_index.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// The last bytes of a sealed segment: where its index stands and what its
// batches hold together. True when it was written; whether the batches that it
// speaks of reached the device is another question, so that recovery trusts it
// only below the durable mark.
struct SegmentTrailer {
  SegmentTotals totals;
  uint64_t index_position = 0;  // the data end
  uint64_t index_size = 0;
  uint64_t snapshot_position = 0;  // of producer state; 0 without one
  uint64_t snapshot_size = 0;

  friend bool operator==(const SegmentTrailer&,
                         const SegmentTrailer&) = default;
};

// The trailer as it stands at `position` of the segment with `header`.
std::string EncodeTrailer(const SegmentTrailer& trailer,
                          const SegmentHeader& header, uint64_t position);

// Decodes the trailer in `bytes`, which stand at `position`. Nothing when a
// byte is wrong or a field breaks a rule.
std::optional<SegmentTrailer> DecodeTrailer(ByteSpan bytes,
                                            const SegmentHeader& header,
                                            uint64_t position);

// The trailer at the end of a file of `file_size` bytes; nothing when there is
// no valid one. Not OK only when reading fails; an EIO is retried once.
absl::StatusOr<std::optional<SegmentTrailer>> ReadTrailer(
    const File& file, const SegmentHeader& header, uint64_t file_size);

// The index that the trailer points to. DataLoss when it is damaged: walk the
// batches instead. `name` is for the message.
absl::StatusOr<SegmentIndex> ReadIndex(const File& file, std::string_view name,
                                       const SegmentHeader& header,
                                       const SegmentTrailer& trailer);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_SEGMENT_SEGMENT_TRAILER_H_
