#ifndef TIDEMARK_PRODUCER_H_
#define TIDEMARK_PRODUCER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tidemark/export.h"
#include "tidemark/partitioner.h"
#include "tidemark/record.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

class ProducerEngine;
class Store;

// The delivery report of one Send: the id when the level that was asked for is
// reached, else the error that says why that is not known. An error means that
// the record is in the log, visible, and may not survive; sending it again
// would append it twice.
//
// Called once, without any lock held. It may call Send, SendBatch and
// outstanding of its producer; Flush and Close fail there. It must not close
// the store, nor wait for another report of the same producer. What it throws
// ends in the library, which tells an Event (kCallbackFailed).
using DeliveryCallback =
    absl::AnyInvocable<void(const absl::StatusOr<RecordId>&)>;

struct ProducerOptions {
  // ---- Behaviour ----

  // The topic to append to, which exists.
  std::string topic;

  // The host's own partitioner, for a topic that was made with one. Not needed
  // when it was given to CreateTopic or OpenTopic since the store was opened.
  std::shared_ptr<Partitioner> custom_partitioner = nullptr;

  // What a report with an id says:
  //   kMemory   the record is visible, as it was when Send returned
  //   kProcess  it survives the death of this process. Where memory outlives
  //             the process this costs nothing; elsewhere one write serves all
  //             records that wait
  //   kDisk     it survives the loss of power; one sync serves all that wait
  // kTopicDefault: what the topic's options say when the producer is opened.
  Ack ack = Ack::kTopicDefault;

  // ---- Tuning ----

  // How many records, from 1 to 10,000,000, and how many bytes of them, from
  // 1 KiB to 64 GiB, may be sent and not yet reported: what is at risk. Bytes
  // are counted as the most that a record may take in the log. Send waits at
  // the bounds; when nothing is outstanding, one call is let through whatever
  // its size.
  uint64_t outstanding_records_max = 100000;
  uint64_t outstanding_bytes_max = 32 << 20;

  // How long Send waits at these bounds before it fails. 0 never waits.
  absl::Duration send_timeout = absl::Seconds(10);
};

// InvalidArgument that names the field, its value and its range.
TIDEMARK_EXPORT absl::Status ValidateProducerOptions(
    const ProducerOptions& options);

// Appends to a topic without waiting for the disk, and tells later how far each
// record came.
//
// Reports come in the order of the offsets within each partition, one at a
// time: from the producer's own thread or, in a store without threads, from
// Flush, Close and Store::RunMaintenance. Every Send that returned OK gets one.
//
// Thread-safe, except that moving, assigning and destroying must not run beside
// another call; move-only. It may outlive its store, but not the clock of the
// store: what can no longer reach its level is reported as FailedPrecondition
// (IsClosed). In a forked child every call returns FailedPrecondition, and
// destroying does nothing. After an error it is as usable as before.
//
// The destructor closes it, waiting as Close does, and leaves an error of Close
// to Store::health. In a callback of its own the destructor cannot wait: the
// rest is then reported by the thread, or the call, that runs the callback,
// before it ends.
class TIDEMARK_EXPORT Producer {
 public:
  // Opens the topic, and a thread if the store has threads.
  //
  // Errors: InvalidArgument for options out of range; NotFound for the topic;
  // FailedPrecondition for another partitioner than the topic's
  // (kPartitionerMismatch), and in a store that is closed or read-only;
  // ResourceExhausted when the system gives no thread.
  static absl::StatusOr<Producer> Open(Store& store,
                                       const ProducerOptions& options);

  Producer(Producer&&) noexcept;
  Producer& operator=(Producer&&) noexcept;
  ~Producer();

  // Appends the record to the partition that the topic's partitioner chooses.
  // It is visible when the call returns; `callback` is told when its level is
  // reached. Without a callback an error of the report goes to the next Flush
  // or Close. The record is borrowed for the call.
  //
  // Blocks at the bounds of what is outstanding, at most for send_timeout, but
  // not at all in a callback and in a store without threads; and as an append
  // at Ack::kMemory does.
  //
  // Errors, with nothing appended and no report: ResourceExhausted at the
  // bounds (append_timeout); FailedPrecondition (IsClosed) after Close, and
  // Cancelled (IsClosed) when it comes during the wait; those of Topic::Append
  // at Ack::kMemory.
  absl::StatusOr<RecordId> Send(const Record& record,
                                DeliveryCallback callback = nullptr);

  // Appends all records, or none, to one partition at consecutive offsets; they
  // become visible together. Returns, and reports once, the id of the first.
  // Blocks as Send does. Errors: those of Send; NotFound for the partition;
  // InvalidArgument for no record or too many.
  absl::StatusOr<RecordId> SendBatch(PartitionNumber partition,
                                     std::span<const Record> records,
                                     DeliveryCallback callback = nullptr);

  // Waits until everything that was sent before the call is reported.
  //
  // DeadlineExceeded at `deadline` of the store's clock (wall time); without
  // threads, where the call reports, a report or a sync that has begun is not
  // cut short. FailedPrecondition in a callback. Otherwise the first error of a
  // record without a callback since the last Flush.
  absl::Status Flush(absl::Time deadline = absl::InfiniteFuture());

  // Refuses Sends from now on, waits until everything is reported, and ends the
  // thread. Errors as Flush; after DeadlineExceeded reports go on, and Close
  // may be called again. Closing a closed producer returns OK.
  absl::Status Close(absl::Time deadline = absl::InfiniteFuture());

  // How many records were sent whose report has not begun; 0 in a forked child.
  uint64_t outstanding() const;

 private:
  explicit Producer(std::shared_ptr<ProducerEngine> engine);
  std::shared_ptr<ProducerEngine> engine_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_PRODUCER_H_
