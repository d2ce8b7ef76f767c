#ifndef TIDEMARK_LIB_STORE_TOPIC_STATE_H_
#define TIDEMARK_LIB_STORE_TOPIC_STATE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "partition/partition_log.h"
#include "partition/takeover.h"
#include "segment/identity.h"
#include "store/open_partitions.h"
#include "store/partitioners.h"
#include "store/topic_file.h"
#include "tidemark/record.h"
#include "tidemark/topic_options.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// The engine behind Topic: what its TOPIC says, and its partitions, each of
// which is opened at its first use.
//
// The number of partitions only grows. An open partition stays open until the
// store is closed or the topic deleted; finding it takes no lock.
//
// Thread-safe. Lock order: change_mutex_ or the mutex of one slot, then mutex_.
// Changes do their I/O under change_mutex_, which orders them and nothing else;
// recovery runs under the mutex of its slot, where only those wait who want the
// same partition. Shared by its handles; keeps OpenPartitions alive. A change
// that fails leaves the topic in memory as it was; on the disk it may have
// happened, unless the next change succeeds.
class TopicState {
 public:
  TopicState(std::shared_ptr<OpenPartitions> partitions, TopicRecord record);

  TopicState(const TopicState&) = delete;
  TopicState& operator=(const TopicState&) = delete;

  // Makes room for all partitions that TOPIC speaks of; to be called once.
  void Prepare();

  const std::string& name() const { return name_; }
  const Id128& id() const { return id_; }
  PartitionNumber partition_count() const {
    return partition_count_.load(std::memory_order_acquire);
  }
  TopicOptions options() const;
  TopicPartitioner& partitioner() { return partitioner_; }

  absl::StatusOr<RecordId> Append(const Record& record, Ack ack);
  absl::StatusOr<PartitionNumber> PartitionFor(const Record& record);

  // The log of a partition, recovered at the first use.
  absl::StatusOr<std::shared_ptr<PartitionLog>> partition(
      PartitionNumber number);

  // Recovers a partition and appends what a dead owner left of it in memory.
  // Before anybody else uses the topic.
  absl::Status TakeOver(PartitionNumber number,
                        std::span<const TakenBatch* const> batches);

  // The logs that are open by now.
  std::vector<std::shared_ptr<PartitionLog>> open_logs() const;

  absl::Status Sync();
  absl::Status Alter(const TopicOptions& options);
  absl::Status IncreasePartitions(PartitionNumber count);

  // Takes over what TOPIC says by now; for a store that is only read.
  void Refresh(const TopicRecord& record);

  // Calls `remove`, which makes the directory of the topic disappear, and, if
  // that succeeds, closes the partitions for good. No change runs meanwhile.
  absl::Status Delete(absl::FunctionRef<absl::Status()> remove);

 private:
  struct Slot {
    // Set once, when `owner` is; read without a lock.
    std::atomic<PartitionLog*> log{nullptr};
    Mutex mutex;
    std::shared_ptr<PartitionLog> owner ABSL_GUARDED_BY(mutex);
  };
  // Block k holds 2^k slots: none of them ever moves.
  static constexpr size_t kBlockCount = 17;

  Slot& SlotOf(PartitionNumber number) const;
  void GrowTo(PartitionNumber count) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<PartitionLog*> Find(PartitionNumber number);
  absl::StatusOr<PartitionLog*> OpenSlot(Slot& slot, PartitionNumber number,
                                         bool is_taking_over);
  // Closes the files that are open for reading.
  void ForgetFiles();
  absl::Status CheckChangeable() const;
  absl::Status CheckAlteration(const TopicOptions& options) const;
  // Writes TOPIC.
  absl::Status Store(const TopicRecord& record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(change_mutex_);
  TopicRecord record() const;
  absl::Status Deleted() const;

  // Constant after construction.
  const std::shared_ptr<OpenPartitions> partitions_;
  const std::string name_;
  const Id128 id_;
  TopicPartitioner partitioner_;  // thread-safe

  std::atomic<PartitionNumber> partition_count_{0};
  std::array<std::atomic<Slot*>, kBlockCount> blocks_ = {};
  std::atomic<bool> is_deleted_{false};

  Mutex change_mutex_;
  // A write of TOPIC failed: the disk may hold what it should not.
  bool is_disk_unknown_ ABSL_GUARDED_BY(change_mutex_) = false;

  mutable Mutex mutex_;
  TopicRecord record_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Slot[]>> owned_blocks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_TOPIC_STATE_H_
