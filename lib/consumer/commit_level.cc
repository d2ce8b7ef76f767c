#include "consumer/commit_level.h"

#include <fmt/core.h>

#include <vector>

#include "base/status_macros.h"
#include "partition/flush_worker.h"
#include "partition/log_shared.h"

namespace tidemark {
inline namespace v0 {
namespace {

absl::Status CheckEnd(const CommitTarget& target, const Marks& marks) {
  if (target.offset <= marks.end) return absl::OkStatus();
  return absl::OutOfRangeError(
      fmt::format("topic {} partition {}: commit offset {}, the end is {}",
                  target.log->address().topic, target.log->address().number,
                  target.offset, marks.end));
}

}  // namespace

absl::Status ReachCommitLevel(std::span<const CommitTarget> targets,
                              Ack level) {
  std::vector<std::shared_ptr<PartitionLog>> unsynced;
  std::vector<std::shared_ptr<PartitionLog>> unwritten;
  for (const CommitTarget& target : targets) {
    const Marks marks = target.log->marks();
    TIDEMARK_RETURN_IF_ERROR(CheckEnd(target, marks));
    if (marks.durable < target.offset) unsynced.push_back(target.log);
    if (marks.written < target.offset) unwritten.push_back(target.log);
  }
  if (level == Ack::kDisk) {
    if (unsynced.empty()) return absl::OkStatus();
    return unsynced.front()->shared().flush->SyncLogs(unsynced);
  }
  for (const std::shared_ptr<PartitionLog>& log : unwritten) {
    // Elsewhere the memory of the records outlives the process, as the file's
    // pages do, or nothing does.
    if (log->shared().process_durability.load(std::memory_order_relaxed) !=
        ProcessDurability::kWriteThrough) {
      break;
    }
    TIDEMARK_RETURN_IF_ERROR(log->WriteOut(/*is_everything=*/true));
  }
  return absl::OkStatus();
}

}  // namespace v0
}  // namespace tidemark
