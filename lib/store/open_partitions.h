#ifndef TIDEMARK_LIB_STORE_OPEN_PARTITIONS_H_
#define TIDEMARK_LIB_STORE_OPEN_PARTITIONS_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "partition/log_shared.h"
#include "partition/partition_log.h"
#include "segment/identity.h"
#include "store/event_relay.h"
#include "store/operation_gate.h"
#include "tidemark/partition_options.h"
#include "tidemark/recovery_report.h"

namespace tidemark {
inline namespace v0 {

// What the topics of one store share, and the list of the partitions that were
// opened so far.
//
// Topics keep it alive behind the store. Thread-safe; no lock is held over a
// call to a partition. After an error of Open the partition can be opened
// again.
class OpenPartitions {
 public:
  // `is_file_system_synced`: see PartitionLog::OpenOptions.
  OpenPartitions(std::shared_ptr<LogShared> shared,
                 std::shared_ptr<EventRelay> events, bool is_file_system_synced)
      : shared_(std::move(shared)),
        events_(std::move(events)),
        is_file_system_synced_(is_file_system_synced) {}

  OpenPartitions(const OpenPartitions&) = delete;
  OpenPartitions& operator=(const OpenPartitions&) = delete;

  LogShared& shared() const { return *shared_; }
  EventRelay& events() const { return *events_; }
  OperationGate& gate() { return gate_; }

  // Recovers a partition and adds it to the list. The caller sees to it that
  // none is opened twice. `is_taking_over`: see PartitionLog::OpenOptions.
  absl::StatusOr<std::shared_ptr<PartitionLog>> Open(
      const PartitionAddress& address, const PartitionOptions& options,
      bool is_taking_over);

  // Takes the partitions of a topic off the list.
  void Remove(const Id128& topic_id);

  std::vector<std::shared_ptr<PartitionLog>> logs() const;

  // At most `count` of them from place `first` on.
  std::vector<std::shared_ptr<PartitionLog>> Slice(size_t first,
                                                   size_t count) const;

  // What recovery found in each of them.
  std::vector<PartitionRecovery> recoveries() const;

  // A change of topics failed, and part of it may be on the disk without being
  // durable: then the next opening must not take that part for granted.
  void NoteUnsyncedChange() { has_unsynced_change_.store(true); }
  bool has_unsynced_change() const { return has_unsynced_change_.load(); }

  // Closes all of them and returns the first error. The gate has been closed.
  absl::Status CloseAll();

  // Leaves all of them as a crash would. The gate has been closed.
  void AbandonAll();

 private:
  std::vector<std::shared_ptr<PartitionLog>> TakeAll();

  const std::shared_ptr<LogShared> shared_;
  const std::shared_ptr<EventRelay> events_;
  const bool is_file_system_synced_;
  OperationGate gate_;
  std::atomic<bool> has_unsynced_change_{false};

  mutable Mutex mutex_;
  std::vector<std::shared_ptr<PartitionLog>> logs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_OPEN_PARTITIONS_H_
