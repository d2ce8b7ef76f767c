#ifndef TIDEMARK_LIB_PARTITION_SEGMENT_BATCH_READER_H_
#define TIDEMARK_LIB_PARTITION_SEGMENT_BATCH_READER_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "partition/log_segments.h"
#include "partition/read_buffer.h"
#include "record/batch_header.h"
#include "record/batch_reader.h"
#include "segment/segment_file.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

class PartitionLog;

// A batch from a segment file, verified.
struct StoredBatch {
  BatchHeader header;
  PlainPayload payload;
  std::shared_ptr<const void> buffer;  // keeps a plain payload's bytes
};

// Walks the batches of a partition's files in order, with read-ahead.
//
// One thread at a time. Borrows the log, which outlives it. After an error the
// next call begins with a search.
class SegmentBatchReader {
 public:
  explicit SegmentBatchReader(PartitionLog& log) : log_(log) {}

  // The batch that holds `offset`; null when the files end before it. DataLoss
  // with the gap when the bytes that should hold it are damaged. The result is
  // valid until the next call.
  absl::StatusOr<const StoredBatch*> BatchAt(Offset offset);

 private:
  bool Locate(Offset offset);
  // The bytes [position_, position_ + size) of the file, fewer at its readable
  // end.
  absl::StatusOr<ByteSpan> Window(size_t size, bool is_anew);
  absl::StatusOr<const StoredBatch*> ReadHere(Offset offset);
  // Goes on behind bytes that are no batch, if what follows them still leads
  // to `offset`; else DataLoss.
  absl::Status PassDamage(Offset offset, const char* what);
  absl::Status Damage(DamagedRange range);
  absl::Status DamageStatus(const DamagedRange& range) const;

  PartitionLog& log_;
  std::shared_ptr<const SegmentList> list_;
  std::shared_ptr<LogSegment> segment_;
  std::shared_ptr<const SegmentFile> file_;
  uint64_t position_ = 0;     // of the next batch
  Offset next_offset_ = -1;   // that it must have; -1 after a search
  Offset segment_bound_ = 0;  // offsets of the segment end here

  ReadBufferPool pool_;
  std::shared_ptr<ReadBuffer> buffer_;
  uint64_t buffer_position_ = 0;
  size_t buffer_size_ = 0;

  StoredBatch batch_;
  uint64_t batch_position_ = 0;
  bool has_batch_ = false;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_SEGMENT_BATCH_READER_H_
