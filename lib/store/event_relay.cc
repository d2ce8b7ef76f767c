#include "store/event_relay.h"

#include <fmt/core.h>

#include <new>
#include <utility>

#include "base/guard.h"

namespace tidemark {
inline namespace v0 {
namespace {

thread_local EventRelay::Deferral* current_deferral = nullptr;

}  // namespace

EventRelay::Deferral::Deferral(EventRelay& relay)
    : relay_(relay), outer_(current_deferral) {
  current_deferral = this;
}

EventRelay::Deferral::~Deferral() {
  current_deferral = outer_;
  for (const Event& event : events_) relay_.Report(event);
}

void EventRelay::Report(const Event& event) noexcept {
  Deferral* const deferral = current_deferral;
  try {
    if (deferral != nullptr && &deferral->relay_ == this) {
      deferral->events_.push_back(event);
      return;
    }
    Remember(event);
  } catch (const std::bad_alloc&) {
    NoteBackgroundError(OutOfMemoryStatus());
  }
  Deliver(event);
}

void EventRelay::Remember(const Event& event) {
  const MutexLock lock(mutex_);
  switch (event.kind) {
    case EventKind::kDamageFound:
      ++damaged_ranges_;
      break;
    case EventKind::kSyncPutOff:
      // Tried again; until then the lag of the sync tells it.
      return;
    case EventKind::kDiskFull:
      waiting_for_space_.insert({event.topic, event.partition});
      return;
    case EventKind::kDiskSpaceReturned:
      waiting_for_space_.erase({event.topic, event.partition});
      return;
    case EventKind::kProcessLevelChanged:
      process_durability_reason_ = event.text;
      break;
    default:
      break;
  }
  if (event.status.ok()) return;
  background_error_ = event.status;
  ++background_error_count_;
}

void EventRelay::Deliver(const Event& event) noexcept {
  if (!host_ || RunHostCode([&] { host_(event); })) return;
  // Told by health alone: the function that failed would be the one to call.
  NoteBackgroundError(Guarded([&]() -> absl::Status {
    return absl::InternalError(
        fmt::format("on_event: an exception came out of it for {}",
                    EventKindName(event.kind)));
  }));
}

void EventRelay::NoteBackgroundError(const absl::Status& status) noexcept {
  if (status.ok()) return;
  const MutexLock lock(mutex_);
  background_error_ = status;
  ++background_error_count_;
}

void EventRelay::SetProcessDurabilityReason(std::string reason) {
  const MutexLock lock(mutex_);
  process_durability_reason_ = std::move(reason);
}

void EventRelay::ForgetTopic(std::string_view topic) {
  const MutexLock lock(mutex_);
  std::erase_if(waiting_for_space_, [topic](const TopicPartition& partition) {
    return partition.topic == topic;
  });
}

void EventRelay::AddTo(StoreHealth* health) const {
  const MutexLock lock(mutex_);
  health->background_error = background_error_;
  health->background_error_count = background_error_count_;
  health->damaged_ranges += damaged_ranges_;
  health->process_durability_reason = process_durability_reason_;
  for (const TopicPartition& partition : waiting_for_space_) {
    health->warnings.push_back(fmt::format("{}/{}: waits for space on the disk",
                                           partition.topic,
                                           partition.partition));
  }
}

}  // namespace v0
}  // namespace tidemark
