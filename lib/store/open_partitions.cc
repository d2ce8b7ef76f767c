#include "store/open_partitions.h"

#include <algorithm>
#include <utility>

#include "base/guard.h"
#include "base/status_macros.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {

absl::StatusOr<std::shared_ptr<PartitionLog>> OpenPartitions::Open(
    const PartitionAddress& address, const PartitionOptions& options,
    bool is_taking_over) {
  TIDEMARK_ASSIGN_OR_RETURN(
      std::shared_ptr<PartitionLog> log,
      PartitionLog::Open(shared_, address, options,
                         {.is_file_system_synced = is_file_system_synced_,
                          .is_taking_over = is_taking_over}));
  const absl::Status added = Guarded([&] {
    MutexLock lock(mutex_);
    logs_.push_back(log);
    return absl::OkStatus();
  });
  if (added.ok()) return log;
  // Nothing was appended. A close would write a mark, behind which records that
  // are still to be taken over, and are older, could not stand.
  Guarded([&] {
    log->Abandon(added);
    return absl::OkStatus();
  }).IgnoreError();
  return added;
}

void OpenPartitions::Remove(const Id128& topic_id) {
  MutexLock lock(mutex_);
  std::erase_if(logs_, [&topic_id](const std::shared_ptr<PartitionLog>& log) {
    return log->address().topic_id == topic_id;
  });
}

std::vector<std::shared_ptr<PartitionLog>> OpenPartitions::logs() const {
  MutexLock lock(mutex_);
  return logs_;
}

std::vector<std::shared_ptr<PartitionLog>> OpenPartitions::Slice(
    size_t first, size_t count) const {
  MutexLock lock(mutex_);
  const size_t from = std::min(first, logs_.size());
  const size_t to = std::min(from + count, logs_.size());
  return {logs_.begin() + static_cast<std::ptrdiff_t>(from),
          logs_.begin() + static_cast<std::ptrdiff_t>(to)};
}

std::vector<PartitionRecovery> OpenPartitions::recoveries() const {
  std::vector<PartitionRecovery> recoveries;
  for (const std::shared_ptr<PartitionLog>& log : logs()) {
    recoveries.push_back(log->recovery());
  }
  return recoveries;
}

std::vector<std::shared_ptr<PartitionLog>> OpenPartitions::TakeAll() {
  std::vector<std::shared_ptr<PartitionLog>> logs;
  MutexLock lock(mutex_);
  logs.swap(logs_);
  return logs;
}

absl::Status OpenPartitions::CloseAll() {
  absl::Status first;
  for (const std::shared_ptr<PartitionLog>& log : TakeAll()) {
    const absl::Status status = Guarded([&] { return log->Close(); });
    if (first.ok()) first = status;
  }
  return first;
}

void OpenPartitions::AbandonAll() {
  const absl::Status why = WithReason(
      absl::FailedPreconditionError("store: closed"), ErrorReason::kClosed);
  for (const std::shared_ptr<PartitionLog>& log : TakeAll()) log->Abandon(why);
}

}  // namespace v0
}  // namespace tidemark
