#include "partition/partition_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/status_macros.h"
#include "fmt/core.h"
#include "partition/partition_log.h"
#include "partition/segment_batch_reader.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

// Reads at one place while another process removes the file of each.
constexpr int kDamageLooksMax = 16;

}  // namespace

PartitionReader::PartitionReader(std::shared_ptr<PartitionLog> log)
    : log_(std::move(log)),
      topic_(std::make_shared<const std::string>(log_->address().topic)),
      files_(std::make_unique<SegmentBatchReader>(*log_)) {}

PartitionReader::~PartitionReader() = default;
PartitionReader::PartitionReader(PartitionReader&&) noexcept = default;
PartitionReader& PartitionReader::operator=(PartitionReader&&) noexcept =
    default;

bool PartitionReader::IsFull(const Progress& progress,
                             const ReadOptions& options) const {
  return progress.records >= options.records_max ||
         progress.bytes >= options.bytes_max || progress.next >= progress.limit;
}

void PartitionReader::Take(RecordPosition* position, const std::byte* end,
                           Offset batch_end, int64_t append_time,
                           const ReadOptions& options, RecordRuns* runs,
                           Progress* progress) {
  bool is_record = false;
  Offset offset = 0;
  // To the first record that is wanted; there is none if the last ones of the
  // batch were removed.
  while (position->offset < progress->next && position->next < end) {
    RecordPosition ahead = *position;
    if (!RecordDecoder::Skip(&ahead, end, &is_record, &offset)) return;
    if (is_record && offset >= progress->next) break;
    *position = ahead;
  }
  RecordRun run;
  run.topic = topic_.get();
  run.partition = log_->address().number;
  run.first = *position;
  run.append_time = append_time;
  const std::byte* const first = position->next;
  while (position->next < end && !IsFull(*progress, options)) {
    RecordPosition ahead = *position;
    if (!RecordDecoder::Skip(&ahead, end, &is_record, &offset)) break;
    if (is_record && offset >= progress->limit) {
      progress->next = progress->limit;
      break;
    }
    progress->bytes += static_cast<size_t>(ahead.next - position->next);
    *position = ahead;
    if (!is_record) continue;
    ++run.record_count;
    ++progress->records;
    progress->next = offset + 1;
  }
  if (position->next == end) {
    progress->next = std::min(batch_end, progress->limit);
  }
  if (run.record_count == 0) return;
  runs->byte_size += static_cast<size_t>(position->next - first);
  runs->record_count += run.record_count;
  runs->runs.push_back(run);
}

bool PartitionReader::ReadTail(const ReadOptions& options, RecordRuns* runs,
                               Progress* progress) {
  copy_.parts.clear();
  if (!log_->PinTail(progress->next, hint_, options.bytes_max, &copy_)) {
    return false;
  }
  const std::byte* const chunk = copy_.chunk->run.bytes.data();
  const size_t size = copy_.parts.back().end - copy_.parts.front().start;
  const std::shared_ptr<ReadBuffer> buffer = pool_.Get(size);
  // One copy over all parts: the headers between them are never looked at, and
  // the bytes of a header may be changing while they are copied, so each part
  // is copied by itself.
  std::byte* to = buffer->data();
  for (const TailCopy::Part& part : copy_.parts) {
    const size_t part_size = part.end - part.start;
    std::memcpy(to, chunk + part.start, part_size);
    RecordPosition position{to, part.offset, part.time};
    const std::byte* const end = to + part_size;
    const bool is_whole =
        part.offset == progress->next && part.next_offset <= progress->limit &&
        progress->bytes + part_size <= options.bytes_max &&
        static_cast<uint64_t>(part.next_offset - part.offset) <=
            options.records_max - progress->records;
    if (is_whole) {
      // The writer of these bytes counted the records: no need to walk them.
      const auto count = static_cast<size_t>(part.next_offset - part.offset);
      if (count > 0) {
        runs->runs.push_back({topic_.get(), log_->address().number, position,
                              count, part.append_time});
        runs->record_count += count;
        runs->byte_size += part_size;
      }
      progress->records += count;
      progress->bytes += part_size;
      progress->next = part.next_offset;
      position = {end, part.next_offset, part.last_time};
    } else {
      Take(&position, end, part.next_offset, part.append_time, options, runs,
           progress);
    }
    hint_.chunk = copy_.chunk->serial;
    hint_.position = static_cast<uint32_t>(part.start + (position.next - to));
    hint_.offset = progress->next;
    hint_.time = position.time;
    hint_.batch_base = part.batch_base;
    to += part_size;
    if (IsFull(*progress, options)) break;
  }
  incarnation_ = log_->incarnation();
  runs->owners.push_back(buffer);
  copy_.chunk.reset();
  return true;
}

absl::Status PartitionReader::ReadFiles(const ReadOptions& options,
                                        RecordRuns* runs, Progress* progress) {
  while (!IsFull(*progress, options)) {
    TIDEMARK_ASSIGN_OR_RETURN(StoredBatch* const batch,
                              files_->BatchAt(progress->next));
    if (batch == nullptr) return absl::OkStatus();
    const BatchHeader& header = batch->header;
    if (batch->taken.offset > progress->next) batch->taken = batch->begin();
    RecordPosition& position = batch->taken;
    const auto size = static_cast<size_t>(batch->end() - position.next);
    const auto count =
        static_cast<size_t>(header.next_offset() - progress->next);
    const size_t runs_before = runs->runs.size();
    // The header says how many records there are: no need to walk them.
    const bool is_rest_wanted =
        position.offset == progress->next &&
        header.next_offset() <= progress->limit &&
        header.record_count == header.offset_span &&
        progress->bytes + size <= options.bytes_max &&
        count <= options.records_max - progress->records;
    if (is_rest_wanted) {
      runs->runs.push_back({topic_.get(), log_->address().number, position,
                            count, header.append_time});
      runs->record_count += count;
      runs->byte_size += size;
      progress->records += count;
      progress->bytes += size;
      progress->next = header.next_offset();
    } else {
      Take(&position, batch->end(), header.next_offset(), header.append_time,
           options, runs, progress);
    }
    incarnation_ = header.incarnation;
    if (runs->runs.size() == runs_before) continue;
    const std::shared_ptr<const void>& owner =
        batch->payload.owner != nullptr ? batch->payload.owner : batch->buffer;
    if (runs->owners.empty() || runs->owners.back() != owner) {
      runs->owners.push_back(owner);
    }
  }
  return absl::OkStatus();
}

absl::Status PartitionReader::Read(Offset from, const ReadOptions& options,
                                   RecordRuns* runs, Offset* next) {
  TIDEMARK_RETURN_IF_ERROR(log_->Usable());
  if (from < 0) {
    return absl::InvalidArgumentError(
        fmt::format("topic {} partition {}: read at {}, the lowest offset is 0",
                    log_->address().topic, log_->address().number, from));
  }
  if (!log_->shared().settings.is_read_only) {
    return ReadOnce(from, options, runs, next);
  }
  // Beside a process that writes: first what is new, and what looks damaged or
  // is gone may have been cut, trimmed or written anew.
  if (from >= log_->VisibleEnd(options.visibility)) {
    TIDEMARK_RETURN_IF_ERROR(log_->Follow());
  }
  for (int look = 1;; ++look) {
    const absl::Status status = ReadOnce(from, options, runs, next);
    const bool is_changed =
        (IsDamaged(status) && look == 1) ||
        (absl::IsNotFound(status) && look < kDamageLooksMax);
    if (!is_changed) return status;
    TIDEMARK_RETURN_IF_ERROR(log_->Refresh());
    files_ = std::make_unique<SegmentBatchReader>(*log_);
  }
}

absl::Status PartitionReader::ReadOnce(Offset from, const ReadOptions& options,
                                       RecordRuns* runs, Offset* next) {
  const PartitionAddress& address = log_->address();
  *next = from;
  Progress progress;
  progress.next = from;
  progress.limit = log_->VisibleEnd(options.visibility);
  const Offset start = log_->start();
  if (from < start) {
    return WithGap(
        WithReason(absl::OutOfRangeError(fmt::format(
                       "topic {} partition {}: read at {}, the log starts at "
                       "{}",
                       address.topic, address.number, from, start)),
                   ErrorReason::kTrimmed),
        {address.topic, address.number, from, start});
  }
  if (from >= progress.limit) {
    const Offset end = log_->VisibleEnd(Visibility::kAll);
    if (from <= end) return absl::OkStatus();
    return absl::OutOfRangeError(
        fmt::format("topic {} partition {}: read at {}, the log ends at {}",
                    address.topic, address.number, from, end));
  }
  const size_t runs_before = runs->runs.size();
  const size_t records_before = runs->record_count;
  // Records move from the tail to the files, never back: what is in neither at
  // one look was moved in between.
  for (int idle = 0; idle < 3 && !IsFull(progress, options);) {
    const Offset before = progress.next;
    if (!ReadTail(options, runs, &progress)) {
      const absl::Status status = ReadFiles(options, runs, &progress);
      if (!status.ok()) {
        // What was read before the damage is returned first.
        if (runs->record_count > records_before) break;
        runs->runs.resize(runs_before);
        return status;
      }
    }
    idle = progress.next == before ? idle + 1 : 0;
  }
  if (runs->record_count > records_before &&
      (runs->topics.empty() || runs->topics.back() != topic_)) {
    runs->topics.push_back(topic_);
  }
  *next = progress.next;
  return absl::OkStatus();
}

}  // namespace v0
}  // namespace tidemark
