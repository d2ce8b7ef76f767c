#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "partition/log_writer.h"
#include "partition/set_aside.h"
#include "segment/file_names.h"
#include "segment/segment_format.h"
#include "tidemark/error.h"

// The part of LogWriter that creates, seals, deletes and closes segments.
namespace tidemark {
inline namespace v0 {

absl::Status LogWriter::CreateSegment(Offset base_offset, uint64_t allocation) {
  TIDEMARK_ASSIGN_OR_RETURN(
      SegmentHeader header,
      NewSegmentHeader(
          *shared_.env, {shared_.store_id, address_.topic_id, address_.number},
          base_offset, shared_.incarnation, shared_.clock->CoarseMicros()));
  if (shared_.settings.is_padding_synced_batches) {
    header.data_position = segment_format::kPaddedDataPosition;
  }
  const auto create = [&] {
    return SegmentFile::Create(*shared_.directory, address_.path, header,
                               allocation, options_.segment_bytes + kSlack);
  };
  auto created = create();
  if (ReasonOf(created.status()) == ErrorReason::kOutOfFileDescriptors) {
    shared_.files->Clear();
    created = create();
  }
  if (absl::IsAlreadyExists(created.status())) {
    // Recovery found it to be none of this log, which did not need its name
    // then.
    TIDEMARK_ASSIGN_OR_RETURN(
        set_aside_,
        SetAside(*shared_.directory, address_.path,
                 SegmentFileName(base_offset), shared_.incarnation));
    created = create();
  }
  if (!created.ok()) {
    // What cannot be opened was not made, and may be somebody else's.
    const ErrorReason reason = ReasonOf(created.status());
    const bool may_be_made = !absl::IsAlreadyExists(created.status()) &&
                             reason != ErrorReason::kOutOfFileDescriptors &&
                             reason != ErrorReason::kOutOfMemory;
    if (may_be_made) stray_ = base_offset;
    RemoveStray().IgnoreError();  // tried again before anything is appended
    return created.status();
  }
  // Without the memory to go on, the file is one of those.
  stray_ = base_offset;
  std::shared_ptr<SegmentFile> file = *std::move(created);
  auto segment =
      std::make_shared<LogSegment>(address_.path, header, SegmentIndex(header));
  segment->SetFile(file);
  auto list = std::make_shared<SegmentList>(*segments());
  list->segments.push_back(segment);
  active_.push_back({std::move(segment), std::move(file), header.data_position,
                     false, false, true, false});
  shared_.files->AddWriter(1);
  Publish(std::move(list));
  stray_.reset();
  return absl::OkStatus();
}

absl::Status LogWriter::RemoveStray() {
  if (!stray_.has_value()) return absl::OkStatus();
  const absl::Status removed = shared_.directory->RemoveFile(
      JoinPath(address_.path, SegmentFileName(*stray_)));
  if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
  stray_.reset();
  return absl::OkStatus();
}

absl::Status LogWriter::SealIdle() {
  if (active_.size() != 1) return absl::OkStatus();
  const LogSegment& segment = *active_.front().segment;
  if (segment.next_offset() == segment.base_offset()) return absl::OkStatus();
  TIDEMARK_RETURN_IF_ERROR(BeforeFirstWrite());
  TIDEMARK_RETURN_IF_ERROR(SealFirst());
  is_roll_requested_ = false;
  return absl::OkStatus();
}

int64_t LogWriter::active_since() const {
  return active_.empty() ? kNoTime : active_.back().segment->min_append_time();
}

absl::Status LogWriter::StoreStart(Offset start) {
  TIDEMARK_RETURN_IF_ERROR(BeforeFirstWrite());
  const MutexLock lock(meta_mutex_);
  PartitionMeta meta = meta_->meta();
  if (start <= meta.start) return absl::OkStatus();
  meta.start = start;
  return meta_->Store(meta);
}

absl::Status LogWriter::DeleteBelow(Offset start) {
  const std::vector<std::shared_ptr<LogSegment>> dropped = DropBelow(start);
  if (dropped.empty()) return absl::OkStatus();
  for (const std::shared_ptr<LogSegment>& segment : dropped) {
    shared_.files->Forget(address_.path, segment->base_offset());
    const absl::Status removed = shared_.directory->RemoveFile(
        JoinPath(address_.path, SegmentFileName(segment->base_offset())));
    if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
  }
  return shared_.directory->Sync(address_.path);
}

std::vector<std::shared_ptr<LogSegment>> LogWriter::DropBelow(Offset start) {
  const std::shared_ptr<const SegmentList> before = segments();
  auto after = std::make_shared<SegmentList>(*before);
  std::vector<std::shared_ptr<LogSegment>> dropped;
  while (!after->segments.empty()) {
    const std::shared_ptr<LogSegment>& oldest = after->segments.front();
    const bool is_active = std::any_of(
        active_.begin(), active_.end(),
        [&](const Active& active) { return active.segment == oldest; });
    const Offset bound = std::min(after->Bound(*oldest),
                                  after->segments.size() == 1
                                      ? oldest->next_offset()
                                      : after->segments[1]->base_offset());
    if (is_active || bound > start) break;
    dropped.push_back(oldest);
    after->segments.erase(after->segments.begin());
  }
  std::erase_if(after->damage, [start](const DamagedRange& range) {
    return range.to <= start;
  });
  Publish(std::move(after));
  return dropped;
}

void LogWriter::Replace(RecoveredPartition recovered) {
  auto list = std::make_shared<SegmentList>();
  for (const SegmentExtent& extent : recovered.segments) {
    list->segments.push_back(
        std::make_shared<LogSegment>(address_.path, extent, std::nullopt));
  }
  list->damage = std::move(recovered.damage);
  written_ = recovered.end;
  active_.clear();
  Publish(std::move(list));
}

absl::Status LogWriter::StoreCut(Offset end) {
  const MutexLock lock(meta_mutex_);
  PartitionMeta meta = meta_->meta();
  meta.cut_offset = end;
  meta.cut_incarnation = shared_.incarnation;
  meta.durable_end = std::max(meta.durable_end, end);
  return meta_->Store(meta);
}

absl::Status LogWriter::CloseClean(Offset end) {
  TIDEMARK_RETURN_IF_ERROR(RemoveStray());
  for (Active& active : active_) {
    if (active.is_cut) continue;
    TIDEMARK_RETURN_IF_ERROR(OpenFile(active));
    TIDEMARK_RETURN_IF_ERROR(active.file->CutTo(active.position));
    // Behind the end of a log that was closed only zeros may come back.
    if (active.file->has_failed_write()) {
      TIDEMARK_RETURN_IF_ERROR(active.file->Sync());
    }
    active.is_cut = true;
  }
  // Before META needs a descriptor.
  ReleaseAll();
  const MutexLock lock(meta_mutex_);
  if (meta_->meta().clean_end == end) return absl::OkStatus();
  PartitionMeta meta = meta_->meta();
  meta.clean_end = end;
  meta.clean_incarnation = shared_.incarnation;
  meta.durable_end = std::max(meta.durable_end, end);
  return meta_->Store(meta);
}

void LogWriter::ReleaseFile() {
  if (active_.size() != 1) return;
  Active& active = active_.front();
  if (active.is_dirty || active.is_new || active.file == nullptr) return;
  // The close has to know of it.
  if (active.file->has_failed_write()) return;
  CloseFile(active);
}

void LogWriter::ReleaseAll() {
  for (Active& active : active_) CloseFile(active);
  shared_.files->AddWriter(-static_cast<int>(sealed_unsynced_.size()));
  sealed_unsynced_.clear();
}

void LogWriter::CloseFile(Active& active) {
  if (active.file == nullptr) return;
  active.segment->SetFile(nullptr);
  active.file.reset();
  shared_.files->AddWriter(-1);
}

std::shared_ptr<const SegmentList> LogWriter::segments() const {
  const MutexLock lock(list_mutex_);
  return list_;
}

void LogWriter::Publish(std::shared_ptr<const SegmentList> list) {
  const MutexLock lock(list_mutex_);
  list_ = std::move(list);
}

void LogWriter::AddSegment(std::shared_ptr<LogSegment> segment) {
  auto list = std::make_shared<SegmentList>(*segments());
  list->segments.push_back(std::move(segment));
  Publish(std::move(list));
}

void LogWriter::AddDamage(const DamagedRange& range) {
  const MutexLock lock(list_mutex_);
  auto list = std::make_shared<SegmentList>(*list_);
  const bool is_known = std::any_of(
      list->damage.begin(), list->damage.end(), [&](const DamagedRange& known) {
        return known.from <= range.from && known.to >= range.to;
      });
  if (is_known) return;
  list->damage.push_back(range);
  list_ = std::move(list);
}

}  // namespace v0
}  // namespace tidemark
