#ifndef TIDEMARK_LIB_PARTITION_PARTITION_LOG_H_
#define TIDEMARK_LIB_PARTITION_PARTITION_LOG_H_

// The engine behind Partition. First version of the interface that the store
// and the consumer build on.
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "partition/append_waiter.h"
#include "partition/log_shared.h"
#include "tidemark/marks.h"
#include "tidemark/partition.h"
#include "tidemark/partition_options.h"
#include "tidemark/recovery_report.h"

namespace tidemark {
inline namespace v0 {

// Names one partition of a store.
struct PartitionAddress {
  std::string topic;
  Id128 topic_id;
  PartitionNumber number = 0;
  std::string path;  // "topics/<topic>/<number>", relative to the store
};

class PartitionLog : public std::enable_shared_from_this<PartitionLog> {
 public:
  // Creates the directory and META of a new partition; everything is synced
  // but the parent directory.
  static absl::Status Create(LogShared& shared, const PartitionAddress&);

  // Recovers the partition and opens it.
  static absl::StatusOr<std::shared_ptr<PartitionLog>> Open(
      std::shared_ptr<LogShared> shared, const PartitionAddress&,
      const PartitionOptions&, bool is_after_crash);

  absl::StatusOr<Offset> Append(std::span<const Record>, Ack);
  absl::Status WaitDurable(Offset end, absl::Time deadline);
  absl::Status Sync();
  Marks marks() const;
  absl::StatusOr<Offset> OffsetForTime(absl::Time time);
  absl::Status TrimBefore(Offset offset);
  absl::StatusOr<std::vector<Segment>> Segments();
  absl::StatusOr<uint64_t> BytesBetween(Offset from, Offset to);
  absl::Status failure() const;

  // Options can change while the log is in use.
  void SetOptions(const PartitionOptions&);

  // Rolls by age and deletes what retention says at wall time `now`.
  absl::Status Maintain(absl::Time now);

  // Checks a position that a cursor kept: OK, IsTrimmed, IsTruncatedPastCursor
  // (the batch that holds offset - 1 has a higher incarnation, or offset lies
  // behind the end), or DataLoss. `incarnation` 0 skips that check.
  absl::Status CheckPosition(Offset offset, Incarnation incarnation);

  // Returns true when a record at or above `from` is visible now, or the log is
  // closed; else arms `waiter`, to be signalled once by the next append (or
  // sync, for kDurable) that makes one visible, or by the close.
  bool ArmWaiter(const std::shared_ptr<AppendWaiter>& waiter, Offset from,
                 Visibility visibility);
  void DisarmWaiter(const AppendWaiter& waiter);

  // Writes and syncs everything, marks the partition clean, wakes all waiters.
  absl::Status Close();
  // Refuses everything from now on and wakes all waiters: the topic is deleted.
  void Abandon();

  const PartitionAddress& address() const;
  const PartitionRecovery& recovery() const;
  Incarnation incarnation() const;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_PARTITION_LOG_H_
