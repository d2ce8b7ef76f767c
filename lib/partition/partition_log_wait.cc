#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "fmt/core.h"
#include "partition/partition_log.h"
#include "tidemark/error.h"

// The part of PartitionLog that callers wait with.
namespace tidemark {
inline namespace v0 {
namespace {

// How often a wait looks for what another process has made durable.
constexpr absl::Duration kFollowInterval = absl::Milliseconds(5);

}  // namespace

absl::Status PartitionLog::WaitDurable(Offset end, absl::Time deadline) {
  TIDEMARK_RETURN_IF_ERROR(Usable());
  const bool is_read_only = shared_->settings.is_read_only;
  if (is_read_only && sync_.durable() < end) {
    TIDEMARK_RETURN_IF_ERROR(Follow());
  }
  if (end > end_.load(std::memory_order_acquire)) {
    return absl::OutOfRangeError(
        fmt::format("topic {} partition {}: wait for offset {}, the end is {}",
                    address_.topic, address_.number, end,
                    end_.load(std::memory_order_acquire)));
  }
  if (sync_.durable() >= end) return absl::OkStatus();
  if (!is_read_only && !shared_->settings.has_threads) {
    return sync_.SyncTo(*this, end);
  }
  absl::Duration until = absl::InfiniteDuration();
  if (deadline != absl::InfiniteFuture()) {
    until = shared_->clock->Monotonic() + (deadline - shared_->clock->Now());
  }
  const absl::Status status =
      is_read_only ? WaitBesideWriter(end, until) : sync_.WaitFor(end, until);
  if (!absl::IsDeadlineExceeded(status)) return status;
  return absl::DeadlineExceededError(fmt::format(
      "topic {} partition {}: wait for offset {} to be durable, at the "
      "deadline {} is",
      address_.topic, address_.number, end, sync_.durable()));
}

absl::Status PartitionLog::WaitBesideWriter(Offset end,
                                            absl::Duration deadline) {
  for (;;) {
    const absl::Duration now = shared_->clock->Monotonic();
    const absl::Status status =
        sync_.WaitFor(end, std::min(deadline, now + kFollowInterval));
    if (!absl::IsDeadlineExceeded(status) || now >= deadline) return status;
    TIDEMARK_RETURN_IF_ERROR(Usable());
    TIDEMARK_RETURN_IF_ERROR(Follow());
  }
}

bool PartitionLog::ArmWaiter(const std::shared_ptr<AppendWaiter>& waiter,
                             Offset from, Visibility visibility) {
  if (!Usable().ok()) return true;
  if (VisibleEnd(visibility) > from) return true;
  const MutexLock lock(append_mutex_);
  armed_.push_back({waiter, from, visibility});
  has_armed_.store(true, std::memory_order_seq_cst);
  // The durable mark moves without this lock: look again behind the flag that
  // who moves it reads afterwards.
  if (VisibleEnd(visibility) > from || !Usable().ok()) {
    armed_.pop_back();
    has_armed_.store(!armed_.empty(), std::memory_order_seq_cst);
    return true;
  }
  return false;
}

void PartitionLog::DisarmWaiter(const AppendWaiter& waiter) {
  const MutexLock lock(append_mutex_);
  std::erase_if(armed_, [&waiter](const Armed& armed) {
    return armed.waiter.get() == &waiter;
  });
  has_armed_.store(!armed_.empty(), std::memory_order_seq_cst);
}

void PartitionLog::Wake(Visibility visibility) {
  for (;;) {
    // One by one, for that needs no memory and no lock over a signal.
    std::shared_ptr<AppendWaiter> due;
    {
      const MutexLock lock(append_mutex_);
      const Offset end = VisibleEnd(visibility);
      const auto armed = std::find_if(
          armed_.begin(), armed_.end(), [&](const Armed& candidate) {
            return candidate.visibility == visibility && end > candidate.from;
          });
      if (armed != armed_.end()) {
        due = std::move(armed->waiter);
        armed_.erase(armed);
      }
      has_armed_.store(!armed_.empty(), std::memory_order_seq_cst);
    }
    if (due == nullptr) return;
    due->Signal();
  }
}

void PartitionLog::WakeAll() {
  // They stay armed, for what comes next may be the close. Nobody waits for the
  // lock meanwhile who could still append.
  const MutexLock lock(append_mutex_);
  for (const Armed& armed : armed_) armed.waiter->Signal();
}

}  // namespace v0
}  // namespace tidemark
