#include "consumer/fetcher.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/status_macros.h"

namespace tidemark {
inline namespace v0 {

absl::StatusOr<Records> Fetcher::Fetch(std::vector<CursorPartition>& partitions,
                                       const PollOptions& limits) {
  CollectTurns(partitions);
  touched_ = turns_;
  if (turns_.empty()) return Records();
  auto runs = std::make_unique<RecordRuns>();
  Budget budget{limits.records_max, limits.bytes_max};
  absl::Status status;
  while (!turns_.empty() && !budget.is_spent() && status.ok()) {
    status = Round(partitions, &budget, runs.get());
  }
  if (!status.ok() && runs->record_count == 0) return status;
  Records records(std::move(runs));
  for (const size_t index : touched_) {
    CursorPartition& partition = partitions[index];
    if (partition.next == partition.place.offset) continue;
    partition.place.offset = partition.next;
    partition.place.incarnation = partition.reader.incarnation();
  }
  return records;
}

void Fetcher::CollectTurns(std::vector<CursorPartition>& partitions) {
  turns_.clear();
  const size_t count = partitions.size();
  if (first_ >= count) first_ = 0;
  for (size_t i = 0; i < count; ++i) {
    const size_t index = first_ + i < count ? first_ + i : first_ + i - count;
    CursorPartition& partition = partitions[index];
    if (partition.is_paused || IsIdle(partition, visibility_)) continue;
    partition.next = partition.place.offset;
    turns_.push_back(index);
  }
}

absl::Status Fetcher::Round(std::vector<CursorPartition>& partitions,
                            Budget* budget, RecordRuns* runs) {
  const size_t count = turns_.size();
  const size_t record_share = std::max<size_t>(1, budget->records / count);
  const size_t byte_share = std::max<size_t>(1, budget->bytes / count);
  hungry_.clear();
  for (const size_t index : turns_) {
    first_ = index;
    if (budget->is_spent()) return absl::OkStatus();
    CursorPartition& partition = partitions[index];
    const Budget share{std::min(record_share, budget->records),
                       std::min(byte_share, budget->bytes)};
    const size_t records_before = runs->record_count;
    const size_t bytes_before = runs->byte_size;
    const Offset from = partition.next;
    const absl::Status status = ReadSome(partition, share, runs);
    if (!status.ok()) {
      // Whoever was read before goes first; the next fetch begins with this.
      if (runs->record_count == 0) ++first_;
      return status;
    }
    budget->records -= runs->record_count - records_before;
    budget->bytes -= std::min(budget->bytes, runs->byte_size - bytes_before);
    if (partition.next > from &&
        partition.next < partition.log->VisibleEnd(visibility_)) {
      hungry_.push_back(index);
    }
  }
  ++first_;
  turns_.swap(hungry_);
  return absl::OkStatus();
}

absl::Status Fetcher::ReadSome(CursorPartition& partition, const Budget& share,
                               RecordRuns* runs) {
  CursorPlace& place = partition.place;
  TIDEMARK_RETURN_IF_ERROR(place.lost);
  if (place.needs_check) {
    TIDEMARK_RETURN_IF_ERROR(
        partition.log->CheckPosition(place.offset, place.incarnation));
    place.needs_check = false;
  }
  return partition.reader.Read(partition.next,
                               {.bytes_max = share.bytes,
                                .records_max = share.records,
                                .visibility = visibility_},
                               runs, &partition.next);
}

}  // namespace v0
}  // namespace tidemark
