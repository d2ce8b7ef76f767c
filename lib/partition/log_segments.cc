#include "partition/log_segments.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "segment/segment_trailer.h"

namespace tidemark {
inline namespace v0 {

LogSegment::LogSegment(const std::string& directory,
                       const SegmentHeader& header,
                       std::optional<SegmentIndex> index)
    : directory_(directory),
      header_(header),
      next_offset_(header.base_offset),
      readable_end_(header.data_position),
      file_size_(header.data_position),
      index_(std::move(index)) {}

LogSegment::LogSegment(const std::string& directory,
                       const SegmentExtent& extent,
                       std::optional<SegmentIndex> index)
    : directory_(directory),
      header_(extent.header),
      next_offset_(extent.next_offset()),
      readable_end_(extent.data_end()),
      file_size_(extent.file_size),
      max_time_(extent.totals.max_time),
      max_append_time_(extent.totals.max_append_time),
      min_append_time_(extent.totals.min_append_time),
      is_sealed_(extent.is_sealed),
      index_(std::move(index)) {}

absl::StatusOr<std::shared_ptr<const SegmentFile>> LogSegment::File(
    SegmentFileCache& cache) const {
  {
    const MutexLock lock(mutex_);
    if (file_ != nullptr) return file_;
  }
  return cache.Open(directory_, header_.identity, header_.base_offset);
}

IndexEntry LogSegment::First() const {
  return {header_.base_offset, header_.data_position, kNoTime, 0};
}

const SegmentIndex* LogSegment::LoadIndex(SegmentFileCache& cache) const {
  if (index_.has_value()) return &*index_;
  if (is_index_missing_ || !is_sealed_.load()) return nullptr;
  is_index_missing_ = true;
  const auto file =
      cache.Open(directory_, header_.identity, header_.base_offset);
  if (!file.ok()) {
    // Perhaps no descriptor was left; the next search may have more luck.
    is_index_missing_ = false;
    return nullptr;
  }
  const auto stat = (*file)->file().Stat();
  if (!stat.ok()) return nullptr;
  const auto trailer = ReadTrailer((*file)->file(), header_, stat->size);
  if (!trailer.ok() || !trailer->has_value()) return nullptr;
  auto index = ReadIndex((*file)->file(), (*file)->path(), header_, **trailer);
  if (!index.ok()) return nullptr;
  index_ = *std::move(index);
  is_index_missing_ = false;
  return &*index_;
}

IndexEntry LogSegment::FindOffset(Offset offset,
                                  SegmentFileCache& cache) const {
  const MutexLock lock(mutex_);
  const SegmentIndex* const index = LoadIndex(cache);
  if (index == nullptr) return First();
  return index->FindOffset(offset).value_or(First());
}

IndexEntry LogSegment::FindTime(int64_t time, SegmentFileCache& cache) const {
  const MutexLock lock(mutex_);
  const SegmentIndex* const index = LoadIndex(cache);
  if (index == nullptr) return First();
  return index->FindTime(time).value_or(First());
}

std::optional<IndexEntry> LogSegment::FindBehind(
    uint64_t position, SegmentFileCache& cache) const {
  const MutexLock lock(mutex_);
  const SegmentIndex* const index = LoadIndex(cache);
  if (index == nullptr) return std::nullopt;
  return index->FindBehind(position);
}

void LogSegment::SetFile(std::shared_ptr<const SegmentFile> file) {
  const MutexLock lock(mutex_);
  file_ = std::move(file);
}

void LogSegment::Add(const BatchHeader& batch, uint64_t position) {
  const MutexLock lock(mutex_);
  if (index_.has_value()) index_->Add(batch, position);
  if (!batch.is_mark()) {
    max_time_.store(std::max(max_time_.load(), batch.max_time));
    max_append_time_.store(
        std::max(max_append_time_.load(), batch.append_time));
    if (min_append_time_.load() == kNoTime) {
      min_append_time_.store(batch.append_time);
    }
  }
  readable_end_.store(position + batch.size, std::memory_order_release);
  file_size_.store(position + batch.size);
  next_offset_.store(batch.next_offset(), std::memory_order_release);
}

SegmentIndex LogSegment::index() const {
  const MutexLock lock(mutex_);
  return *index_;
}

SegmentTotals LogSegment::totals() const {
  const MutexLock lock(mutex_);
  return index_.has_value() ? index_->totals() : SegmentTotals{};
}

void LogSegment::MarkSealed(uint64_t file_size) {
  const MutexLock lock(mutex_);
  file_size_.store(file_size);
  is_sealed_.store(true);
  // The file has the index; it is read again when somebody searches.
  index_.reset();
}

std::shared_ptr<LogSegment> SegmentList::Find(Offset offset) const {
  const auto behind = std::upper_bound(
      segments.begin(), segments.end(), offset,
      [](Offset value, const std::shared_ptr<LogSegment>& segment) {
        return value < segment->base_offset();
      });
  return behind == segments.begin() ? nullptr : *std::prev(behind);
}

const DamagedRange* SegmentList::FindDamage(Offset offset) const {
  for (const DamagedRange& range : damage) {
    if (offset >= range.from && offset < range.to) return &range;
  }
  return nullptr;
}

Offset SegmentList::Bound(const LogSegment& segment) const {
  const auto behind = std::upper_bound(
      segments.begin(), segments.end(), segment.base_offset(),
      [](Offset value, const std::shared_ptr<LogSegment>& other) {
        return value < other->base_offset();
      });
  return behind == segments.end() ? std::numeric_limits<Offset>::max()
                                  : (*behind)->base_offset();
}

}  // namespace v0
}  // namespace tidemark
