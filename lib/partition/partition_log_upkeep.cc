#include <algorithm>
#include <limits>
#include <utility>

#include "base/status_macros.h"
#include "fmt/core.h"
#include "partition/flush_worker.h"
#include "partition/partition_log.h"
#include "partition/partition_reader.h"
#include "partition/takeover.h"
#include "segment/file_names.h"
#include "segment/segment_scanner.h"
#include "tidemark/error.h"
#include "tidemark/segment.h"

// The part of PartitionLog that opens, closes, trims and inspects.
namespace tidemark {
inline namespace v0 {
namespace {

// Lists of segments of which one is gone before it is opened.
constexpr int kLooksMax = 3;

}  // namespace

absl::Status PartitionLog::Create(LogShared& shared,
                                  const PartitionAddress& address) {
  TIDEMARK_RETURN_IF_ERROR(shared.directory->CreateDirectory(address.path));
  TIDEMARK_ASSIGN_OR_RETURN(
      const std::unique_ptr<MetaFile> meta,
      MetaFile::Load(*shared.directory, address.path,
                     {shared.store_id, address.topic_id, address.number}));
  return meta->Store(PartitionMeta{});
}

absl::StatusOr<std::shared_ptr<PartitionLog>> PartitionLog::Open(
    std::shared_ptr<LogShared> shared, const PartitionAddress& address,
    const PartitionOptions& options, const OpenOptions& open) {
  RecoveryOptions recovery;
  recovery.topic = address.topic;
  recovery.incarnation = shared->incarnation;
  recovery.is_read_only = shared->settings.is_read_only;
  recovery.is_file_system_synced = open.is_file_system_synced;
  recovery.is_cut_final = !open.is_taking_over;
  TIDEMARK_ASSIGN_OR_RETURN(
      RecoveredPartition recovered,
      RecoverPartition(*shared->directory, address.path,
                       {shared->store_id, address.topic_id, address.number},
                       recovery));
  auto log = std::make_shared<PartitionLog>(std::move(shared), address, options,
                                            std::move(recovered));
  const PartitionRecovery& report = log->recovery_;
  if (report.has_damage()) {
    log->Report(EventKind::kDamageFound, absl::OkStatus(), ToString(report));
  } else if (report.cut.has_value()) {
    log->Report(EventKind::kTailCut, absl::OkStatus(), ToString(report));
  }
  return log;
}

absl::Status PartitionLog::AppendTaken(const TakenBatch& batch) {
  const WriteLock lock(*this);
  const Offset end = end_.load();
  BatchHeader header;
  ByteSpan records;
  std::string cut;
  TIDEMARK_RETURN_IF_ERROR(batch.From(end, &header, &records, &cut));
  if (records.empty()) return absl::OkStatus();
  uint32_t limit = 0;
  const uint64_t needed = AlignUp(records.size() + 256, 8);
  TIDEMARK_RETURN_IF_ERROR(
      writer_.RoomFor(needed, needed, header.base_offset, 0, &limit).status());
  TIDEMARK_RETURN_IF_ERROR(
      NoteWriteResult(writer_.WriteTaken(header, records)));
  const MutexLock append_lock(append_mutex_);
  tail_.SkipTo(header.next_offset());
  written_.store(header.next_offset());
  end_.store(header.next_offset());
  recovery_.end = header.next_offset();
  recovery_.records_taken_over += header.record_count;
  recovery_.bytes_taken_over += records.size();
  return absl::OkStatus();
}

absl::Status PartitionLog::FinishTakeOver() {
  TIDEMARK_RETURN_IF_ERROR(sync_.SyncTo(*this, end_.load()));
  const WriteLock lock(*this);
  return writer_.StoreCut(end_.load());
}

absl::Status PartitionLog::TrimBefore(Offset offset) {
  TIDEMARK_RETURN_IF_ERROR(Usable());
  if (shared_->settings.is_read_only) return OpenedToRead();
  size_t deleted = 0;
  absl::Status status;
  {
    const WriteLock lock(*this);
    status = TrimLocked(offset, &deleted);
  }
  // A reader that waits for the durable mark may wait for what is gone.
  Wake(Visibility::kDurable);
  if (deleted > 0) {
    Report(EventKind::kSegmentsDeleted, status,
           fmt::format("{} segments below offset {}", deleted, offset));
  }
  return status;
}

absl::Status PartitionLog::TrimLocked(Offset offset, size_t* deleted) {
  if (is_closed_) return Usable();
  const Offset end = end_.load();
  if (offset < 0 || offset > end) {
    return absl::OutOfRangeError(
        fmt::format("topic {} partition {}: trim before {}, allowed are 0 to "
                    "the end {}",
                    address_.topic, address_.number, offset, end));
  }
  if (offset <= start_.load()) return absl::OkStatus();
  // What is gone cannot be lost: the start mark never passes written and
  // durable ones.
  if (offset > written_.load()) {
    TIDEMARK_RETURN_IF_ERROR(WriteOutLocked(true, false));
  }
  const size_t files = writer_.segments()->segments.size();
  TIDEMARK_RETURN_IF_ERROR(NoteMetaResult(writer_.StoreStart(offset)));
  // The start moves before a file goes, so that no reader finds a hole.
  sync_.RaiseTo(offset);
  start_.store(offset, std::memory_order_release);
  const absl::Status status = writer_.DeleteBelow(offset);
  *deleted = files - writer_.segments()->segments.size();
  return status;
}

absl::StatusOr<Offset> PartitionLog::FirstOffsetOfNewerThan(
    Incarnation incarnation) {
  const std::shared_ptr<const SegmentList> list = segments();
  for (const std::shared_ptr<LogSegment>& segment : list->segments) {
    const auto opened = segment->File(*shared_->files);
    // Of a trim by another process nothing is known here yet.
    const bool is_trimmed =
        list->Bound(*segment) <= start() || shared_->settings.is_read_only;
    if (absl::IsNotFound(opened.status()) && is_trimmed) continue;
    TIDEMARK_RETURN_IF_ERROR(opened.status());
    const std::shared_ptr<const SegmentFile>& file = *opened;
    ScanOptions scan;
    scan.position = segment->header().data_position;
    scan.next_offset = segment->base_offset();
    scan.limit = segment->readable_end();
    scan.is_sealed = segment->is_sealed();
    SegmentScanner scanner(file->file(), segment->header(), scan);
    for (;;) {
      TIDEMARK_ASSIGN_OR_RETURN(const SegmentScanner::Found found,
                                scanner.Next());
      if (found == SegmentScanner::Found::kEnd) break;
      if (found == SegmentScanner::Found::kFault) {
        TIDEMARK_ASSIGN_OR_RETURN(const bool is_resynced, scanner.Resync());
        if (!is_resynced) break;
        continue;
      }
      if (!scanner.batch().is_mark() &&
          scanner.batch().incarnation > incarnation) {
        return scanner.batch().base_offset;
      }
    }
  }
  return written_.load();
}

absl::Status PartitionLog::CheckPosition(Offset offset,
                                         Incarnation incarnation) {
  TIDEMARK_RETURN_IF_ERROR(Usable());
  const Offset first = start();
  const Offset end = end_.load(std::memory_order_acquire);
  const auto truncated = [&](Offset safe) {
    return WithGap(
        WithReason(absl::OutOfRangeError(fmt::format(
                       "topic {} partition {}: position {} was cut away by a "
                       "crash, the safe position is {}",
                       address_.topic, address_.number, offset, safe)),
                   ErrorReason::kTruncatedPastCursor),
        {address_.topic, address_.number, safe, offset});
  };
  if (offset < first) {
    return WithGap(
        WithReason(absl::OutOfRangeError(fmt::format(
                       "topic {} partition {}: position {} is below the start "
                       "of the log, {}",
                       address_.topic, address_.number, offset, first)),
                   ErrorReason::kTrimmed),
        {address_.topic, address_.number, offset, first});
  }
  if (offset > end) return truncated(end);
  if (incarnation == 0 || offset == first ||
      incarnation >= shared_->incarnation) {
    return absl::OkStatus();
  }
  PartitionReader reader(shared_from_this());
  RecordRuns runs;
  Offset next = 0;
  ReadOptions one;
  one.records_max = 1;
  TIDEMARK_RETURN_IF_ERROR(reader.Read(offset - 1, one, &runs, &next));
  if (reader.incarnation() <= incarnation) return absl::OkStatus();
  TIDEMARK_ASSIGN_OR_RETURN(const Offset newer,
                            FirstOffsetOfNewerThan(incarnation));
  return truncated(std::min(std::max(newer, first), offset));
}

absl::StatusOr<Offset> PartitionLog::OffsetForTime(absl::Time time) {
  TIDEMARK_RETURN_IF_ERROR(Usable());
  const int64_t micros = absl::ToUnixMicros(time);
  // Before the list: what is below it is in the files that the list has.
  const Offset written = written_.load(std::memory_order_acquire);
  Offset from = start();
  const std::shared_ptr<const SegmentList> list = segments();
  for (const std::shared_ptr<LogSegment>& segment : list->segments) {
    const Offset bound = list->Bound(*segment);
    if (bound <= from) continue;
    // Of a segment whose last records are still in memory the times say little.
    const bool is_whole = bound <= written;
    if (is_whole && segment->max_time() < micros &&
        segment->max_time() != kNoTime) {
      from = bound;
      continue;
    }
    from =
        std::max(from, segment->FindTime(micros, *shared_->files).base_offset);
    break;
  }
  PartitionReader reader(shared_from_this());
  for (;;) {
    RecordRuns runs;
    Offset next = from;
    const absl::Status status = reader.Read(from, {}, &runs, &next);
    if (const auto gap = GapOf(status); gap.has_value() && gap->to > from) {
      from = gap->to;
      continue;
    }
    TIDEMARK_RETURN_IF_ERROR(status);
    if (next == from) return next;
    for (const RecordRun& run : runs.runs) {
      RecordPosition position = run.first;
      RecordView view;
      for (size_t i = 0; i < run.record_count; ++i) {
        RecordDecoder::Next(&position, &view);
        if (absl::ToUnixMicros(view.create_time()) >= micros) {
          return view.offset();
        }
      }
    }
    from = next;
  }
}

absl::StatusOr<uint64_t> PartitionLog::BytesBetween(Offset from, Offset to) {
  TIDEMARK_RETURN_IF_ERROR(Usable());
  if (from < 0 || from > to) {
    return absl::InvalidArgumentError(
        fmt::format("topic {} partition {}: bytes from offset {} to {}",
                    address_.topic, address_.number, from, to));
  }
  if (const Offset end = end_.load(std::memory_order_acquire); to > end) {
    return absl::OutOfRangeError(
        fmt::format("topic {} partition {}: bytes to offset {}, the end is {}",
                    address_.topic, address_.number, to, end));
  }
  if (from == to) return 0;
  uint64_t bytes = 0;
  const std::shared_ptr<const SegmentList> list = segments();
  for (const std::shared_ptr<LogSegment>& segment : list->segments) {
    const Offset base = segment->base_offset();
    const Offset next = std::min(list->Bound(*segment), segment->next_offset());
    if (next <= from || base >= to) continue;
    const uint64_t low =
        from <= base ? segment->header().data_position
                     : segment->FindOffset(from, *shared_->files).position;
    const uint64_t high =
        to >= next ? segment->readable_end()
                   : segment->FindOffset(to, *shared_->files).position;
    bytes += high - std::min(low, high);
  }
  const MutexLock lock(append_mutex_);
  return bytes + tail_.BytesBetween(from, to);
}

absl::StatusOr<std::vector<Segment>> PartitionLog::Segments() {
  TIDEMARK_RETURN_IF_ERROR(Usable());
  for (int look = 1;; ++look) {
    auto opened = OpenSegments();
    // All that were known may have been trimmed, with newer ones behind them.
    const bool is_behind =
        absl::IsNotFound(opened.status()) ||
        (opened.ok() && opened->empty() && !segments()->segments.empty());
    if (!is_behind || look == kLooksMax) return opened;
  }
}

absl::StatusOr<std::vector<Segment>> PartitionLog::OpenSegments() {
  std::vector<Segment> segments;
  const std::shared_ptr<const SegmentList> list = this->segments();
  for (const std::shared_ptr<LogSegment>& segment : list->segments) {
    absl::StatusOr<Segment> inspector = Segment::Open(
        *shared_->env, shared_->directory->path(),
        JoinPath(address_.path, SegmentFileName(segment->base_offset())));
    if (absl::IsNotFound(inspector.status())) {
      if (shared_->settings.is_read_only) TIDEMARK_RETURN_IF_ERROR(Refresh());
      if (segment->base_offset() < start()) continue;  // trimmed meanwhile
    }
    TIDEMARK_RETURN_IF_ERROR(inspector.status());
    segments.push_back(*std::move(inspector));
  }
  return segments;
}

absl::Status PartitionLog::Close() {
  {
    const MutexLock lock(append_mutex_);
    is_append_closed_ = true;
  }
  const absl::Status cancelled =
      WithReason(absl::CancelledError("store: closed"), ErrorReason::kClosed);
  if (shared_->settings.is_read_only || is_abandoned_.load()) {
    sync_.Fail(cancelled);
    WakeAll();
    return absl::OkStatus();
  }
  absl::Status status = sync_.SyncTo(*this, end_.load());
  {
    const WriteLock lock(*this);
    if (status.ok() && !is_closed_) {
      const Offset end = end_.load();
      is_closing_ = true;
      status = writer_.WriteMark(end, sync_.durable(), 0);
      if (status.ok()) {
        SyncPlan plan = writer_.TakeUnsynced(0, /*is_with_marks=*/true);
        status = ExecuteSync(&plan);
      }
      if (status.ok()) status = writer_.CloseClean(end);
    }
    is_closed_ = true;
    // Before the files go: nobody may find nothing to sync and call it durable.
    sync_.Fail(cancelled);
    writer_.ReleaseAll();
    const MutexLock append_lock(append_mutex_);
    if (status.ok()) tail_.Retire(end_.load(), /*is_releasing_open=*/true);
  }
  WakeAll();
  return status;
}

void PartitionLog::Abandon(const absl::Status& why) {
  is_abandoned_.store(true, std::memory_order_release);
  sync_.Fail(why);
  {
    const WriteLock lock(*this);
    is_closed_ = true;
    writer_.ReleaseAll();
    const MutexLock append_lock(append_mutex_);
    if (failure_.ok()) failure_ = why;
    tail_.Drop();
  }
  WakeAll();
}

}  // namespace v0
}  // namespace tidemark
