#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "base/guard.h"
#include "base/status_macros.h"
#include "fmt/core.h"
#include "io/errno_status.h"
#include "partition/arena_format.h"
#include "partition/chunk_arena.h"
#include "partition/flush_worker.h"
#include "partition/partition_log.h"
#include "record/record_codec.h"
#include "tidemark/error.h"

// The part of PartitionLog that writes out and syncs.
namespace tidemark {
inline namespace v0 {
namespace {

using batch_format::kAlignment;
using batch_format::kHeaderSize;

// One call of the operating system writes at most about this much.
constexpr uint64_t kWriteSizeMax = 1 << 20;

// What is said of a sync that is never tried again. Some causes have a code
// that would invite to repeat the call. Throws nothing, for a sync that was
// begun has to be finished.
absl::Status FinalSyncFailure(const absl::Status& cause) {
  if (!absl::IsResourceExhausted(cause)) return cause;
  absl::Status failure(absl::StatusCode::kInternal, "");
  Guarded([&] {
    failure =
        WithReason(absl::InternalError(fmt::format("a sync failed for good: {}",
                                                   FromAbsl(cause.message()))),
                   ErrorReason::kIoError);
    return absl::OkStatus();
  }).IgnoreError();  // without memory for a text the code has to do
  return failure;
}

}  // namespace

absl::StatusOr<Offset> PartitionLog::AppendDirect(
    std::span<const Record> records, size_t bound) {
  const int64_t now = shared_->clock->CoarseMicros();
  std::string plain(bound, '\0');
  BatchHeader header;
  header.append_time = now;
  const auto time_of = [now](const Record& record) {
    return record.create_time.has_value()
               ? absl::ToUnixMicros(*record.create_time)
               : now;
  };
  header.base_time = time_of(records.front());
  header.max_time = header.base_time;
  auto* const first = reinterpret_cast<std::byte*>(plain.data());
  std::byte* to = first;
  int64_t last_time = header.base_time;
  for (const Record& record : records) {
    const int64_t time = time_of(record);
    to = EncodeRecord(record, time, last_time, to);
    last_time = time;
    header.max_time = std::max(header.max_time, time);
  }
  header.record_count = static_cast<uint32_t>(records.size());
  header.offset_span = header.record_count;
  const ByteSpan bytes(first, static_cast<size_t>(to - first));

  const WriteLock lock(*this);
  if (is_closed_) return Usable();
  bool is_newly_dirty = false;
  TIDEMARK_RETURN_IF_ERROR(FreezeAndWriteOut());
  header.base_offset = end_.load(std::memory_order_relaxed);
  uint32_t limit = 0;
  const uint64_t needed =
      AlignUp(bytes.size() + kHeaderSize, kAlignment) + kAlignment;
  TIDEMARK_RETURN_IF_ERROR(NoteMetaResult(
      writer_.RoomFor(needed, needed, header.base_offset, 0, &limit).status()));
  TIDEMARK_RETURN_IF_ERROR(
      NoteWriteResult(writer_.WritePlain(header, bytes, sync_.durable())));
  {
    const MutexLock append_lock(append_mutex_);
    tail_.SkipTo(header.next_offset());
    written_.store(header.next_offset(), std::memory_order_release);
    end_.store(header.next_offset(), std::memory_order_release);
    appended_bytes_.store(appended_bytes_.load() + bytes.size());
    is_newly_dirty = !is_dirty_noted_;
    is_dirty_noted_ = true;
  }
  if (is_newly_dirty) AfterAppend(false, true);
  return header.base_offset;
}

absl::Status PartitionLog::FreezeAndWriteOut() {
  {
    Tail::Chunks unused_spares;
    const MutexLock lock(append_mutex_);
    if (!failure_.ok()) return AppendRefusal();
    tail_.CloseChunk();
    tail_.Retire(written_.load(), /*is_releasing_open=*/false);
    unused_spares = tail_.TakeSpares();
  }
  return WriteOutLocked(true, false);
}

absl::Status PartitionLog::NoteWriteResult(absl::Status status) {
  if (status.ok()) {
    if (is_waiting_for_space_) {
      is_waiting_for_space_ = false;
      ReportLater(EventKind::kDiskSpaceReturned, status,
                  "a write that waited for space went through");
    }
    return status;
  }
  if (absl::IsResourceExhausted(status)) {
    // Full is not broken: the chunks keep the records, and the same write is
    // tried again at the same place.
    if (!is_waiting_for_space_) {
      is_waiting_for_space_ = true;
      ReportLater(EventKind::kDiskFull, status, "a write waits for space");
    }
    return status;
  }
  Poison(status);
  ReportLater(EventKind::kWriteFailed, status, "a write failed");
  return status;
}

absl::Status PartitionLog::NoteMetaResult(absl::Status status) {
  if (status.ok()) return status;
  const absl::Status cause = writer_.meta_failure();
  if (cause.ok()) return status;
  Poison(cause);
  ReportLater(EventKind::kWriteFailed, cause, "a write of META failed");
  return status;
}

absl::Status PartitionLog::WriteOutLocked(bool is_everything,
                                          bool is_for_sync) {
  {
    // What an earlier call wrote before it ran out of memory is in the files.
    const MutexLock lock(append_mutex_);
    tail_.Retire(writer_.written(), /*is_releasing_open=*/false);
  }
  for (;;) {
    std::vector<ClaimedBatch> batches;
    bool is_last = false;
    uint64_t outstanding = 0;
    {
      const MutexLock lock(append_mutex_);
      if (!failure_.ok()) return failure_;
      if (is_everything) tail_.CloseBatch();
      batches = tail_.Claim(kWriteSizeMax);
      if (batches.empty()) break;
      is_last = batches.back().batch.next_offset() == tail_.end();
      // What is appended from here on is the next call's.
      is_everything = is_everything && !is_last;
      outstanding = tail_.Outstanding(batches.back().chunk->segment.get());
    }
    const absl::Status status = writer_.Write(
        batches, sync_.durable(), is_for_sync && is_last, outstanding);
    const Offset written = writer_.written();
    {
      const MutexLock lock(append_mutex_);
      tail_.Retire(written, /*is_releasing_open=*/false);
    }
    written_.store(written, std::memory_order_release);
    TIDEMARK_RETURN_IF_ERROR(NoteWriteResult(status));
    if (is_last) break;
  }
  return absl::OkStatus();
}

absl::Status PartitionLog::WriteOut(bool is_everything) {
  const WriteLock lock(*this);
  if (is_closed_) {
    // What a close could not write is not in the files.
    return written_.load() < end_.load() ? Usable() : absl::OkStatus();
  }
  if (is_everything &&
      shared_->settings.sync_interval == absl::InfiniteDuration()) {
    // Nobody else will: the next append asks for the next write-out.
    const MutexLock append_lock(append_mutex_);
    is_dirty_noted_ = false;
  }
  // Before the write as well: the appenders shall not wait for it.
  ProvideSpares();
  TIDEMARK_RETURN_IF_ERROR(WriteOutLocked(is_everything, false));
  ProvideSpares();
  return absl::OkStatus();
}

absl::Status PartitionLog::PrepareSync(SyncPlan* plan) {
  const WriteLock lock(*this);
  // Its files are given up, so there is nothing that could be synced.
  if (is_closed_) {
    return WithReason(absl::CancelledError("sync: the log was closed"),
                      ErrorReason::kClosed);
  }
  uint64_t bytes = 0;
  {
    const MutexLock append_lock(append_mutex_);
    bytes = appended_bytes_.load(std::memory_order_relaxed);
    is_dirty_noted_ = false;
  }
  const absl::Status status = WriteOutLocked(true, true);
  if (!status.ok()) {
    const MutexLock append_lock(append_mutex_);
    is_dirty_noted_ = true;
    return status;
  }
  *plan = writer_.TakeUnsynced(bytes, is_closing_);
  return absl::OkStatus();
}

absl::Status PartitionLog::ExecuteSync(SyncPlan* plan) {
  bool has_new = false;
  for (const SyncPlan::File& file : plan->files) {
    has_new = has_new || file.is_new;
    TIDEMARK_RETURN_IF_ERROR(file.is_new ? file.file->SyncAll()
                                         : file.file->Sync());
  }
  if (has_new) {
    const absl::Status synced = shared_->directory->Sync(address_.path);
    plan->is_undone = IsSyncNotBegun(synced);
    if (absl::IsNotFound(synced) && IsDirectoryGone()) return TopicDeleted();
    TIDEMARK_RETURN_IF_ERROR(synced);
  }
  return AfterFilesSynced(plan);
}

absl::Status PartitionLog::AfterFilesSynced(SyncPlan* plan) {
  TIDEMARK_RETURN_IF_ERROR(CheckLinks(*plan));
  if (plan->highest_segment < 0) return absl::OkStatus();
  const absl::Status stored = writer_.StoreHighest(*plan);
  plan->is_undone = !stored.ok() && writer_.meta_failure().ok();
  return stored;
}

absl::Status PartitionLog::CheckLinks(const SyncPlan& plan) const {
  absl::Status status;
  for (const SyncPlan::File& file : plan.files) {
    const absl::StatusOr<FileStat> stat = file.file->file().Stat();
    if (!stat.ok() || stat->link_count > 0) continue;
    // What is trimmed leaves the list before it is removed.
    const Offset base = file.file->header().base_offset;
    const std::shared_ptr<LogSegment> segment = segments()->Find(base);
    if (segment == nullptr || segment->base_offset() != base) continue;
    status = WithReason(absl::DataLossError(fmt::format(
                            "{}: removed by somebody else while it was written",
                            file.file->path())),
                        ErrorReason::kDamaged);
    break;
  }
  if (status.ok() || !IsDirectoryGone()) return status;
  return TopicDeleted();
}

bool PartitionLog::IsDirectoryGone() const {
  return absl::IsNotFound(shared_->directory->Stat(address_.path).status());
}

absl::Status PartitionLog::TopicDeleted() const {
  return WithReason(absl::FailedPreconditionError(
                        fmt::format("topic {}: deleted", address_.topic)),
                    ErrorReason::kClosed);
}

bool PartitionLog::IsFinal(const SyncPlan& plan, absl::Status* status) {
  if (status->ok()) return false;
  if (!plan.is_undone) {
    *status = FinalSyncFailure(*status);
    return true;
  }
  const absl::Status returned = Guarded([&] {
    const WriteLock lock(*this);
    // Nobody waits for it any more.
    if (is_closed_) return absl::OkStatus();
    writer_.ReturnUnsynced(plan);
    const MutexLock append_lock(append_mutex_);
    is_dirty_noted_ = true;
    return absl::OkStatus();
  });
  if (returned.ok()) return false;
  *status = FinalSyncFailure(*status);
  return true;
}

void PartitionLog::AfterSync(const SyncPlan& plan, const absl::Status& status,
                             bool is_final) {
  const absl::Duration now = shared_->clock->Monotonic();
  if (status.ok()) {
    is_put_off_told_.store(false);
    synced_bytes_.store(plan.bytes, std::memory_order_relaxed);
    {
      const MutexLock lock(append_mutex_);
      // What was appended behind the capture and is covered all the same asks
      // for no sync of its own.
      if (sync_.durable() == tail_.end()) is_dirty_noted_ = false;
      if (!is_dirty_noted_) unsynced_since_.store(INT64_MAX);
    }
    Wake(Visibility::kDurable);
    // Without memory the log idles unnoticed; the next append wakes it.
    Guarded([&] {
      shared_->flush->NoteIdle(
          *this,
          now + std::min(shared_->settings.mark_delay, absl::Seconds(1)));
      return absl::OkStatus();
    }).IgnoreError();
    return;
  }
  if (is_final) {
    Poison(status);
    // Without memory the host is told by every call it makes. A topic that is
    // being deleted is no failure.
    if (ReasonOf(status) == ErrorReason::kClosed) {
      WakeAll();
      return;
    }
    Guarded([&] {
      Report(EventKind::kSyncFailed, status, "a sync failed");
      return absl::OkStatus();
    }).IgnoreError();
    WakeAll();
    return;
  }
  // Tried again after the interval, for a disk that is full now may have room
  // then.
  const absl::Status noted = Guarded([&] {
    shared_->flush->NoteDirty(*this, now);
    return absl::OkStatus();
  });
  Guarded([&] {
    NotePutOff(status);
    return absl::OkStatus();
  }).IgnoreError();  // sync_lag tells it as well
  if (noted.ok()) return;
  // No memory to remember it. The next append tries again.
  const MutexLock lock(append_mutex_);
  is_dirty_noted_ = false;
}

void PartitionLog::NotePutOff(const absl::Status& status) {
  // A full disk and a failed write are told by the write, a close by its
  // caller.
  const bool is_told = IsDiskFull(status) || !failure().ok() ||
                       ReasonOf(status) == ErrorReason::kClosed;
  if (is_told) return;
  if (is_put_off_told_.exchange(true)) return;
  Report(EventKind::kSyncPutOff, status, "a sync could not begin");
}

void PartitionLog::RunIdle(absl::Duration now) {
  const WriteLock lock(*this);
  if (is_closed_) return;
  const Offset end = end_.load(std::memory_order_acquire);
  {
    const MutexLock append_lock(append_mutex_);
    if (!failure_.ok() || is_dirty_noted_) return;
  }
  const bool is_marking =
      shared_->settings.mark_delay != absl::InfiniteDuration();
  if (is_marking && sync_.durable() == end) {
    const absl::Status status =
        NoteWriteResult(writer_.WriteMark(end, sync_.durable(), Outstanding()));
    if (!status.ok()) return;
  }
  Tail::Chunks spares;
  {
    const MutexLock append_lock(append_mutex_);
    spares = tail_.TakeSpares();
    tail_.Retire(written_.load(), /*is_releasing_open=*/true);
    if (tail_.memory() > 0) return;
  }
  chunk_size_ = 0;
  chunk_since_ = now;
  spares_wanted_ = 1;
  writer_.ReleaseFile();
  if (shared_->arena->bytes_used() == 0) shared_->arena->ReleaseIdle();
}

void PartitionLog::Poison(const absl::Status& cause) {
  {
    const MutexLock lock(append_mutex_);
    if (failure_.ok()) failure_ = cause;
  }
  sync_.Fail(cause);
}

}  // namespace v0
}  // namespace tidemark
