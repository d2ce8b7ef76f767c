#include "tidemark/clock.h"

#include <time.h>

#include <algorithm>
#include <chrono>

#include "absl/time/clock.h"

namespace tidemark {
inline namespace v0 {
namespace {

class SystemClock final : public Clock {
 public:
  int64_t CoarseMicros() const override {
    timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return int64_t{now.tv_sec} * 1000000 + now.tv_nsec / 1000;
  }

  absl::Time Now() const override { return absl::Now(); }

  absl::Duration Monotonic() const override {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return absl::DurationFromTimespec(now);
  }

  bool WaitUntil(std::condition_variable& condition,
                 std::unique_lock<std::mutex>& lock,
                 absl::Duration deadline) override {
    if (deadline == absl::InfiniteDuration()) {
      condition.wait(lock);
      return true;
    }
    const absl::Duration left = deadline - Monotonic();
    if (left <= absl::ZeroDuration()) return false;
    // A bound keeps the conversion to the standard clock within its range; the
    // caller loops anyway.
    const absl::Duration slice = std::min(left, absl::Hours(24));
    condition.wait_for(lock, absl::ToChronoNanoseconds(slice));
    return Monotonic() < deadline;
  }
};

}  // namespace

Clock& Clock::System() {
  static SystemClock* const clock = new SystemClock;
  return *clock;
}

}  // namespace v0
}  // namespace tidemark
