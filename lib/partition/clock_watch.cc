#include "partition/clock_watch.h"

#include <algorithm>

namespace tidemark {
inline namespace v0 {

ClockTrust ClockWatch::Look(absl::Time wall, absl::Duration monotonic,
                            absl::Duration* jump) {
  const MutexLock lock(mutex_);
  // Two threads may come in another order than they read the clock.
  monotonic = std::max(monotonic, monotonic_);
  const absl::Duration step = (wall - wall_) - (monotonic - monotonic_);
  const bool is_jump = step >= kJumpMin || step <= -kJumpMin;
  *jump = is_jump ? step : absl::ZeroDuration();
  wall_ = wall;
  monotonic_ = monotonic;
  if (is_jump) {
    since_ = monotonic;
    has_jumped_ = true;
  }
  return {.confirmed = monotonic - since_, .has_jumped = has_jumped_};
}

bool ClockWatch::IsInDoubt(absl::Duration monotonic) const {
  const MutexLock lock(mutex_);
  return has_jumped_ && monotonic - since_ < kConfirmation;
}

}  // namespace v0
}  // namespace tidemark
