#ifndef TIDEMARK_LIB_PARTITION_APPEND_WAITER_H_
#define TIDEMARK_LIB_PARTITION_APPEND_WAITER_H_

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "io/descriptor.h"
#include "tidemark/clock.h"

namespace tidemark {
inline namespace v0 {

// What a reader of several partitions sleeps on.
//
// The reader clears it, arms it at each of its partitions
// (PartitionLog::ArmWaiter) and waits; the first append, sync or close signals
// it. A signal stays until Clear, so none is lost. The event descriptor, once
// asked for, is readable exactly while the signal is up.
//
// Thread-safe. Shared by the reader and the partitions it is armed at.
class AppendWaiter {
 public:
  explicit AppendWaiter(Clock& clock) : clock_(clock) {}

  AppendWaiter(const AppendWaiter&) = delete;
  AppendWaiter& operator=(const AppendWaiter&) = delete;

  void Clear();
  void Signal();
  bool is_signalled() const;

  // Waits for a signal until `deadline` of the clock's monotonic time. Returns
  // whether the signal is up.
  bool WaitUntil(absl::Duration deadline);

  // A descriptor for epoll, made at the first call and owned by the waiter; -1
  // when the process has no descriptor left.
  int event_fd();

 private:
  Clock& clock_;
  mutable Mutex mutex_;
  Condition condition_;
  bool is_signalled_ ABSL_GUARDED_BY(mutex_) = false;
  Descriptor event_fd_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_APPEND_WAITER_H_
