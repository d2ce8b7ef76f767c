#ifndef TIDEMARK_LIB_PARTITION_GROUP_SYNC_H_
#define TIDEMARK_LIB_PARTITION_GROUP_SYNC_H_

#include <atomic>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "tidemark/clock.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

class PartitionLog;

// The durable mark of a partition, and the one sync at a time that moves it.
//
// Who needs a sync becomes the leader, or waits for the one at work and looks
// again: one device flush serves all who wait. The mark moves to the end that
// was captured before the sync began. A failed sync is never tried again; the
// failure stays and is returned to everybody.
//
// Thread-safe. No lock is held while the leader works.
class GroupSync {
 public:
  GroupSync(Clock& clock, Offset durable) : clock_(clock), durable_(durable) {}

  Offset durable() const { return durable_.load(std::memory_order_acquire); }

  // Returns once everything below `end` is durable, syncing if need be. With
  // `is_forced` syncs once in any case: for files without new records.
  absl::Status SyncTo(PartitionLog& log, Offset end, bool is_forced = false);

  // Waits for somebody else's sync. DeadlineExceeded at `deadline`, monotonic.
  absl::Status WaitFor(Offset end, absl::Duration deadline);

  // Becomes the leader unless there is one, for a sync of several partitions.
  bool TryBegin();
  // Ends what TryBegin began: the mark moves to `durable` if `status` is OK; a
  // `is_final` failure stays.
  void Finish(const absl::Status& status, bool is_final, Offset durable);

  // Raises the mark: what is gone cannot be lost.
  void RaiseTo(Offset durable);

  // Ends all waits, now and later, with `status`.
  void Fail(const absl::Status& status);

 private:
  Clock& clock_;
  std::atomic<Offset> durable_;

  Mutex mutex_;
  Condition finished_;
  bool is_syncing_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_GROUP_SYNC_H_
