#include "store/housekeeper.h"

#include <fmt/core.h>

#include <vector>

#include "base/status_macros.h"

namespace tidemark {
inline namespace v0 {

absl::Status Housekeeper::Start() {
  TIDEMARK_ASSIGN_OR_RETURN(
      worker_,
      Worker::Start("tidemark-upkeep", clock(), [this] { return RunSlice(); }));
  return absl::OkStatus();
}

void Housekeeper::Stop() {
  if (worker_ != nullptr) worker_->Stop();
}

absl::Duration Housekeeper::RunSlice() {
  if (next_ == 0) round_since_ = clock().Monotonic();
  const auto slice = partitions_.Slice(next_, kSliceCount);
  const absl::Time now = clock().Now();
  partitions_.events().NoteBackgroundError(
      MaintainAll(slice, now, LookAtClock(now)));
  next_ += slice.size();
  if (slice.size() == kSliceCount) return clock().Monotonic() + kPause;
  next_ = 0;
  partitions_.events().NoteBackgroundError(catalog_.RemoveRests());
  return round_since_ + kRound;
}

ClockTrust Housekeeper::LookAtClock(absl::Time now) {
  absl::Duration jump;
  const ClockTrust trust = watch_.Look(now, clock().Monotonic(), &jump);
  if (jump != absl::ZeroDuration()) {
    partitions_.events().Report(
        {.kind = EventKind::kClockJumped,
         .text = fmt::format("the clock jumped by {}: nothing is deleted by "
                             "age until it has run for an hour",
                             absl::FormatDuration(jump))});
  }
  return trust;
}

absl::Status Housekeeper::MaintainAll(
    const std::vector<std::shared_ptr<PartitionLog>>& logs, absl::Time now,
    const ClockTrust& trust) {
  absl::Status first;
  for (const std::shared_ptr<PartitionLog>& log : logs) {
    const absl::Status status = log->Maintain(now, trust);
    if (first.ok()) first = status;
  }
  return first;
}

void Housekeeper::AddTo(StoreHealth* health) const {
  if (!watch_.IsInDoubt(clock().Monotonic())) return;
  health->warnings.push_back(
      "the clock jumped: nothing is deleted by age until it has run for an "
      "hour");
}

absl::Status Housekeeper::RunRound(absl::Time now) {
  // A time that no look at the clock can have given is the host's word.
  const absl::Duration ahead = absl::AbsDuration(now - clock().Now());
  const ClockTrust trust =
      ahead < ClockWatch::kJumpMin ? LookAtClock(now) : ClockTrust();
  absl::Status first = MaintainAll(partitions_.logs(), now, trust);
  const absl::Status removed = catalog_.RemoveRests();
  return first.ok() ? removed : first;
}

}  // namespace v0
}  // namespace tidemark
