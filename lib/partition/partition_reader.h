#ifndef TIDEMARK_LIB_PARTITION_PARTITION_READER_H_
#define TIDEMARK_LIB_PARTITION_PARTITION_READER_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "partition/read_buffer.h"
#include "partition/tail_copy.h"
#include "record/record_runs.h"
#include "tidemark/marks.h"
#include "tidemark/partition.h"

namespace tidemark {
inline namespace v0 {

class PartitionLog;
class SegmentBatchReader;

// Reads one partition in order, remembering where it stood, so that the next
// read finds its place without a search.
//
// A read copies from the chunks when the offset is still there, else reads
// whole batches of the segment files with read-ahead. Each batch is verified
// once per read.
//
// One thread at a time. Keeps the log alive. After an error the reader may be
// used again; nothing was appended to the runs by the failed call.
class PartitionReader {
 public:
  explicit PartitionReader(std::shared_ptr<PartitionLog> log);
  ~PartitionReader();

  PartitionReader(PartitionReader&&) noexcept;
  PartitionReader& operator=(PartitionReader&&) noexcept;

  // Appends the records from `from` on to `runs`, within the limits of
  // `options`, and sets `*next` to the offset behind the last one, or to `from`
  // when nothing is visible there. Errors as Partition::Read.
  absl::Status Read(Offset from, const ReadOptions& options, RecordRuns* runs,
                    Offset* next);

  // The incarnation of the batch that holds the record before `*next` of the
  // last successful read; 0 when nothing was read yet.
  Incarnation incarnation() const { return incarnation_; }

  const std::shared_ptr<PartitionLog>& log() const { return log_; }

 private:
  struct Progress {
    Offset next = 0;     // of the next record to return
    Offset limit = 0;    // behind the last record that may be returned
    size_t bytes = 0;    // returned so far
    size_t records = 0;  // returned so far
  };
  bool IsFull(const Progress& progress, const ReadOptions& options) const;
  // Adds records of one batch, from progress.next on, up to the limits.
  // `position` is at or before it and is moved behind the last one taken.
  void Take(RecordPosition* position, const std::byte* end, Offset batch_end,
            int64_t append_time, const ReadOptions& options, RecordRuns* runs,
            Progress* progress);
  absl::Status ReadOnce(Offset from, const ReadOptions& options,
                        RecordRuns* runs, Offset* next);
  // True when the tail holds progress.next.
  bool ReadTail(const ReadOptions& options, RecordRuns* runs,
                Progress* progress);
  absl::Status ReadFiles(const ReadOptions& options, RecordRuns* runs,
                         Progress* progress);

  std::shared_ptr<PartitionLog> log_;
  std::shared_ptr<const std::string> topic_;
  std::unique_ptr<SegmentBatchReader> files_;
  ReadBufferPool pool_;
  TailCopy copy_;  // its memory is used again
  TailHint hint_;
  Incarnation incarnation_ = 0;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_PARTITION_READER_H_
