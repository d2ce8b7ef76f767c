#include "producer/producer_engine.h"

#include <fmt/core.h>
#include <fmt/ostream.h>

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "base/guard.h"
#include "base/status_macros.h"
#include "producer/callback_scope.h"
#include "producer/delivery_level.h"
#include "record/record_codec.h"
#include "store/event_relay.h"
#include "tidemark/error.h"
#include "tidemark/event.h"

namespace tidemark {
inline namespace v0 {
namespace {

// The bytes that the records take in the log at most.
uint64_t SizeOf(std::span<const Record> records) {
  uint64_t sum = 0;
  for (const Record& record : records) {
    const uint64_t size = EncodedSizeBound(record);
    sum = size > UINT64_MAX - sum ? UINT64_MAX : sum + size;
  }
  return sum;
}

}  // namespace

absl::StatusOr<std::shared_ptr<ProducerEngine>> ProducerEngine::Open(
    std::shared_ptr<StoreEngine> store, const ProducerOptions& options) {
  TIDEMARK_RETURN_IF_ERROR(ValidateProducerOptions(options));
  TIDEMARK_RETURN_IF_ERROR(store->CheckWritable());
  TIDEMARK_ASSIGN_OR_RETURN(std::shared_ptr<TopicState> topic,
                            store->topics().Open(options.topic));
  TIDEMARK_RETURN_IF_ERROR(
      topic->partitioner().Install(options.custom_partitioner));
  const Ack ack =
      options.ack == Ack::kTopicDefault ? topic->options().ack : options.ack;
  const std::shared_ptr<ProducerEngine> engine(
      new ProducerEngine(std::move(store), std::move(topic), options, ack),
      [](ProducerEngine* closed) {
        std::unique_ptr<ProducerEngine> owned(closed);
        // Locks may be held there by threads that the child does not have.
        if (!owned->CheckProcess().ok()) static_cast<void>(owned.release());
      });
  TIDEMARK_RETURN_IF_ERROR(engine->Start());
  return engine;
}

ProducerEngine::ProducerEngine(std::shared_ptr<StoreEngine> store,
                               std::shared_ptr<TopicState> topic,
                               const ProducerOptions& options, Ack ack)
    : store_(std::move(store)),
      topic_(std::move(topic)),
      ack_(ack),
      send_timeout_(options.send_timeout),
      clock_(*store_->shared()->clock),
      budget_(clock_, options.outstanding_records_max,
              options.outstanding_bytes_max) {}

absl::Status ProducerEngine::Start() {
  if (!store_->has_threads()) {
    store_->AddMaintenanceTask(weak_from_this());
    return absl::OkStatus();
  }
  TIDEMARK_ASSIGN_OR_RETURN(
      worker_,
      Worker::Start("tidemark-prod", clock_, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->RunRounds();
        return absl::InfiniteDuration();
      }));
  return absl::OkStatus();
}

absl::Status ProducerEngine::CheckProcess() const {
  const LogShared& shared = *store_->shared();
  return shared.fork_mark.IsInForkedChild() ? shared.Usable()
                                            : absl::OkStatus();
}

absl::Status ProducerEngine::CheckCanWait(const char* call) const {
  TIDEMARK_RETURN_IF_ERROR(CheckProcess());
  if (!CallbackScope::IsInside(this)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("producer: {} in a callback of its own, which it would wait "
                  "for",
                  call));
}

uint64_t ProducerEngine::outstanding() const {
  return CheckProcess().ok() ? budget_.records() : 0;
}

absl::StatusOr<DeliveryLane*> ProducerEngine::LaneOf(PartitionNumber number) {
  DeliveryLane* const lane = queue_.Find(number);
  if (lane != nullptr) return lane;
  TIDEMARK_ASSIGN_OR_RETURN(std::shared_ptr<PartitionLog> log,
                            topic_->partition(number));
  return queue_.Add(number, std::move(log));
}

absl::Status ProducerEngine::TakeRoom(uint64_t count, uint64_t size) {
  if (CallbackScope::IsInside(this)) return budget_.TryAcquire(count, size);
  const bool can_wait = worker_ != nullptr;
  return budget_.Acquire(count, size,
                         can_wait ? send_timeout_ : absl::ZeroDuration());
}

void ProducerEngine::GiveRoomBack(uint64_t count, uint64_t size) {
  budget_.Release(count, size);
  budget_.Grant();
  const MutexLock lock(mutex_);
  changed_.NotifyAll();
}

void ProducerEngine::NotePushed() {
  if (worker_ != nullptr) {
    if (!is_woken_.exchange(true)) worker_->Wake();
    return;
  }
  const MutexLock lock(mutex_);
  changed_.NotifyAll();
}

absl::StatusOr<RecordId> ProducerEngine::Send(const Record& record,
                                              DeliveryCallback callback) {
  TIDEMARK_RETURN_IF_ERROR(CheckProcess());
  TIDEMARK_ASSIGN_OR_RETURN(const PartitionNumber number,
                            topic_->PartitionFor(record));
  return SendBatch(number, {&record, 1}, std::move(callback));
}

absl::StatusOr<RecordId> ProducerEngine::SendBatch(
    PartitionNumber partition, std::span<const Record> records,
    DeliveryCallback callback) {
  TIDEMARK_RETURN_IF_ERROR(CheckProcess());
  // Made before the append, behind which nothing may fail.
  std::list<Delivery> node(1);
  Delivery& delivery = node.front();
  delivery.id.partition = partition;
  delivery.count = records.size();
  delivery.size = SizeOf(records);
  delivery.callback = std::move(callback);
  TIDEMARK_ASSIGN_OR_RETURN(DeliveryLane* const lane, LaneOf(partition));
  TIDEMARK_RETURN_IF_ERROR(TakeRoom(delivery.count, delivery.size));
  absl::Cleanup give_back = [this, &delivery] {
    GiveRoomBack(delivery.count, delivery.size);
  };
  RecordId id{.partition = partition};
  {
    // The host hears of events of the append without a lock held.
    const EventRelay::Deferral deferral(store_->events());
    const MutexLock lock(lane->send_mutex);
    // The level is reached by the round, for many records at once.
    TIDEMARK_ASSIGN_OR_RETURN(id.offset,
                              lane->log->Append(records, Ack::kMemory));
    delivery.id.offset = id.offset;
    std::move(give_back).Cancel();
    queue_.Push(*lane, node);
  }
  NotePushed();
  return id;
}

bool ProducerEngine::RunRound() noexcept {
  {
    const MutexLock lock(mutex_);
    if (is_in_round_) return false;
    is_in_round_ = true;
    ++rounds_begun_;
  }
  // Before Take: what is pushed behind it wakes the thread anew.
  is_woken_.store(false);
  DeliveryLane* const first = queue_.Take();
  ReachLevel(first, ack_);
  for (DeliveryLane* lane = first; lane != nullptr; lane = lane->next_taken) {
    ReportLane(*lane);
  }
  const MutexLock lock(mutex_);
  is_in_round_ = false;
  rounds_done_ = rounds_begun_;
  changed_.NotifyAll();
  return true;
}

void ProducerEngine::RunRounds() noexcept {
  while (RunRound()) {
    {
      const MutexLock lock(mutex_);
      if (!is_abandoned_) return;
      if (budget_.records() > 0) continue;
    }
    store_->NoteBackgroundError(TakeFirstError());
    return;
  }
}

void ProducerEngine::ReportLane(DeliveryLane& lane) noexcept {
  while (!lane.taken.empty()) {
    std::list<Delivery> delivery;
    delivery.splice(delivery.begin(), lane.taken, lane.taken.begin());
    ReportOne(lane, std::move(delivery));
  }
}

void ProducerEngine::ReportOne(const DeliveryLane& lane,
                               std::list<Delivery> delivery) noexcept {
  Delivery& one = delivery.front();
  const bool is_reached = one.end() <= lane.reached || lane.status.ok();
  const absl::StatusOr<RecordId> result =
      is_reached ? absl::StatusOr<RecordId>(one.id)
                 : absl::StatusOr<RecordId>(lane.status);
  // A callback may send as much again before those who wait get the room.
  budget_.Release(one.count, one.size);
  if (one.callback != nullptr) {
    const CallbackScope scope(this);
    bool is_whole = RunHostCode([&] { one.callback(result); });
    // Destroying what the callback holds runs code of the host as well.
    is_whole = RunHostCode([&] { one.callback = nullptr; }) && is_whole;
    if (!is_whole) {
      Guarded([&] {
        store_->shared()->on_event(
            {EventKind::kCallbackFailed, topic_->name(), one.id.partition,
             absl::InternalError("producer: the callback raised an exception"),
             fmt::format("A delivery callback failed for offset {}",
                         one.id.offset)});
        return absl::OkStatus();
      }).IgnoreError();  // without memory for it there is nothing to tell
    }
  } else if (!is_reached) {
    const MutexLock lock(mutex_);
    if (first_error_.ok()) first_error_ = lane.status;
  }
  budget_.Grant();
}

void ProducerEngine::RunDue() {
  // With a thread, that is who reports.
  if (worker_ == nullptr) RunRounds();
}

absl::Duration ProducerEngine::MonotonicDeadline(absl::Time deadline) const {
  if (deadline == absl::InfiniteFuture()) return absl::InfiniteDuration();
  return clock_.Monotonic() + (deadline - clock_.Now());
}

bool ProducerEngine::IsIdle() const {
  return !is_in_round_ && budget_.records() == 0;
}

bool ProducerEngine::WaitForRound(absl::Duration deadline) {
  uint64_t target = 0;
  {
    const MutexLock lock(mutex_);
    if (IsIdle()) return true;
    target = rounds_begun_ + 1;
  }
  if (worker_ != nullptr) worker_->Wake();
  for (;;) {
    {
      const MutexLock lock(mutex_);
      if (rounds_done_ >= target || IsIdle()) return true;
      if (clock_.Monotonic() >= deadline) return false;
      if (worker_ != nullptr || is_in_round_) {
        changed_.WaitUntil(mutex_, clock_, deadline);
        continue;
      }
    }
    RunRounds();
  }
}

bool ProducerEngine::WaitUntilIdle(absl::Duration deadline) {
  for (;;) {
    {
      const MutexLock lock(mutex_);
      if (IsIdle()) return true;
      if (clock_.Monotonic() >= deadline) return false;
      if (worker_ != nullptr || is_in_round_ || queue_.is_empty()) {
        changed_.WaitUntil(mutex_, clock_, deadline);
        continue;
      }
    }
    RunRounds();
  }
}

absl::Status ProducerEngine::TakeFirstError() {
  const MutexLock lock(mutex_);
  return std::exchange(first_error_, absl::OkStatus());
}

absl::Status ProducerEngine::Flush(absl::Time deadline) {
  TIDEMARK_RETURN_IF_ERROR(CheckCanWait("Flush"));
  if (!WaitForRound(MonotonicDeadline(deadline))) {
    return absl::DeadlineExceededError(
        fmt::format("producer: flush: {} records are not reported at the "
                    "deadline",
                    budget_.records()));
  }
  return TakeFirstError();
}

absl::Status ProducerEngine::Close(absl::Time deadline) {
  TIDEMARK_RETURN_IF_ERROR(CheckCanWait("Close"));
  budget_.Close();
  if (!WaitUntilIdle(MonotonicDeadline(deadline))) {
    return absl::DeadlineExceededError(
        fmt::format("producer: close: {} records are not reported at the "
                    "deadline",
                    budget_.records()));
  }
  if (worker_ != nullptr) {
    const MutexLock lock(stop_mutex_);
    worker_->Stop();
  }
  return TakeFirstError();
}

void ProducerEngine::Abandon() {
  if (!CheckProcess().ok()) return;
  if (!CallbackScope::IsInside(this)) {
    store_->NoteBackgroundError(Close(absl::InfiniteFuture()));
    return;
  }
  budget_.Close();
  const MutexLock lock(mutex_);
  is_abandoned_ = true;
}

}  // namespace v0
}  // namespace tidemark
