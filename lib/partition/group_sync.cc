#include "partition/group_sync.h"

#include <algorithm>

#include "base/guard.h"
#include "partition/partition_log.h"

namespace tidemark {
inline namespace v0 {

absl::Status GroupSync::SyncTo(PartitionLog& log, Offset end, bool is_forced) {
  for (;;) {
    {
      const MutexLock lock(mutex_);
      if (!failure_.ok()) return failure_;
      if (durable() >= end && !is_forced) return absl::OkStatus();
      if (is_syncing_) {
        finished_.Wait(mutex_);
        continue;
      }
      is_syncing_ = true;
    }
    SyncPlan plan;
    absl::Status status = Guarded([&] { return log.PrepareSync(&plan); });
    bool is_final = false;
    if (status.ok()) {
      status = Guarded([&] { return log.ExecuteSync(&plan); });
      is_final = log.IsFinal(plan, &status);
    }
    Finish(status, is_final, plan.end);
    log.AfterSync(plan, status, is_final);
    if (!status.ok()) return status;
    is_forced = false;
  }
}

absl::Status GroupSync::WaitFor(Offset end, absl::Duration deadline) {
  const MutexLock lock(mutex_);
  for (;;) {
    if (durable() >= end) return absl::OkStatus();
    if (!failure_.ok()) return failure_;
    if (!finished_.WaitUntil(mutex_, clock_, deadline)) {
      return absl::DeadlineExceededError("sync: deadline");
    }
  }
}

bool GroupSync::TryBegin() {
  const MutexLock lock(mutex_);
  if (is_syncing_ || !failure_.ok()) return false;
  is_syncing_ = true;
  return true;
}

void GroupSync::Finish(const absl::Status& status, bool is_final,
                       Offset durable) {
  const MutexLock lock(mutex_);
  is_syncing_ = false;
  if (status.ok()) {
    durable_.store(std::max(durable_.load(), durable),
                   std::memory_order_release);
  } else if (is_final && failure_.ok()) {
    failure_ = status;
  }
  finished_.NotifyAll();
}

void GroupSync::RaiseTo(Offset durable) {
  const MutexLock lock(mutex_);
  durable_.store(std::max(durable_.load(), durable), std::memory_order_release);
  finished_.NotifyAll();
}

void GroupSync::Fail(const absl::Status& status) {
  const MutexLock lock(mutex_);
  if (failure_.ok()) failure_ = status;
  finished_.NotifyAll();
}

}  // namespace v0
}  // namespace tidemark
