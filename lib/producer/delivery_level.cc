#include "producer/delivery_level.h"

#include <vector>

#include "base/guard.h"
#include "partition/flush_worker.h"
#include "partition/log_shared.h"

namespace tidemark {
inline namespace v0 {
namespace {

// Syncs the partitions that need it all at once, where that is cheaper.
absl::Status SyncTogether(const DeliveryLane* first) {
  LogShared& shared = first->log->shared();
  absl::Status usable = shared.Usable();
  if (!usable.ok()) return usable;
  std::vector<std::shared_ptr<PartitionLog>> logs;
  for (const DeliveryLane* lane = first; lane != nullptr;
       lane = lane->next_taken) {
    if (lane->log->group_sync().durable() < lane->taken.back().end()) {
      logs.push_back(lane->log);
    }
  }
  return shared.flush->SyncLogs(logs);
}

void ReachDisk(DeliveryLane& lane) {
  PartitionLog& log = *lane.log;
  if (log.group_sync().durable() < lane.taken.back().end()) {
    lane.status = Guarded([&log] { return log.Sync(); });
  }
  lane.reached = log.group_sync().durable();
}

void ReachProcess(DeliveryLane& lane) {
  PartitionLog& log = *lane.log;
  lane.reached = lane.taken.back().end();
  // Elsewhere the memory of the records outlives the process, or nothing does.
  if (log.shared().process_durability.load(std::memory_order_relaxed) !=
      ProcessDurability::kWriteThrough) {
    return;
  }
  if (log.marks().written < lane.reached) {
    lane.status = Guarded([&log] { return log.WriteOut(true); });
  }
  lane.reached = log.marks().written;
}

}  // namespace

void ReachLevel(DeliveryLane* first, Ack level) noexcept {
  if (first == nullptr) return;
  if (level == Ack::kDisk && first->next_taken != nullptr) {
    // Each partition is asked for itself below.
    Guarded([first] { return SyncTogether(first); }).IgnoreError();
  }
  for (DeliveryLane* lane = first; lane != nullptr; lane = lane->next_taken) {
    lane->status = absl::OkStatus();
    switch (level) {
      case Ack::kDisk:
        ReachDisk(*lane);
        break;
      case Ack::kProcess:
        ReachProcess(*lane);
        break;
      case Ack::kTopicDefault:  // a producer has decided what that is
      case Ack::kMemory:
        lane->reached = lane->taken.back().end();
        break;
    }
  }
}

}  // namespace v0
}  // namespace tidemark
