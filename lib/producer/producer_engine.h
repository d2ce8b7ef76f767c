#ifndef TIDEMARK_LIB_PRODUCER_PRODUCER_ENGINE_H_
#define TIDEMARK_LIB_PRODUCER_PRODUCER_ENGINE_H_

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <span>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/worker.h"
#include "producer/delivery_queue.h"
#include "producer/send_budget.h"
#include "store/maintenance_tasks.h"
#include "store/store_engine.h"
#include "store/topic_state.h"
#include "tidemark/producer.h"

namespace tidemark {
inline namespace v0 {

// The engine behind Producer: appends, keeps what is to be reported, and
// reports it in rounds.
//
// A round takes everything that is due, brings the partitions to the level
// together, and reports. One round runs at a time. What was appended when a
// round begins is reported by it, or by the one before.
//
// Thread-safe. Lock order: the send mutex of a lane, then what is below in the
// partition, then mutex_, then those of budget and queue. A send mutex is held
// over an append, which may wait; only senders to the same partition wait for
// it. No callback is called under a lock. Shared by the Producer and, for the
// time of a call, its thread and the store's maintenance; keeps the engine of
// the store alive. In a forked child it is never destroyed. After an error it
// goes on.
class ProducerEngine final
    : public MaintenanceTask,
      public std::enable_shared_from_this<ProducerEngine> {
 public:
  static absl::StatusOr<std::shared_ptr<ProducerEngine>> Open(
      std::shared_ptr<StoreEngine> store, const ProducerOptions& options);

  ~ProducerEngine() override = default;
  ProducerEngine(const ProducerEngine&) = delete;
  ProducerEngine& operator=(const ProducerEngine&) = delete;

  // See Producer for the contracts of these.
  absl::StatusOr<RecordId> Send(const Record& record,
                                DeliveryCallback callback);
  absl::StatusOr<RecordId> SendBatch(PartitionNumber partition,
                                     std::span<const Record> records,
                                     DeliveryCallback callback);
  absl::Status Flush(absl::Time deadline);
  absl::Status Close(absl::Time deadline);
  uint64_t outstanding() const;

  // What the destructor of the Producer does: closes, or, in a callback, leaves
  // the rest to the thread that runs the callback.
  void Abandon();

  void RunDue() override;

 private:
  ProducerEngine(std::shared_ptr<StoreEngine> store,
                 std::shared_ptr<TopicState> topic,
                 const ProducerOptions& options, Ack ack);
  absl::Status Start();

  // FailedPrecondition in a forked child, where no lock may be touched.
  absl::Status CheckProcess() const;
  // The same, and in a callback of this producer.
  absl::Status CheckCanWait(const char* call) const;

  absl::StatusOr<DeliveryLane*> LaneOf(PartitionNumber number);
  absl::Status TakeRoom(uint64_t count, uint64_t size);
  void GiveRoomBack(uint64_t count, uint64_t size);
  void NotePushed();

  // Runs a round unless one is running; false when there was one.
  bool RunRound() noexcept;
  // The same, and further ones if nobody will come back for what is left.
  void RunRounds() noexcept;
  void ReportLane(DeliveryLane& lane) noexcept;
  void ReportOne(const DeliveryLane& lane,
                 std::list<Delivery> delivery) noexcept;

  absl::Duration MonotonicDeadline(absl::Time deadline) const;
  // Nothing that was sent before is without its report.
  bool IsIdle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Waits for the end of a round that begins after the call, or until nothing
  // is outstanding; false at the deadline.
  bool WaitForRound(absl::Duration deadline);
  // Waits until nothing is outstanding; false at the deadline.
  bool WaitUntilIdle(absl::Duration deadline);
  absl::Status TakeFirstError();

  // Constant after construction.
  const std::shared_ptr<StoreEngine> store_;
  const std::shared_ptr<TopicState> topic_;
  const Ack ack_;
  const absl::Duration send_timeout_;
  Clock& clock_;

  SendBudget budget_;
  DeliveryQueue queue_;
  // The thread was woken and has not begun its round.
  std::atomic<bool> is_woken_{false};

  mutable Mutex mutex_;
  Condition changed_;  // the end of a round, and room given back
  bool is_in_round_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_abandoned_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t rounds_begun_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t rounds_done_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status first_error_ ABSL_GUARDED_BY(mutex_);

  Mutex stop_mutex_;                // held while the thread is stopped
  std::unique_ptr<Worker> worker_;  // null in a store without threads
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PRODUCER_PRODUCER_ENGINE_H_
