#ifndef TIDEMARK_LIB_PARTITION_FLUSH_WORKER_H_
#define TIDEMARK_LIB_PARTITION_FLUSH_WORKER_H_

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/guard.h"
#include "base/mutex.h"
#include "base/worker.h"
#include "partition/log_shared.h"

namespace tidemark {
inline namespace v0 {

class PartitionLog;

// Writes out and syncs the partitions of one store when it is time: at once
// when a batch is full, after the sync interval when something is not durable,
// and a little later, when nothing was appended, the mark.
//
// Its thread is optional. Without one the appenders and the host call RunDue.
// Thread-safe. Holds the partitions weakly. Errors go to the partitions, which
// keep them, and to the host's events.
class FlushWorker {
 public:
  explicit FlushWorker(LogShared& shared) : shared_(shared) {}
  ~FlushWorker() { Stop(); }

  FlushWorker(const FlushWorker&) = delete;
  FlushWorker& operator=(const FlushWorker&) = delete;

  // Starts the thread. ResourceExhausted when the system has none left.
  absl::Status Start();
  // Ends the thread behind what it is doing. Nothing is flushed.
  void Stop();

  // The log has bytes that are not durable, from `now` on.
  void NoteDirty(PartitionLog& log, absl::Duration now);
  // The log has batches to write.
  void RequestWriteOut(PartitionLog& log);
  // The log was given a chunk.
  void NoteChunk(PartitionLog& log);
  // Has RunIdle called for the log at `at`, unless a sync comes first.
  void NoteIdle(PartitionLog& log, absl::Duration at);

  // Does everything that is due now; the first error of it. May let
  // std::bad_alloc through; then all of it is still due.
  absl::Status RunDue();
  // The same if anything is due; cheap otherwise.
  void RunDueIfAny() {
    const int64_t at = next_due_.load(std::memory_order_relaxed);
    if (at == INT64_MAX) return;
    if (absl::ToInt64Nanoseconds(shared_.clock->Monotonic()) < at) return;
    // The partitions and the events have it.
    Guarded([this] { return RunDue(); }).IgnoreError();
  }

  // Makes everything durable that was appended before the call to any of
  // `logs`, with one sync of the file system when many are dirty.
  absl::Status SyncLogs(std::vector<std::shared_ptr<PartitionLog>> logs);

  // Makes everything durable that is waiting for its turn.
  absl::Status SyncDirty();

  // Writes out another partition's chunks to free memory; false when there is
  // none that could be had now.
  bool ReclaimMemory(const PartitionLog& except);

  // Closes the files of partitions that are synced and idle; true when there is
  // room for another file to write.
  bool ReleaseFiles();

  // The age of the oldest byte that is not durable.
  absl::Duration sync_lag() const;

 private:
  enum class Task : uint8_t { kSync, kIdle };
  struct Due {
    std::weak_ptr<PartitionLog> log;
    absl::Duration at;
    Task task;
  };
  using ByTime = std::multimap<absl::Duration, const PartitionLog*>;
  using LogList = std::vector<std::shared_ptr<PartitionLog>>;

  absl::Duration RunJob();
  // Notices that somebody removed the shared memory.
  void WatchArena();
  // The partitions that may have something that is not durable, and some more.
  LogList DirtyLogs() const;
  // One after the other, or with one call. Neither lets std::bad_alloc through.
  absl::Status SyncEach(const LogList& logs);
  absl::Status SyncTogether(const LogList& logs);
  absl::Status WriteOutOrRetry(PartitionLog& log, absl::Duration now);
  // Whether the sync that was planned for the log is not due, or not any more.
  bool PutOffSync(PartitionLog& log, absl::Duration now);
  void Schedule(PartitionLog& log, absl::Duration at, Task task);
  void TakeDue(absl::Duration now, LogList* writes, LogList* syncs,
               LogList* idles);
  void StoreNextDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  LogShared& shared_;

  mutable Mutex mutex_;
  std::vector<std::weak_ptr<PartitionLog>> ready_ ABSL_GUARDED_BY(mutex_);
  // Not Abseil's, which does not survive std::bad_alloc.
  std::unordered_map<const PartitionLog*, Due> due_ ABSL_GUARDED_BY(mutex_);
  ByTime by_time_ ABSL_GUARDED_BY(mutex_);  // the same logs
  // Partitions with chunks, the longest open first.
  std::deque<std::weak_ptr<PartitionLog>> holders_ ABSL_GUARDED_BY(mutex_);

  std::atomic<int64_t> next_due_{INT64_MAX};  // nanoseconds of monotonic time
  std::unique_ptr<Worker> worker_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_FLUSH_WORKER_H_
