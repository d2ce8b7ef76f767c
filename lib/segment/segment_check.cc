#include "segment/segment_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "record/batch_reader.h"
#include "segment/retrying_read.h"
#include "segment/segment_trailer.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

using Found = SegmentScanner::Found;

absl::Status ToStatus(const SegmentSnapshot& snapshot,
                      const DamagedRange& range) {
  OffsetGap gap;
  gap.partition = snapshot.header.identity.partition;
  gap.from = range.from;
  gap.to = range.to;
  return WithGap(
      WithReason(absl::DataLossError(fmt::format(
                     "{}: position {}, offsets [{}, {}): {}", range.file,
                     range.position, gap.from, gap.to, range.what)),
                 ErrorReason::kDamaged),
      gap);
}

// The fault that the scanner has met, as damage. Moves the scanner to the next
// batch that counts; `*has_next` says whether there is one.
absl::StatusOr<DamagedRange> TakeFault(const SegmentSnapshot& snapshot,
                                       SegmentScanner* scanner,
                                       bool* has_next) {
  DamagedRange range;
  range.file = snapshot.file;
  range.position = scanner->position();
  range.from = scanner->next_offset();
  range.what = BatchFaultName(scanner->fault());
  TIDEMARK_ASSIGN_OR_RETURN(*has_next, scanner->Resync());
  range.to = std::max(range.from, *has_next ? scanner->next_offset()
                                            : snapshot.totals.next_offset);
  const uint64_t end =
      *has_next ? scanner->next_position() : WholeScan(snapshot).limit;
  range.size = end - std::min(end, range.position);
  return range;
}

// One pass over a segment, with what it adds up to.
class Checker {
 public:
  Checker(const SegmentSnapshot& snapshot, const SegmentFile& file,
          DamageVisitor visit)
      : snapshot_(snapshot),
        file_(file),
        visit_(visit),
        index_(snapshot.header) {}

  absl::Status Run() {
    TIDEMARK_RETURN_IF_ERROR(CheckHeaders());
    if (snapshot_.is_sealed) TIDEMARK_RETURN_IF_ERROR(ReadEnd());
    TIDEMARK_RETURN_IF_ERROR(CheckBatches());
    if (!has_unknown_batch_) CheckTotals();
    return absl::OkStatus();
  }

 private:
  const SegmentHeader& header() const { return snapshot_.header; }

  void Report(uint64_t position, uint64_t size, Offset from, Offset to,
              std::string_view what) {
    visit_({.from = from,
            .to = std::max(from, to),
            .file = snapshot_.file,
            .position = position,
            .size = size,
            .what = std::string(what)});
  }

  // Damage that concerns no record.
  void Report(uint64_t position, uint64_t size, Offset at,
              std::string_view what) {
    Report(position, size, at, at, what);
  }

  absl::Status CheckHeaders() {
    TIDEMARK_ASSIGN_OR_RETURN(
        const SegmentHead head,
        ReadSegmentHead(file_.file(), [this](const SegmentHeader& found) {
          return found == header();
        }));
    const Offset base = header().base_offset;
    if (head.fault != SegmentHeaderFault::kNone || head.header != header()) {
      Report(0, header().data_position, base, snapshot_.totals.next_offset,
             "segment header changed");
      return absl::OkStatus();
    }
    const std::string expected = EncodeSegmentHeader(header());
    std::string bytes(expected.size(), '\0');
    auto* const to = reinterpret_cast<std::byte*>(bytes.data());
    TIDEMARK_ASSIGN_OR_RETURN(
        const size_t count, ReadRetrying(file_.file(), 0, {to, bytes.size()}));
    bytes.resize(count);
    if (bytes == expected) return absl::OkStatus();
    const auto first = static_cast<size_t>(
        std::mismatch(bytes.begin(), bytes.end(), expected.begin()).first -
        bytes.begin());
    size_t end = expected.size();
    while (bytes.size() == end && end > first + 1 &&
           bytes[end - 1] == expected[end - 1]) {
      bytes.pop_back();
      --end;
    }
    Report(first, end - first, base,
           head.is_one_damaged ? "one of two segment headers damaged"
                               : "bytes around the segment headers");
    return absl::OkStatus();
  }

  absl::Status ReadEnd() {
    constexpr uint64_t kSize = segment_format::trailer::kSize;
    const uint64_t file_size = snapshot_.file_size;
    const Offset end = snapshot_.totals.next_offset;
    TIDEMARK_ASSIGN_OR_RETURN(trailer_,
                              ReadTrailer(file_.file(), header(), file_size));
    if (!trailer_.has_value()) {
      Report(file_size - std::min(kSize, file_size), kSize, end, "trailer");
      return absl::OkStatus();
    }
    const absl::StatusOr<SegmentIndex> index =
        ReadIndex(file_.file(), snapshot_.file, header(), *trailer_);
    if (IsDamaged(index.status())) {
      Report(trailer_->index_position, trailer_->index_size, end,
             "index block damaged");
      return absl::OkStatus();
    }
    TIDEMARK_RETURN_IF_ERROR(index.status());
    has_index_ = true;
    entries_ = index->entries();
    return absl::OkStatus();
  }

  absl::Status CheckBatches() {
    ScanOptions options = WholeScan(snapshot_);
    options.payloads_from = 0;
    SegmentScanner scanner(file_.file(), header(), options);
    for (;;) {
      TIDEMARK_ASSIGN_OR_RETURN(const Found found, scanner.Next());
      if (found == Found::kEnd) return absl::OkStatus();
      if (found == Found::kBatch) {
        TIDEMARK_RETURN_IF_ERROR(CheckBatch(scanner));
        continue;
      }
      TIDEMARK_ASSIGN_OR_RETURN(const bool has_next, SkipFault(&scanner));
      if (!has_next) return absl::OkStatus();
    }
  }

  absl::Status CheckBatch(const SegmentScanner& scanner) {
    const BatchHeader& batch = scanner.batch();
    const absl::Status status = ReadPayload(batch, scanner.body()).status();
    if (!status.ok() && !IsDamaged(status)) return status;
    if (!status.ok()) {
      Report(scanner.position(), batch.size, batch.base_offset,
             batch.next_offset(), FromAbsl(status.message()));
    }
    AddBatch(batch, scanner.position());
    return absl::OkStatus();
  }

  // Reports a fault and moves the scanner behind it. False: nothing is there.
  absl::StatusOr<bool> SkipFault(SegmentScanner* scanner) {
    const bool has_header = scanner->fault() == BatchFault::kPayload;
    if (has_header) AddBatch(scanner->batch(), scanner->position());
    bool has_next = false;
    TIDEMARK_ASSIGN_OR_RETURN(const DamagedRange range,
                              TakeFault(snapshot_, scanner, &has_next));
    visit_(range);
    const uint64_t counted_end = index_.totals().data_end;
    const bool is_counted =
        has_header && counted_end == (has_next ? scanner->next_position()
                                               : snapshot_.totals.data_end);
    if (!is_counted) has_unknown_batch_ = true;
    return has_next;
  }

  void AddBatch(const BatchHeader& batch, uint64_t position) {
    if (!has_unknown_batch_) CheckEntry(batch, position);
    index_.Add(batch, position);
  }

  // The entries of the index point to batches and say what is before them.
  void CheckEntry(const BatchHeader& batch, uint64_t position) {
    if (next_entry_ == entries_.size()) return;
    const IndexEntry& entry = entries_[next_entry_];
    if (entry.position > position) return;
    const IndexEntry expected{batch.base_offset, position,
                              index_.totals().max_time,
                              index_.totals().record_count};
    ++next_entry_;
    if (entry == expected) return;
    Report(trailer_->index_position, trailer_->index_size, batch.base_offset,
           fmt::format("index entry {} does not describe the batch at position "
                       "{}",
                       next_entry_ - 1, position));
  }

  // What the headers of all batches add up to.
  void CheckTotals() {
    SegmentTotals totals = index_.totals();
    const uint64_t limit = WholeScan(snapshot_).limit;
    if (snapshot_.is_live && totals.data_end < limit) {
      Report(totals.data_end, limit - totals.data_end, totals.next_offset,
             snapshot_.totals.next_offset, "batches missing");
    }
    if (!trailer_.has_value()) return;
    // The seal may know a later mark than the last batch.
    totals.durable_end =
        std::max(totals.durable_end, trailer_->totals.durable_end);
    const bool has_loose_entry = has_index_ && next_entry_ != entries_.size();
    if (trailer_->totals == totals && !has_loose_entry) return;
    constexpr uint64_t kSize = segment_format::trailer::kSize;
    Report(snapshot_.file_size - kSize, kSize, totals.next_offset,
           "trailer does not describe the batches");
  }

  const SegmentSnapshot& snapshot_;
  const SegmentFile& file_;
  const DamageVisitor visit_;
  SegmentIndex index_;
  std::optional<SegmentTrailer> trailer_;
  std::vector<IndexEntry> entries_;
  bool has_index_ = false;
  size_t next_entry_ = 0;
  // Behind damaged headers the sums say nothing.
  bool has_unknown_batch_ = false;
};

}  // namespace

ScanOptions WholeScan(const SegmentSnapshot& snapshot) {
  ScanOptions options;
  options.position = snapshot.header.data_position;
  options.next_offset = snapshot.header.base_offset;
  const bool has_known_end = snapshot.is_sealed || snapshot.is_live;
  options.limit = has_known_end ? snapshot.totals.data_end : snapshot.file_size;
  options.is_sealed = has_known_end;
  return options;
}

absl::Status DescribeFault(const SegmentSnapshot& snapshot,
                           SegmentScanner* scanner) {
  bool has_next = false;
  TIDEMARK_ASSIGN_OR_RETURN(const DamagedRange range,
                            TakeFault(snapshot, scanner, &has_next));
  return ToStatus(snapshot, range);
}

absl::Status FindSegmentDamage(const SegmentSnapshot& snapshot,
                               const SegmentFile& file, DamageVisitor visit) {
  return Checker(snapshot, file, visit).Run();
}

absl::Status CheckSegment(const SegmentSnapshot& snapshot,
                          const SegmentFile& file) {
  std::optional<DamagedRange> first;
  const absl::Status status =
      FindSegmentDamage(snapshot, file, [&first](const DamagedRange& range) {
        if (!first.has_value()) first = range;
      });
  return first.has_value() ? ToStatus(snapshot, *first) : status;
}

}  // namespace v0
}  // namespace tidemark
