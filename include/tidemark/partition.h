#ifndef TIDEMARK_PARTITION_H_
#define TIDEMARK_PARTITION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tidemark/marks.h"
#include "tidemark/record.h"
#include "tidemark/records.h"
#include "tidemark/segment.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

class PartitionLog;

// Limits of one read.
struct ReadOptions {
  // Stop behind the record that reaches this many bytes. At least one record is
  // returned if there is one.
  size_t bytes_max = 1 << 20;
  // Stop behind this many records.
  size_t records_max = SIZE_MAX;
  Visibility visibility = Visibility::kAll;
};

// A handle to one ordered log. Thread-safe; copies share one log. It may
// outlive its store: every call then returns FailedPrecondition (IsClosed).
//
// Errors that every call can return: FailedPrecondition when the store is
// closed or was forked, ResourceExhausted without memory or descriptors.
class Partition {
 public:
  // An empty handle; every call returns FailedPrecondition.
  Partition() = default;
  explicit Partition(std::shared_ptr<PartitionLog> log);

  PartitionNumber number() const;

  // Appends all records, or none, at consecutive offsets and returns the first
  // one. They become visible together. Returns once `ack` is reached.
  //
  // Blocks while the memory for unwritten records is full, at most for
  // StoreOptions::append_timeout; at Ack::kDisk for the next sync; otherwise
  // for no I/O unless the store has no memory that outlives the process.
  //
  // Errors, with nothing appended: InvalidArgument for no record, too many, or
  // an `ack` that does not exist, ResourceExhausted for a record above
  // TopicOptions::record_bytes_max (record_too_large), a full disk (disk_full)
  // or a full memory (append_timeout), FailedPrecondition after an earlier
  // write or sync error (poisoned) and in a read-only store. An error of the
  // write or the sync that `ack` waits for says that the records are in the
  // log, visible, and not known to survive.
  absl::StatusOr<Offset> Append(std::span<const Record> records,
                                Ack ack = Ack::kTopicDefault);
  absl::StatusOr<Offset> Append(const Record& record,
                                Ack ack = Ack::kTopicDefault);

  // Waits until everything below `end` is durable, without starting a sync of
  // its own: the sync interval of the store, an append at Ack::kDisk or Sync
  // does that. A store without threads syncs here. A store that is open for
  // reading looks at the files each 5 ms, for the marks of the process that
  // writes: they say that something is durable when more is written behind it,
  // or StoreOptions::mark_delay after the last append.
  //
  // OutOfRange when `end` is behind the end of the log, DeadlineExceeded at
  // `deadline` of the store's clock (wall time).
  absl::Status WaitDurable(Offset end, absl::Time deadline);

  // Makes everything that was appended before the call durable. Blocks for the
  // device. FailedPrecondition (read_only) in a read-only store.
  // ResourceExhausted when it lacked space, memory or descriptors before the
  // sync: it may be called again. After any other error the partition refuses
  // appends until it is reopened.
  absl::Status Sync();

  // Reads from `from` on. Empty when `from` is the end of what is visible.
  // InvalidArgument below 0; OutOfRange behind the end; OutOfRange with
  // IsTrimmed below the start; DataLoss with DamagedGap where bytes on disk are
  // damaged: read on at the gap's `to`.
  absl::StatusOr<Records> Read(Offset from,
                               const ReadOptions& options = {}) const;

  // The first offset whose record was created at or after `time`; the end when
  // there is none. Exact if create times ascend, else the first such record in
  // order of offsets.
  absl::StatusOr<Offset> OffsetForTime(absl::Time time) const;

  // Forgets every record below `offset`, which is at most the end. The start
  // mark is durable when the call returns; files go when all of their records
  // are below it.
  absl::Status TrimBefore(Offset offset);

  // The files of the partition, oldest first, as read-only inspectors.
  absl::StatusOr<std::vector<Segment>> segments() const;

  // One consistent value.
  Marks marks() const;
  // The bytes between two offsets as they stand in the log, estimated within
  // one index interval of 64 KiB. What is below the start counts nothing.
  // InvalidArgument when `from` is below 0 or above `to`, OutOfRange when `to`
  // is behind the end.
  absl::StatusOr<uint64_t> BytesBetween(Offset from, Offset to) const;

  // Why the partition refuses appends, OK when it does not.
  absl::Status failure() const;

  const std::shared_ptr<PartitionLog>& log() const { return log_; }

 private:
  std::shared_ptr<PartitionLog> log_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_PARTITION_H_
