#ifndef TIDEMARK_CLOCK_H_
#define TIDEMARK_CLOCK_H_

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "absl/time/time.h"

namespace tidemark {
inline namespace v0 {

// The library's only source of time. Hosts inject a ManualClock in tests.
//
// Two times exist: the wall time, which may jump in both directions and only
// stamps records, and the monotonic time, which orders waits and deadlines.
// Thread-safe. A clock outlives every store that was opened with it.
class Clock {
 public:
  // The system's clock; never destroyed.
  static Clock& System();

  virtual ~Clock() = default;

  // The wall time in microseconds since the epoch. Cheap and coarse: the system
  // clock answers in a few nanoseconds with the resolution of the kernel's tick
  // (1 to 10 ms).
  virtual int64_t CoarseMicros() const = 0;

  // The wall time with the full resolution.
  virtual absl::Time Now() const = 0;

  // Time since an arbitrary point, never going back, unaffected by changes of
  // the wall time.
  virtual absl::Duration Monotonic() const = 0;

  // Blocks on `condition` until it is notified or Monotonic() reaches
  // `deadline`; absl::InfiniteDuration() waits for ever. Returns false when the
  // deadline has passed. May return early without a reason, as every condition
  // variable does.
  virtual bool WaitUntil(std::condition_variable& condition,
                         std::unique_lock<std::mutex>& lock,
                         absl::Duration deadline) = 0;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_CLOCK_H_
