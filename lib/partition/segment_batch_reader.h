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
#include "record/record_codec.h"
#include "segment/segment_file.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

class PartitionLog;

// A batch from a segment file, verified.
struct StoredBatch {
  // Where its first record begins.
  RecordPosition begin() const {
    return {payload.bytes.data(), header.base_offset, header.base_time};
  }
  const std::byte* end() const {
    return payload.bytes.data() + payload.bytes.size();
  }

  BatchHeader header;
  PlainPayload payload;
  std::shared_ptr<const void> buffer;  // keeps a plain payload's bytes

  // Behind what was taken of it last, for whoever takes it in parts.
  RecordPosition taken;
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
  // valid until the next call; the caller may move `taken`.
  absl::StatusOr<StoredBatch*> BatchAt(Offset offset);

 private:
  bool Locate(Offset offset);
  // Makes an empty buffer for the bytes from position_ on. What the old one has
  // of them, less than a batch as a rule, is copied if asked; returns its size.
  size_t BeginBuffer(size_t capacity, bool keeps_rest);
  // The bytes [position_, position_ + size) of the file, fewer at its readable
  // end.
  absl::StatusOr<ByteSpan> Window(size_t size, bool is_anew);
  absl::StatusOr<StoredBatch*> ReadHere(Offset offset);
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
