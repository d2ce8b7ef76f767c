#ifndef TIDEMARK_TESTING_MANUAL_CLOCK_H_
#define TIDEMARK_TESTING_MANUAL_CLOCK_H_

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "tidemark/clock.h"

namespace tidemark {
inline namespace v0 {

// A clock that stands still until a test moves it.
//
// Advance moves both times and wakes every thread whose deadline may have come;
// JumpTo moves the wall time alone, in either direction. Thread-safe.
class ManualClock final : public Clock {
 public:
  // Starts at `start`; monotonic time starts at zero.
  explicit ManualClock(absl::Time start = absl::FromUnixSeconds(1000000000));
  ~ManualClock() override;

  ManualClock(const ManualClock&) = delete;
  ManualClock& operator=(const ManualClock&) = delete;

  // Moves wall and monotonic time forward. `step` must not be negative.
  void Advance(absl::Duration step);

  // Sets the wall time; monotonic time stays.
  void JumpTo(absl::Time time);

  int64_t CoarseMicros() const override;
  absl::Time Now() const override;
  absl::Duration Monotonic() const override;

  // Wakes at the next Advance or notification, and looks again by itself after
  // a few milliseconds of real time, so that no wake-up can be lost.
  bool WaitUntil(std::condition_variable& condition,
                 std::unique_lock<std::mutex>& lock,
                 absl::Duration deadline) override;

 private:
  mutable std::mutex mutex_;
  absl::Time now_;                                 // guarded by mutex_
  absl::Duration monotonic_;                       // guarded by mutex_
  std::vector<std::condition_variable*> waiters_;  // guarded by mutex_
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_TESTING_MANUAL_CLOCK_H_
