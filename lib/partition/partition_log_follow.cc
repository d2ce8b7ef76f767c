#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "partition/meta_file.h"
#include "partition/partition_log.h"
#include "segment/segment_scanner.h"
#include "tidemark/error.h"

// The part of PartitionLog that reads beside a process that writes.
namespace tidemark {
inline namespace v0 {

absl::Status PartitionLog::FollowSegment(LogSegment& segment, Offset* end) {
  TIDEMARK_ASSIGN_OR_RETURN(const auto file, segment.File(*shared_->files));
  TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat, file->file().Stat());
  ScanOptions scan;
  scan.position = segment.readable_end();
  scan.limit = stat.size;
  scan.next_offset = *end;
  scan.payloads_from = 0;
  SegmentScanner scanner(file->file(), segment.header(), scan);
  for (;;) {
    TIDEMARK_ASSIGN_OR_RETURN(const SegmentScanner::Found found,
                              scanner.Next());
    // Whatever is no batch is not there yet.
    if (found != SegmentScanner::Found::kBatch) return absl::OkStatus();
    segment.Add(scanner.batch(), scanner.position());
    sync_.RaiseTo(scanner.batch().durable_end);
    *end = scanner.batch().next_offset();
  }
}

absl::Status PartitionLog::Follow() {
  TIDEMARK_RETURN_IF_ERROR(Usable());
  Whereabouts whereabouts = Whereabouts::kFollowed;
  const absl::Status status = FollowFiles(&whereabouts);
  if (whereabouts == Whereabouts::kDeleted) return NoteDeleted();
  const bool is_changed = whereabouts == Whereabouts::kLeftBehind ||
                          absl::IsNotFound(status) || IsDamaged(status);
  return is_changed ? Refresh() : status;
}

absl::StatusOr<bool> PartitionLog::IsDeleted(const MetaFile& meta) const {
  if (meta.state() != MetaState::kMissing) return meta.is_foreign();
  const auto stat = shared_->directory->Stat(address_.path);
  if (absl::IsNotFound(stat.status())) return true;
  TIDEMARK_RETURN_IF_ERROR(stat.status());
  return false;
}

absl::Status PartitionLog::NoteDeleted() {
  is_abandoned_.store(true, std::memory_order_release);
  const absl::Status why = WhyUnusable();
  sync_.Fail(why);
  WakeAll();
  return why;
}

absl::Status PartitionLog::FollowFiles(Whereabouts* whereabouts) {
  const WriteLock lock(*this);
  const Offset before = end_.load();
  Offset end = before;
  for (;;) {
    const std::shared_ptr<const SegmentList> list = segments();
    if (!list->segments.empty()) {
      TIDEMARK_RETURN_IF_ERROR(FollowSegment(*list->segments.back(), &end));
      if (list->segments.back()->base_offset() == end) break;
    }
    const auto next = shared_->files->Open(
        address_.path, {shared_->store_id, address_.topic_id, address_.number},
        end);
    if (!next.ok()) break;  // not there yet, or its header is not
    writer_.AddSegment(std::make_shared<LogSegment>(
        address_.path, (*next)->header(), std::nullopt));
  }
  TIDEMARK_ASSIGN_OR_RETURN(
      const std::unique_ptr<MetaFile> meta,
      MetaFile::Load(*shared_->directory, address_.path,
                     {shared_->store_id, address_.topic_id, address_.number}));
  TIDEMARK_ASSIGN_OR_RETURN(const bool is_deleted, IsDeleted(*meta));
  if (is_deleted) {
    *whereabouts = Whereabouts::kDeleted;
    return absl::OkStatus();
  }
  // All that was known is gone by now, with files that were never looked at.
  if (meta->state() == MetaState::kValid && meta->meta().start > end) {
    *whereabouts = Whereabouts::kLeftBehind;
  }
  if (meta->state() == MetaState::kValid &&
      meta->meta().start > start_.load() && meta->meta().start <= end) {
    writer_.DropBelow(meta->meta().start);
    sync_.RaiseTo(meta->meta().start);
    start_.store(meta->meta().start);
  }
  if (end == before) return absl::OkStatus();
  const MutexLock append_lock(append_mutex_);
  tail_.SkipTo(end);
  written_.store(end);
  end_.store(end, std::memory_order_release);
  return absl::OkStatus();
}

absl::Status PartitionLog::Refresh() {
  TIDEMARK_RETURN_IF_ERROR(Usable());
  RecoveryOptions recovery;
  recovery.topic = address_.topic;
  recovery.is_read_only = true;
  shared_->files->Clear();
  const SegmentIdentity identity = {shared_->store_id, address_.topic_id,
                                    address_.number};
  absl::StatusOr<RecoveredPartition> found =
      RecoverPartition(*shared_->directory, address_.path, identity, recovery);
  // Behind it, so that files of a successor are never taken for a log without
  // records.
  TIDEMARK_ASSIGN_OR_RETURN(
      const std::unique_ptr<MetaFile> meta,
      MetaFile::Load(*shared_->directory, address_.path, identity));
  TIDEMARK_ASSIGN_OR_RETURN(const bool is_deleted, IsDeleted(*meta));
  if (is_deleted) return NoteDeleted();
  TIDEMARK_RETURN_IF_ERROR(found.status());
  RecoveredPartition& recovered = *found;
  const WriteLock lock(*this);
  start_.store(recovered.start);
  const Offset end = recovered.end;
  sync_.RaiseTo(recovered.durable);
  writer_.Replace(std::move(recovered));
  const MutexLock append_lock(append_mutex_);
  tail_.SkipTo(end);
  written_.store(end);
  end_.store(end, std::memory_order_release);
  return absl::OkStatus();
}

}  // namespace v0
}  // namespace tidemark
