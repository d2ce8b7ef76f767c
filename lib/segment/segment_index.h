#ifndef TIDEMARK_LIB_SEGMENT_SEGMENT_INDEX_H_
#define TIDEMARK_LIB_SEGMENT_SEGMENT_INDEX_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "record/batch_header.h"
#include "segment/segment_format.h"
#include "segment/segment_header.h"
#include "tidemark/env.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// A time before every time, for a segment without batches.
constexpr int64_t kNoTime = std::numeric_limits<int64_t>::min();

// What is known about all batches of a segment together.
struct SegmentTotals {
  Offset base_offset = 0;
  Offset next_offset = 0;
  uint64_t data_end = 0;  // position behind the last batch
  uint64_t record_count = 0;
  uint64_t batch_count = 0;    // marks included
  int64_t min_time = kNoTime;  // the least base time of a batch
  int64_t max_time = kNoTime;  // the greatest create time
  int64_t min_append_time = kNoTime;
  int64_t max_append_time = kNoTime;
  Offset durable_end = 0;       // the highest in any batch
  Incarnation incarnation = 0;  // of the last batch, or of the header

  friend bool operator==(const SegmentTotals&, const SegmentTotals&) = default;
};

// One batch of a segment, and what stands before it.
struct IndexEntry {
  Offset base_offset = 0;
  uint64_t position = 0;
  int64_t max_time_before = kNoTime;  // of all batches before it
  uint64_t records_before = 0;

  friend bool operator==(const IndexEntry&, const IndexEntry&) = default;
};

// A sparse map of a segment: one batch per 64 KiB of file, the first included,
// with the totals of all batches.
//
// Entries ascend in offset, position, time and count. An index is a hint: who
// follows an entry verifies the batch that it finds there.
//
// Not thread-safe. Owns its entries, 32 bytes per 64 KiB of file; after
// std::bad_alloc in Add the index lacks that batch and is to be discarded.
class SegmentIndex {
 public:
  explicit SegmentIndex(const SegmentHeader& header);
  // `entries` of a sealed segment, checked by DecodeIndexBlock.
  SegmentIndex(SegmentTotals totals, std::vector<IndexEntry> entries);

  // Adds the batch that stands at `position`, the next of the segment. Also
  // moves the data end behind it.
  void Add(const BatchHeader& batch, uint64_t position);

  // Forgets the batches at or behind `totals.data_end`; `totals` are those of
  // the batches before it.
  void CutTo(const SegmentTotals& totals);

  // The last batch in the index whose base offset is at or below `offset`: a
  // safe place to start a walk to it. None when the segment has no batch or
  // begins above.
  std::optional<IndexEntry> FindOffset(Offset offset) const;

  // The last batch in the index with only earlier times before it: a safe place
  // to start a walk to the first record with a create time at or after `time`.
  std::optional<IndexEntry> FindTime(int64_t time) const;

  // The first batch in the index behind `position`: where to go on behind
  // damage at `position`.
  std::optional<IndexEntry> FindBehind(uint64_t position) const;

  const SegmentTotals& totals() const { return totals_; }
  const std::vector<IndexEntry>& entries() const { return entries_; }

 private:
  SegmentTotals totals_;
  std::vector<IndexEntry> entries_;
};

// The index block as it stands at `position`, the data end of the segment.
std::string EncodeIndexBlock(const SegmentIndex& index,
                             const SegmentSecret& secret, uint64_t position);

// Entries of an index block. DataLoss when a byte of it is wrong. Memory grows
// with the bytes given, never with a count in them.
absl::StatusOr<std::vector<IndexEntry>> DecodeIndexBlock(
    ByteSpan block, const SegmentHeader& header, const SegmentTotals& totals);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_SEGMENT_SEGMENT_INDEX_H_
