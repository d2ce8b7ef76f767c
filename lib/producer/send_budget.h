#ifndef TIDEMARK_LIB_PRODUCER_SEND_BUDGET_H_
#define TIDEMARK_LIB_PRODUCER_SEND_BUDGET_H_

#include <cstdint>
#include <list>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "tidemark/clock.h"

namespace tidemark {
inline namespace v0 {

// How many records and bytes a producer may have outstanding, and the queue of
// senders that wait for room.
//
// The sums stay within both bounds, but that one acquisition of any size is
// allowed when nothing is outstanding. Who waits gets room in the order of
// arrival, so that a large batch is not starved by small records.
//
// Thread-safe; its mutex is a leaf. Borrows the clock. An acquisition that
// fails takes nothing.
class SendBudget {
 public:
  SendBudget(Clock& clock, uint64_t records_max, uint64_t bytes_max)
      : clock_(clock), records_max_(records_max), bytes_max_(bytes_max) {}

  SendBudget(const SendBudget&) = delete;
  SendBudget& operator=(const SendBudget&) = delete;

  // Takes room, waiting for it behind those who came before. ResourceExhausted
  // (append_timeout) after `timeout`; FailedPrecondition (closed) once closed,
  // Cancelled (closed) if that comes during the wait.
  absl::Status Acquire(uint64_t records, uint64_t bytes,
                       absl::Duration timeout);

  // The same at once or not at all, and past those who wait.
  absl::Status TryAcquire(uint64_t records, uint64_t bytes);

  // Gives room back. Nobody who waits gets it before Grant is called.
  void Release(uint64_t records, uint64_t bytes);
  void Grant();

  // Refuses everybody from now on, also those who wait.
  void Close();

  // How many records are outstanding.
  uint64_t records() const;

 private:
  struct Waiter {
    uint64_t records = 0;
    uint64_t bytes = 0;
    bool is_granted = false;
    std::list<Waiter>* home =
        nullptr;  // where the node goes when it is granted
    Condition changed;
  };

  bool Fits(uint64_t records, uint64_t bytes) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Take(uint64_t records, uint64_t bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GrantLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Full(uint64_t records, uint64_t bytes) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock& clock_;
  const uint64_t records_max_;
  const uint64_t bytes_max_;

  mutable Mutex mutex_;
  bool is_closed_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t records_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  // In the order of arrival; none of them is granted. A node belongs to its
  // caller, who waits.
  std::list<Waiter> waiters_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PRODUCER_SEND_BUDGET_H_
