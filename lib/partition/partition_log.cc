#include "partition/partition_log.h"

#include <algorithm>
#include <utility>

#include "absl/base/optimization.h"
#include "base/guard.h"
#include "base/status_macros.h"
#include "fmt/core.h"
#include "fmt/ostream.h"
#include "partition/arena_format.h"
#include "partition/chunk_arena.h"
#include "partition/flush_worker.h"
#include "record/record_codec.h"
#include "tidemark/error.h"

// The append path and the marks. Writing out and syncing are in
// partition_log_flush.cc, waiting in partition_log_wait.cc, upkeep and close in
// partition_log_upkeep.cc, what comes with age in partition_log_age.cc.
namespace tidemark {
inline namespace v0 {
namespace {

// A call that cannot be part of one batch is refused.
constexpr size_t kRecordsMax = 1 << 24;

// So much is worth waking the flush worker for: a wake costs the appender as
// much as a hundred appends, and what a level needs is written without it.
constexpr uint64_t kWriteOutBytes = 256 << 10;

absl::Duration AgeOf(const RecoveredPartition& recovered, absl::Time now) {
  int64_t newest = kNoTime;
  for (const SegmentExtent& segment : recovered.segments) {
    newest = std::max(newest, segment.totals.max_append_time);
  }
  return newest == kNoTime ? -absl::InfiniteDuration()
                           : now - absl::FromUnixMicros(newest);
}

// What record_bytes_max speaks of.
uint64_t RecordSize(const Record& record) {
  uint64_t size = 0;
  if (record.key.has_value()) size += record.key->size();
  if (record.value.has_value()) size += record.value->size();
  for (const Header& header : record.headers) {
    size += header.name.size();
    if (header.value.has_value()) size += header.value->size();
  }
  return size;
}

}  // namespace

PartitionLog::PartitionLog(std::shared_ptr<LogShared> shared,
                           const PartitionAddress& address,
                           const PartitionOptions& options,
                           RecoveredPartition recovered)
    : shared_(std::move(shared)),
      address_(address),
      is_plain_(shared_->settings.has_threads &&
                !shared_->settings.is_read_only &&
                shared_->settings.unsynced_bytes_max == 0),
      recovery_(recovered.report),
      age_at_open_(AgeOf(recovered, shared_->clock->Now())),
      start_(recovered.start),
      written_(recovered.end),
      end_(recovered.end),
      batch_bytes_(options.batch_bytes),
      record_bytes_max_(options.record_bytes_max),
      default_ack_(options.ack),
      segment_bytes_(options.segment_bytes),
      sync_(*shared_->clock, recovered.durable),
      tail_(recovered.end),
      writer_(*shared_, address_, options, std::move(recovered)) {}

PartitionLog::~PartitionLog() = default;

absl::Status PartitionLog::WhyUnusable() const {
  TIDEMARK_RETURN_IF_ERROR(shared_->Usable());
  return TopicDeleted();
}

absl::Status PartitionLog::OpenedToRead() {
  return WithReason(absl::FailedPreconditionError("store: opened read-only"),
                    ErrorReason::kReadOnly);
}

absl::Status PartitionLog::AppendRefusal() const {
  if (is_append_closed_) {
    return WithReason(absl::FailedPreconditionError("store: closed"),
                      ErrorReason::kClosed);
  }
  if (failure_.ok()) return absl::OkStatus();
  return WithReason(
      absl::FailedPreconditionError(fmt::format(
          "topic {} partition {}: appends refused until the store is opened "
          "again: {}",
          address_.topic, address_.number, fmt::streamed(failure_))),
      ErrorReason::kPoisoned);
}

inline bool PartitionLog::IsAppendable(std::span<const Record> records,
                                       uint64_t limit, size_t* bound) {
  size_t sum = 0;
  for (const Record& record : records) {
    const size_t size = EncodedSizeBound(record);
    if (size > limit && RecordSize(record) > limit) return false;
    sum = size > SIZE_MAX - sum ? SIZE_MAX : sum + size;
  }
  *bound = sum;
  return sum <= batch_format::kRecordSizeCap
             ? !records.empty() && records.size() <= kRecordsMax
             : records.size() == 1 && sum <= batch_format::kBatchSizeCap;
}

absl::Status PartitionLog::CheckRecords(std::span<const Record> records,
                                        uint64_t limit) const {
  if (records.empty() || records.size() > kRecordsMax) {
    return absl::InvalidArgumentError(
        fmt::format("topic {}: append of {} records, allowed are 1 to {}",
                    address_.topic, records.size(), kRecordsMax));
  }
  size_t sum = 0;
  for (const Record& record : records) {
    const size_t size = EncodedSizeBound(record);
    if (size > limit && RecordSize(record) > limit) {
      return WithReason(
          absl::ResourceExhaustedError(fmt::format(
              "topic {}: append a record of {} bytes, the limit is {}",
              address_.topic, RecordSize(record), limit)),
          ErrorReason::kRecordTooLarge);
    }
    sum = size > SIZE_MAX - sum ? SIZE_MAX : sum + size;
  }
  if (records.size() > 1) {
    return absl::InvalidArgumentError(
        fmt::format("topic {}: append of {} bytes in one call, the limit is {}",
                    address_.topic, sum, batch_format::kRecordSizeCap));
  }
  return WithReason(
      absl::ResourceExhaustedError(fmt::format(
          "topic {}: append a record of {} bytes with its headers, the limit "
          "is {}",
          address_.topic, sum, batch_format::kBatchSizeCap)),
      ErrorReason::kRecordTooLarge);
}

absl::StatusOr<Offset> PartitionLog::Append(std::span<const Record> records,
                                            Ack ack) {
  // The common append: nothing but the encoding under the lock.
  const uint64_t limit = record_bytes_max_.load(std::memory_order_relaxed);
  size_t bound = 0;
  const bool is_common = is_plain_ && ack <= Ack::kDisk && IsUsable() &&
                         IsAppendable(records, limit, &bound);
  if (ABSL_PREDICT_FALSE(!is_common)) return AppendWithCare(records, ack);
  if (ack == Ack::kTopicDefault) {
    ack = default_ack_.load(std::memory_order_relaxed);
  }
  const TailAppend first = AppendToTail(records, bound);
  const bool is_done = first.is_appended && !first.has_work() &&
                       !has_armed_.load(std::memory_order_seq_cst) &&
                       IsReachedByTail(ack);
  if (ABSL_PREDICT_TRUE(is_done)) return first.base;
  return FinishAppend(records, bound, ack, first);
}

absl::StatusOr<Offset> PartitionLog::AppendWithCare(
    std::span<const Record> records, Ack ack) {
  TIDEMARK_RETURN_IF_ERROR(Usable());
  if (shared_->settings.is_read_only) return OpenedToRead();
  if (ack > Ack::kDisk) {
    return absl::InvalidArgumentError(fmt::format(
        "topic {}: append: ack is {}, allowed are 0 to {}", address_.topic,
        static_cast<unsigned>(ack), static_cast<unsigned>(Ack::kDisk)));
  }
  size_t bound = 0;
  const uint64_t limit = record_bytes_max_.load(std::memory_order_relaxed);
  if (!IsAppendable(records, limit, &bound)) {
    return CheckRecords(records, limit);
  }
  if (shared_->settings.unsynced_bytes_max > 0) {
    TIDEMARK_RETURN_IF_ERROR(WaitForSyncBound());
  }
  if (ack == Ack::kTopicDefault) {
    ack = default_ack_.load(std::memory_order_relaxed);
  }
  auto appended =
      FinishAppend(records, bound, ack, AppendToTail(records, bound));
  if (appended.ok() && !shared_->settings.has_threads) {
    shared_->flush->RunDueIfAny();
  }
  return appended;
}

PartitionLog::TailAppend PartitionLog::AppendToTail(
    std::span<const Record> records, size_t bound) {
  TailAppend result;
  bool has_closed = false;
  const MutexLock lock(append_mutex_);
  if (ABSL_PREDICT_FALSE(is_append_closed_ || !failure_.ok())) {
    result.is_refused = true;
    return result;
  }
  // The clock is read under the lock so that the times of a batch that carry no
  // own create time ascend with the offsets.
  result.base = tail_.end();
  result.is_appended =
      tail_.Append(records, bound, shared_->clock->CoarseMicros(),
                   batch_bytes_.load(std::memory_order_relaxed), &has_closed);
  if (ABSL_PREDICT_TRUE(result.is_appended)) {
    end_.store(tail_.end(), std::memory_order_release);
    appended_bytes_.store(
        appended_bytes_.load(std::memory_order_relaxed) + bound,
        std::memory_order_relaxed);
    result.is_newly_dirty = !is_dirty_noted_;
    is_dirty_noted_ = true;
  }
  if (ABSL_PREDICT_FALSE(has_closed)) {
    result.is_write_out_due = IsWriteOutDue();
  }
  return result;
}

absl::StatusOr<Offset> PartitionLog::FinishAppend(
    std::span<const Record> records, size_t bound, Ack ack, TailAppend last) {
  absl::Duration deadline = -absl::InfiniteDuration();
  for (;; last = AppendToTail(records, bound)) {
    if (last.has_work()) {
      AfterAppend(last.is_write_out_due, last.is_newly_dirty);
    }
    if (last.is_refused) {
      const MutexLock lock(append_mutex_);
      return AppendRefusal();
    }
    Offset base = last.base;
    if (!last.is_appended) {
      const uint64_t chunk_max =
          std::min({arena_format::kChunkSizeMax, shared_->arena->size_max() / 2,
                    uint64_t{segment_bytes_.load(std::memory_order_relaxed)}});
      if (bound + batch_format::kHeaderSize <= chunk_max / 2) {
        TIDEMARK_RETURN_IF_ERROR(MakeRoom(bound, &deadline));
        continue;
      }
      TIDEMARK_ASSIGN_OR_RETURN(base, AppendDirect(records, bound));
    }
    if (has_armed_.load(std::memory_order_seq_cst)) Wake(Visibility::kAll);
    if (ack != Ack::kMemory) {
      const Offset end = base + static_cast<Offset>(records.size());
      TIDEMARK_RETURN_IF_ERROR(Reach(ack, end));
    }
    return base;
  }
}

bool PartitionLog::IsWriteOutDue() {
  const ChunkArena& arena = *shared_->arena;
  const uint64_t bytes = appended_bytes_.load(std::memory_order_relaxed);
  const bool is_due = !shared_->settings.has_threads ||
                      bytes - requested_bytes_ >=
                          std::min(kWriteOutBytes, arena.size_max() / 16) ||
                      arena.bytes_used() > arena.size_max() / 2;
  if (is_due) requested_bytes_ = bytes;
  return is_due;
}

void PartitionLog::AfterAppend(bool is_write_out_due, bool is_newly_dirty) {
  // The records are in the log: nothing makes the append fail from here on.
  const absl::Status noted = Guarded([&] {
    NoteWork(is_write_out_due, is_newly_dirty);
    return absl::OkStatus();
  });
  if (noted.ok()) return;
  // No memory to remember it. The next append tries again.
  is_write_requested.store(false);
  const MutexLock lock(append_mutex_);
  is_dirty_noted_ = false;
}

void PartitionLog::NoteWork(bool is_write_out_due, bool is_newly_dirty) {
  if (is_newly_dirty) {
    const absl::Duration now = shared_->clock->Monotonic();
    unsynced_since_.store(absl::ToInt64Nanoseconds(now));
    shared_->flush->NoteDirty(*this, now);
  }
  if (!is_write_out_due) return;
  if (shared_->settings.has_threads) {
    if (!is_write_requested.exchange(true)) {
      shared_->flush->RequestWriteOut(*this);
    }
  } else {
    // An error is kept by the log if it is final; else the batch is written
    // with the next one.
    WriteOut(/*is_everything=*/false).IgnoreError();
  }
}

absl::Status PartitionLog::Reach(Ack ack, Offset end) {
  if (ack == Ack::kDisk) return sync_.SyncTo(*this, end);
  if (!IsReachedByTail(ack) && written_.load(std::memory_order_acquire) < end) {
    return WriteOut(/*is_everything=*/true);
  }
  return absl::OkStatus();
}

absl::Status PartitionLog::WaitForSyncBound() {
  const uint64_t unsynced = appended_bytes_.load(std::memory_order_relaxed) -
                            synced_bytes_.load(std::memory_order_relaxed);
  if (unsynced < shared_->settings.unsynced_bytes_max) return absl::OkStatus();
  return Sync();
}

Marks PartitionLog::marks() const {
  // Read from the lowest to the highest: each only grows, so that every mark is
  // at or above those that were read before it.
  Marks marks;
  marks.start = start_.load(std::memory_order_acquire);
  marks.durable = sync_.durable();
  marks.written = written_.load(std::memory_order_acquire);
  marks.end = end_.load(std::memory_order_acquire);
  marks.written = std::max(marks.written, marks.durable);
  marks.end = std::max(marks.end, marks.written);
  marks.stable = marks.end;
  return marks;
}

absl::Status PartitionLog::failure() const {
  const MutexLock lock(append_mutex_);
  return failure_;
}

absl::Duration PartitionLog::unsynced_since() const {
  const int64_t since = unsynced_since_.load();
  return since == INT64_MAX ? absl::InfiniteDuration()
                            : absl::Nanoseconds(since);
}

absl::Status PartitionLog::Sync() {
  TIDEMARK_RETURN_IF_ERROR(Usable());
  if (shared_->settings.is_read_only) return OpenedToRead();
  TIDEMARK_RETURN_IF_ERROR(
      sync_.SyncTo(*this, end_.load(std::memory_order_acquire)));
  IsClean();
  return absl::OkStatus();
}

bool PartitionLog::IsClean() {
  const MutexLock lock(append_mutex_);
  if (sync_.durable() < tail_.end()) return false;
  is_dirty_noted_ = false;
  unsynced_since_.store(INT64_MAX);
  return true;
}

void PartitionLog::Report(EventKind kind, const absl::Status& status,
                          std::string text) const {
  shared_->on_event(
      {kind, address_.topic, address_.number, status, std::move(text)});
}

void PartitionLog::ReportLater(EventKind kind, const absl::Status& status,
                               std::string text) {
  late_events_.push_back(
      {kind, address_.topic, address_.number, status, std::move(text)});
}

PartitionLog::WriteLock::~WriteLock() {
  std::vector<Event> events;
  events.swap(log_.late_events_);
  const std::string aside = log_.writer_.TakeSetAside();
  log_.write_mutex_.Unlock();
  for (const Event& event : events) log_.shared_->on_event(event);
  if (aside.empty()) return;
  Guarded([&] {
    log_.Report(EventKind::kFileSetAside, absl::OkStatus(),
                fmt::format("a file that is no segment of this log stood in "
                            "the place of one and is {} now",
                            aside));
    return absl::OkStatus();
  }).IgnoreError();  // told for a person's sake
}

void PartitionLog::NoteDamage(const DamagedRange& range) {
  writer_.AddDamage(range);
  Report(EventKind::kDamageFound, absl::OkStatus(),
         fmt::format("offsets {} to {}: {} position {}: {}", range.from,
                     range.to, range.file, range.position, range.what));
}

void PartitionLog::SetOptions(const PartitionOptions& options) {
  const MutexLock lock(write_mutex_);
  writer_.SetOptions(options);
  batch_bytes_.store(options.batch_bytes);
  record_bytes_max_.store(options.record_bytes_max);
  default_ack_.store(options.ack);
  segment_bytes_.store(options.segment_bytes);
}

PartitionOptions PartitionLog::options() const {
  const MutexLock lock(write_mutex_);
  return writer_.options();
}

}  // namespace v0
}  // namespace tidemark
