#ifndef TIDEMARK_LIB_PARTITION_CLOCK_WATCH_H_
#define TIDEMARK_LIB_PARTITION_CLOCK_WATCH_H_

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace tidemark {
inline namespace v0 {

// How far the wall clock can be believed when it is about deleting.
struct ClockTrust {
  // For so long it has run along with the monotonic clock.
  absl::Duration confirmed = absl::InfiniteDuration();
  // Before that it jumped, and not only began to be looked at.
  bool has_jumped = false;
};

// Watches whether the wall clock runs along with the monotonic clock.
//
// The wall clock jumps when between two looks it moves by kJumpMin more or less
// than the monotonic clock, which stands still while the machine sleeps. Drift
// and small corrections are no jumps.
//
// Thread-safe. Owns nothing. docs/decisions/0012-clock-jumps.md says why.
class ClockWatch {
 public:
  static constexpr absl::Duration kJumpMin = absl::Hours(1);

  // After this it is believed again, whatever it said before.
  static constexpr absl::Duration kConfirmation = absl::Hours(1);

  // Begins with the clocks at these times.
  ClockWatch(absl::Time wall, absl::Duration monotonic)
      : wall_(wall), monotonic_(monotonic), since_(monotonic) {}

  ClockWatch(const ClockWatch&) = delete;
  ClockWatch& operator=(const ClockWatch&) = delete;

  // Looks at the clocks. `*jump` is by how much the wall clock jumped since the
  // last look, 0 when it did not.
  ClockTrust Look(absl::Time wall, absl::Duration monotonic,
                  absl::Duration* jump);

  // True while a jump is less than kConfirmation ago.
  bool IsInDoubt(absl::Duration monotonic) const;

 private:
  mutable Mutex mutex_;
  absl::Time wall_ ABSL_GUARDED_BY(mutex_);           // at the last look
  absl::Duration monotonic_ ABSL_GUARDED_BY(mutex_);  // at the last look
  absl::Duration since_ ABSL_GUARDED_BY(mutex_);      // of the last jump
  bool has_jumped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_CLOCK_WATCH_H_
