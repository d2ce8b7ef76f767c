#ifndef TIDEMARK_LIB_SEGMENT_SEGMENT_SCANNER_H_
#define TIDEMARK_LIB_SEGMENT_SEGMENT_SCANNER_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "record/batch_header.h"
#include "segment/segment_header.h"
#include "tidemark/env.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// Why the bytes at a position are not the next batch of a segment.
enum class BatchFault : uint8_t {
  kNone = 0,
  kHole,         // zeros, and something else behind them
  kCutOff,       // fewer bytes left than a header has
  kMagic,        // does not start with the magic number
  kChecksum,     // the header's checksum differs
  kField,        // a field of the header breaks its rule
  kPastEnd,      // the batch is longer than the rest of the data
  kPayload,      // the payload's checksum differs, or its padding is not zero
  kOffset,       // a valid batch that does not follow the one before it
  kIncarnation,  // a valid batch of an earlier open than the one before it
  kCutAway,      // a valid batch that an earlier recovery has cut away
};
const char* BatchFaultName(BatchFault fault);

// Where a scan begins and what it believes.
struct ScanOptions {
  uint64_t position = 0;   // of the first batch to look at
  uint64_t limit = 0;      // behind the last byte that may belong to a batch
  Offset next_offset = 0;  // that the first batch must have
  Incarnation incarnation = 0;  // that no batch may be below
  // Verify payloads of batches that end above this offset.
  Offset payloads_from = std::numeric_limits<Offset>::max();
  // Records at or above `cut_offset` from an open before `cut_incarnation` do
  // not exist.
  Offset cut_offset = std::numeric_limits<Offset>::max();
  Incarnation cut_incarnation = 0;
  // `limit` is the data end that a trailer states: what stands there is not a
  // batch, and the data must reach it.
  bool is_sealed = false;
};

// Walks the batches of one segment file in order and, when asked, finds the
// batches behind damage.
//
// Next returns what stands at position(). A batch counts when its header is
// valid at this position, it lies before the limit, its base offset continues
// the log, its incarnation does not go back and, as asked, its payload is
// valid. Memory: 256 KiB, or one batch if that is longer. Bytes hashed in all
// Resync calls of one scanner: at most four times the limit; bytes read: at
// most eight times and 1 MiB.
//
// Not thread-safe. Borrows file and header. A failed read is tried once more,
// for the bytes needed only; then Next returns its status, and the same call
// may be made again. It is never taken for the end.
class SegmentScanner {
 public:
  enum class Found : uint8_t {
    kBatch,  // batch() and position() describe it; the next call goes on
    kEnd,    // zeros to the end, the end of the file or of a sealed segment
    kFault,  // fault() says why; the next call returns the same until Resync
  };

  SegmentScanner(const File& file, const SegmentHeader& header,
                 const ScanOptions& options);

  absl::StatusOr<Found> Next();

  // Behind a fault: looks for the next batch that counts. True: Next returns
  // it, and next_offset() is where it begins. False: nothing counts up to the
  // limit, or is_exhausted(). A batch counts behind damage when it begins above
  // the last good one, its incarnation does not go back, and it is followed by
  // a batch, by zeros to the end or by the end, or its payload is valid.
  absl::StatusOr<bool> Resync();

  // Of the batch that Next returned, or of the end or fault.
  uint64_t position() const { return position_; }
  const BatchHeader& batch() const { return batch_; }
  // Payload and padding, when they were verified; valid until the next call.
  ByteSpan body() const { return body_; }
  BatchFault fault() const { return fault_; }
  // Where the next batch begins and the offset that it must have.
  uint64_t next_position() const { return next_position_; }
  Offset next_offset() const { return next_offset_; }
  Incarnation incarnation() const { return incarnation_; }

  // The highest durable end in any valid header so far, also in ones that
  // did not count for another reason than their own bytes.
  Offset durable_end() const { return durable_end_; }

  // Resync gave up: more bytes than its budget would have had to be hashed.
  bool is_exhausted() const { return is_exhausted_; }

  // Bytes read, for reports.
  uint64_t bytes_read() const { return bytes_read_; }

 private:
  // A header at a position, and why it is not that of a batch.
  struct Candidate {
    BatchHeader header;
    BatchFault fault = BatchFault::kNone;
  };

  // The bytes at `position`, at least `size_needed` of them unless the data end
  // before; valid until the next call.
  absl::StatusOr<ByteSpan> Window(uint64_t position, size_t size_needed);
  size_t ReadAhead() const;
  // What `bytes`, which stand at `position`, say.
  Candidate Decode(uint64_t position, ByteSpan bytes);
  // The same for bytes that are read without giving up the buffer.
  absl::StatusOr<Candidate> PeekAt(uint64_t position);
  // Whether the batch continues the log at next_offset_.
  BatchFault CheckSequence(const BatchHeader& header) const;
  bool IsCutAway(const BatchHeader& header) const;
  bool WantsPayload(const BatchHeader& header) const;
  absl::StatusOr<bool> VerifyPayload(uint64_t position,
                                     const BatchHeader& header);
  absl::StatusOr<bool> IsZeroToLimit(uint64_t position);
  // The first byte at or behind `position` that is not zero, or the limit.
  absl::StatusOr<uint64_t> FirstNonZero(uint64_t position);

  // Where the search behind the fault begins.
  absl::StatusOr<uint64_t> ResyncPosition();
  // The first position at or behind `position`, in steps of the alignment, that
  // holds the magic number of a batch, or the limit.
  absl::StatusOr<uint64_t> FindMagic(uint64_t position);
  absl::StatusOr<bool> Counts(uint64_t position, const BatchHeader& header);
  bool Spend(uint64_t bytes);
  uint64_t ReadBudget() const;
  Found Fail(BatchFault fault);

  // Constant after construction.
  const File& file_;
  const SegmentHeader& header_;
  const ScanOptions options_;

  uint64_t limit_;  // lower than in the options when the file is shorter
  uint64_t position_;
  uint64_t next_position_;
  Offset next_offset_;
  Incarnation incarnation_;
  Offset durable_end_ = 0;
  BatchHeader batch_;
  ByteSpan body_;
  BatchFault fault_ = BatchFault::kNone;

  // What the search behind damage has learned and spent.
  bool is_exhausted_ = false;
  uint64_t spent_ = 0;  // bytes hashed
  uint64_t resync_read_ = 0;
  uint64_t last_non_zero_ = 0;  // zeros to the limit begin behind it, if at all
  bool has_non_zero_ = false;

  // The bytes of the file from buffer_position_ on.
  std::vector<std::byte> buffer_;
  uint64_t buffer_position_ = 0;
  size_t buffer_size_ = 0;
  uint64_t bytes_read_ = 0;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_SEGMENT_SEGMENT_SCANNER_H_
