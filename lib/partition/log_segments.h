#ifndef TIDEMARK_LIB_PARTITION_LOG_SEGMENTS_H_
#define TIDEMARK_LIB_PARTITION_LOG_SEGMENTS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "partition/recovery.h"
#include "partition/segment_file_cache.h"
#include "segment/segment_file.h"
#include "segment/segment_header.h"
#include "segment/segment_index.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// One segment as the readers and the writer of a partition share it.
//
// The extent (readable end, next offset) only grows, and only the writer moves
// it, behind bytes that are in the file. Thread-safe.
class LogSegment {
 public:
  LogSegment(const std::string& directory, const SegmentHeader& header,
             std::optional<SegmentIndex> index);

  // A segment as recovery found it.
  LogSegment(const std::string& directory, const SegmentExtent& extent,
             std::optional<SegmentIndex> index);

  const SegmentHeader& header() const { return header_; }
  Offset base_offset() const { return header_.base_offset; }

  // Behind the last batch that is in the file, as a position and an offset.
  // The offset is read first: everything below it lies below the position.
  Offset next_offset() const {
    return next_offset_.load(std::memory_order_acquire);
  }
  uint64_t readable_end() const {
    return readable_end_.load(std::memory_order_acquire);
  }
  uint64_t file_size() const { return file_size_.load(); }
  int64_t max_time() const { return max_time_.load(); }
  int64_t max_append_time() const { return max_append_time_.load(); }
  int64_t min_append_time() const { return min_append_time_.load(); }
  bool is_sealed() const { return is_sealed_.load(); }

  // The file to read from: the one that is written, or one of the cache.
  absl::StatusOr<std::shared_ptr<const SegmentFile>> File(
      SegmentFileCache& cache) const;

  // A batch at or before the one that holds `offset` or the first record at or
  // behind `time`; the first batch when nothing better is known.
  IndexEntry FindOffset(Offset offset, SegmentFileCache& cache) const;
  IndexEntry FindTime(int64_t time, SegmentFileCache& cache) const;
  // The first batch in the index behind `position`.
  std::optional<IndexEntry> FindBehind(uint64_t position,
                                       SegmentFileCache& cache) const;

  // ---- For the writer ----

  void SetFile(std::shared_ptr<const SegmentFile> file);
  // The batch stands in the file.
  void Add(const BatchHeader& batch, uint64_t position);
  // A copy of the index, for sealing.
  SegmentIndex index() const;
  SegmentTotals totals() const;
  void MarkSealed(uint64_t file_size);

 private:
  // Reads the index of a sealed segment at the first use; null when it is
  // damaged, which only makes searches longer.
  const SegmentIndex* LoadIndex(SegmentFileCache& cache) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  IndexEntry First() const;

  const std::string directory_;
  const SegmentHeader header_;

  std::atomic<Offset> next_offset_;
  std::atomic<uint64_t> readable_end_;
  std::atomic<uint64_t> file_size_;
  std::atomic<int64_t> max_time_{kNoTime};
  std::atomic<int64_t> max_append_time_{kNoTime};
  std::atomic<int64_t> min_append_time_{kNoTime};
  std::atomic<bool> is_sealed_{false};

  mutable Mutex mutex_;
  mutable std::optional<SegmentIndex> index_ ABSL_GUARDED_BY(mutex_);
  mutable bool is_index_missing_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<const SegmentFile> file_ ABSL_GUARDED_BY(mutex_);
};

// The segments of a partition in ascending order, and what recovery could not
// read of them. Immutable; a change makes a new one.
struct SegmentList {
  std::vector<std::shared_ptr<LogSegment>> segments;
  std::vector<DamagedRange> damage;

  // The segment that holds `offset` or would hold it; null before the first.
  std::shared_ptr<LogSegment> Find(Offset offset) const;
  // The damaged range that holds `offset`, null when there is none.
  const DamagedRange* FindDamage(Offset offset) const;
  // Where the segment's offsets end at the latest: the next one's base.
  Offset Bound(const LogSegment& segment) const;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_LOG_SEGMENTS_H_
