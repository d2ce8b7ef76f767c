#include "store/housekeeper.h"

#include <vector>

#include "base/status_macros.h"

namespace tidemark {
inline namespace v0 {
namespace {

absl::Status MaintainAll(const std::vector<std::shared_ptr<PartitionLog>>& logs,
                         absl::Time now) {
  absl::Status first;
  for (const std::shared_ptr<PartitionLog>& log : logs) {
    const absl::Status status = log->Maintain(now);
    if (first.ok()) first = status;
  }
  return first;
}

}  // namespace

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
  partitions_.events().NoteBackgroundError(MaintainAll(slice, clock().Now()));
  next_ += slice.size();
  if (slice.size() == kSliceCount) return clock().Monotonic() + kPause;
  next_ = 0;
  partitions_.events().NoteBackgroundError(catalog_.RemoveRests());
  return round_since_ + kRound;
}

absl::Status Housekeeper::RunRound(absl::Time now) {
  absl::Status first = MaintainAll(partitions_.logs(), now);
  const absl::Status removed = catalog_.RemoveRests();
  return first.ok() ? removed : first;
}

}  // namespace v0
}  // namespace tidemark
