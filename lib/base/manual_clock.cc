#include "tidemark/testing/manual_clock.h"

#include <algorithm>
#include <chrono>

namespace tidemark {
inline namespace v0 {

ManualClock::ManualClock(absl::Time start)
    : now_(start), monotonic_(absl::ZeroDuration()) {}

ManualClock::~ManualClock() = default;

void ManualClock::Advance(absl::Duration step) {
  const std::lock_guard<std::mutex> lock(mutex_);
  now_ += step;
  monotonic_ += step;
  for (std::condition_variable* const waiter : waiters_) waiter->notify_all();
}

void ManualClock::JumpTo(absl::Time time) {
  const std::lock_guard<std::mutex> lock(mutex_);
  now_ = time;
}

int64_t ManualClock::CoarseMicros() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return absl::ToUnixMicros(now_);
}

absl::Time ManualClock::Now() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return now_;
}

absl::Duration ManualClock::Monotonic() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return monotonic_;
}

bool ManualClock::WaitUntil(std::condition_variable& condition,
                            std::unique_lock<std::mutex>& lock,
                            absl::Duration deadline) {
  {
    const std::lock_guard<std::mutex> own(mutex_);
    if (monotonic_ >= deadline) return false;
    waiters_.push_back(&condition);
  }
  // An Advance between the check above and the wait below would go unheard, as
  // it does not hold the caller's mutex; the slice bounds that.
  condition.wait_for(lock, std::chrono::milliseconds(5));
  const std::lock_guard<std::mutex> own(mutex_);
  waiters_.erase(std::find(waiters_.begin(), waiters_.end(), &condition));
  return monotonic_ < deadline;
}

}  // namespace v0
}  // namespace tidemark
