#include <algorithm>
#include <new>
#include <utility>

#include "base/status_macros.h"
#include "consumer/cursor_engine.h"
#include "partition/flush_worker.h"
#include "partition/log_shared.h"
#include "tidemark/error.h"

// How a cursor polls and waits.
namespace tidemark {
inline namespace v0 {
namespace {

// A waiting Poll looks this often for partitions that a topic has got, and for
// work that is due in a store without threads.
constexpr absl::Duration kLookInterval = absl::Milliseconds(100);
constexpr absl::Duration kLookIntervalMin = absl::Milliseconds(1);

// And this often for what another process has written.
constexpr absl::Duration kFollowInterval = absl::Milliseconds(5);

// The end of the store during a Poll.
absl::Status ClosedMeanwhile(const absl::Status& status) {
  if (ReasonOf(status) != ErrorReason::kClosed) return status;
  return WithReason(absl::CancelledError("poll: the store was closed"),
                    ErrorReason::kClosed);
}

}  // namespace

absl::StatusOr<Records> CursorEngine::Poll(const PollOptions& options) {
  TIDEMARK_RETURN_IF_ERROR(ValidatePollOptions(options));
  TIDEMARK_RETURN_IF_ERROR(Usable());
  absl::StatusOr<Records> records = PollUntil(options);
  UpdateEventDescriptor();
  return records;
}

absl::StatusOr<Records> CursorEngine::PollUntil(const PollOptions& options) {
  const bool is_waiting = options.timeout > absl::ZeroDuration();
  const absl::Duration deadline =
      is_waiting ? shared().clock->Monotonic() + options.timeout
                 : absl::ZeroDuration();
  for (bool is_over = !is_waiting;;) {
    if (shared().flush != nullptr && !shared().settings.has_threads) {
      shared().flush->RunDueIfAny();
    }
    absl::Status taken = Follow();
    if (taken.ok()) taken = TakeNewPartitions();
    absl::StatusOr<Records> records =
        fetcher_.Fetch(partitions_->all(), options);
    if (!records.ok()) {
      const absl::Status usable = shared().Usable();
      return usable.ok() ? records.status() : ClosedMeanwhile(usable);
    }
    MoveTouched();
    if (!records->empty()) {
      TakeWake();
      return records;
    }
    if (!taken.ok()) return taken;
    if (TakeWake() || is_over) return records;
    TIDEMARK_RETURN_IF_ERROR(Wait(deadline, &is_over));
  }
}

absl::Status CursorEngine::Wait(absl::Duration deadline, bool* is_over) {
  Clock& clock = *shared().clock;
  // Cleared before the partitions are looked at, so that no signal from here on
  // is missed.
  waiter_->Clear();
  if (!is_woken_.load() && ArmAll()) {
    absl::Duration until = deadline;
    const bool is_following = shared().settings.is_read_only;
    const bool has_to_work = !shared().settings.has_threads;
    if (is_following || has_to_work || partitions_->has_subscriptions()) {
      absl::Duration interval = kLookInterval;
      if (is_following) {
        interval = kFollowInterval;
      } else if (has_to_work) {
        interval = std::clamp(shared().settings.sync_interval, kLookIntervalMin,
                              kLookInterval);
      }
      until = std::min(until, clock.Monotonic() + interval);
    }
    waiter_->WaitUntil(until);
  }
  *is_over = clock.Monotonic() >= deadline;
  return ClosedMeanwhile(shared().Usable());
}

bool CursorEngine::ArmAll() {
  for (CursorPartition& partition : partitions_->all()) {
    if (partition.is_paused) continue;
    if (!Arm(partition, waiter_, options_.visibility)) return false;
  }
  return true;
}

void CursorEngine::MoveTouched() {
  for (const size_t index : fetcher_.touched()) {
    const CursorPartition& partition = partitions_->all()[index];
    if (!partition.place.lost.ok()) continue;
    positions_.Move(partition.name.topic, partition.name.partition,
                    partition.place.offset, partition.place.incarnation);
  }
}

absl::Status CursorEngine::Follow() {
  if (!shared().settings.is_read_only) return absl::OkStatus();
  const absl::Duration now = shared().clock->Monotonic();
  if (now >= next_look_) {
    TIDEMARK_RETURN_IF_ERROR(partitions_->Refresh());
    next_look_ = now + kLookInterval;
  }
  absl::Status first;
  for (const CursorPartition& partition : partitions_->all()) {
    const bool is_waiting =
        !partition.is_paused && IsIdle(partition, options_.visibility);
    if (!is_waiting) continue;
    // The others go on whatever became of this one.
    const absl::Status status = partition.log->Follow();
    if (first.ok()) first = status;
  }
  return first;
}

absl::Status CursorEngine::TakeNewPartitions() {
  TIDEMARK_ASSIGN_OR_RETURN(std::vector<CursorPartition> found,
                            partitions_->FindNew());
  if (found.empty()) return absl::OkStatus();
  std::vector<CursorKey> keys;
  keys.reserve(found.size());
  for (const CursorPartition& partition : found) keys.push_back(partition.key);
  TIDEMARK_RETURN_IF_ERROR(TakeKeys(keys));
  Positions positions = positions_;
  for (CursorPartition& partition : found) {
    TIDEMARK_ASSIGN_OR_RETURN(partition.place,
                              resolver().ResolveNew(options_.start, partition));
    NotePlace(partition, partition.place, &positions);
  }
  partitions_->Add(std::move(found));
  positions_ = std::move(positions);
  return absl::OkStatus();
}

void CursorEngine::UpdateEventDescriptor() {
  if (!has_event_descriptor_) return;
  waiter_->Clear();
  try {
    if (!is_woken_.load() && ArmAll()) return;
  } catch (const std::bad_alloc&) {
    // Readable without a reason is harmless, and the next Poll tries again.
  }
  waiter_->Signal();
}

void CursorEngine::Wake() {
  is_woken_.store(true);
  waiter_->Signal();
}

int CursorEngine::event_fd() {
  if (!Usable().ok()) return -1;
  const int descriptor = waiter_->event_fd();
  has_event_descriptor_ = descriptor >= 0;
  UpdateEventDescriptor();
  return descriptor;
}

}  // namespace v0
}  // namespace tidemark
