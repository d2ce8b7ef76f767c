#include "producer/send_budget.h"

#include <fmt/core.h>

#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {

bool SendBudget::Fits(uint64_t records, uint64_t bytes) const {
  if (records_ == 0) return true;
  return records_ < records_max_ && records <= records_max_ - records_ &&
         bytes_ < bytes_max_ && bytes <= bytes_max_ - bytes_;
}

void SendBudget::Take(uint64_t records, uint64_t bytes) {
  records_ += records;
  bytes_ += bytes;
}

absl::Status SendBudget::Full(uint64_t records, uint64_t bytes) const {
  return WithReason(
      absl::ResourceExhaustedError(fmt::format(
          "producer: send {} records of {} bytes: {} records of {} bytes are "
          "sent and not reported, the bounds are {} and {}",
          records, bytes, records_, bytes_, records_max_, bytes_max_)),
      ErrorReason::kAppendTimeout);
}

absl::Status SendBudget::TryAcquire(uint64_t records, uint64_t bytes) {
  const MutexLock lock(mutex_);
  if (is_closed_) {
    return WithReason(absl::FailedPreconditionError("producer: closed"),
                      ErrorReason::kClosed);
  }
  if (!Fits(records, bytes)) return Full(records, bytes);
  Take(records, bytes);
  return absl::OkStatus();
}

absl::Status SendBudget::Acquire(uint64_t records, uint64_t bytes,
                                 absl::Duration timeout) {
  {
    const MutexLock lock(mutex_);
    if (is_closed_) {
      return WithReason(absl::FailedPreconditionError("producer: closed"),
                        ErrorReason::kClosed);
    }
    if (waiters_.empty() && Fits(records, bytes)) {
      Take(records, bytes);
      return absl::OkStatus();
    }
    if (timeout <= absl::ZeroDuration()) return Full(records, bytes);
  }
  std::list<Waiter> own(1);
  const auto self = own.begin();
  self->records = records;
  self->bytes = bytes;
  self->home = &own;
  const absl::Duration deadline = clock_.Monotonic() + timeout;

  const MutexLock lock(mutex_);
  waiters_.splice(waiters_.end(), own);
  GrantLocked();
  bool is_in_time = true;
  while (!self->is_granted && !is_closed_ && is_in_time) {
    is_in_time = self->changed.WaitUntil(mutex_, clock_, deadline);
  }
  if (self->is_granted) return absl::OkStatus();
  own.splice(own.begin(), waiters_, self);
  if (is_closed_) {
    return WithReason(
        absl::CancelledError("producer: closed while Send waited for room"),
        ErrorReason::kClosed);
  }
  GrantLocked();  // the next in the queue may need less
  return Full(records, bytes);
}

void SendBudget::GrantLocked() {
  if (is_closed_) return;
  while (!waiters_.empty()) {
    Waiter& first = waiters_.front();
    if (!Fits(first.records, first.bytes)) return;
    Take(first.records, first.bytes);
    first.is_granted = true;
    first.home->splice(first.home->begin(), waiters_, waiters_.begin());
    first.changed.NotifyOne();
  }
}

void SendBudget::Release(uint64_t records, uint64_t bytes) {
  const MutexLock lock(mutex_);
  records_ -= records;
  bytes_ -= bytes;
}

void SendBudget::Grant() {
  const MutexLock lock(mutex_);
  GrantLocked();
}

void SendBudget::Close() {
  const MutexLock lock(mutex_);
  is_closed_ = true;
  for (Waiter& waiter : waiters_) waiter.changed.NotifyOne();
}

uint64_t SendBudget::records() const {
  const MutexLock lock(mutex_);
  return records_;
}

}  // namespace v0
}  // namespace tidemark
