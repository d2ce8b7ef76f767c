#include "segment/segment_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
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

absl::Status Damaged(const SegmentSnapshot& snapshot, uint64_t position,
                     Offset from, Offset to, std::string_view what) {
  OffsetGap gap;
  gap.partition = snapshot.header.identity.partition;
  gap.from = from;
  gap.to = std::max(from, to);
  return WithGap(
      WithReason(absl::DataLossError(fmt::format(
                     "{}: position {}, offsets [{}, {}): {}", snapshot.file,
                     position, gap.from, gap.to, what)),
                 ErrorReason::kDamaged),
      gap);
}

// Damage that concerns no record.
absl::Status Damaged(const SegmentSnapshot& snapshot, uint64_t position,
                     Offset at, std::string_view what) {
  return Damaged(snapshot, position, at, at, what);
}

// One pass over a segment, with what it adds up to.
class Checker {
 public:
  Checker(const SegmentSnapshot& snapshot, const SegmentFile& file)
      : snapshot_(snapshot), file_(file), index_(snapshot.header) {}

  absl::Status Run() {
    TIDEMARK_RETURN_IF_ERROR(CheckHeaders());
    if (snapshot_.is_sealed) TIDEMARK_RETURN_IF_ERROR(ReadEnd());
    TIDEMARK_RETURN_IF_ERROR(CheckBatches());
    return snapshot_.is_sealed ? CheckEnd() : absl::OkStatus();
  }

 private:
  const SegmentHeader& header() const { return snapshot_.header; }

  absl::Status CheckHeaders() {
    TIDEMARK_ASSIGN_OR_RETURN(const SegmentHead head,
                              ReadSegmentHead(file_.file()));
    const Offset base = header().base_offset;
    if (head.fault != SegmentHeaderFault::kNone || head.header != header()) {
      return Damaged(snapshot_, 0, base, snapshot_.totals.next_offset,
                     "segment header changed");
    }
    if (head.is_one_damaged) {
      return Damaged(snapshot_, 0, base, "one of two segment headers damaged");
    }
    const std::string expected = EncodeSegmentHeader(header());
    std::vector<std::byte> bytes(expected.size());
    TIDEMARK_ASSIGN_OR_RETURN(const size_t count,
                              ReadRetrying(file_.file(), 0, bytes));
    if (AsText(ByteSpan(bytes).first(count)) != expected) {
      return Damaged(snapshot_, 0, base, "bytes around the segment headers");
    }
    return absl::OkStatus();
  }

  absl::Status ReadEnd() {
    TIDEMARK_ASSIGN_OR_RETURN(
        trailer_, ReadTrailer(file_.file(), header(), snapshot_.file_size));
    if (!trailer_.has_value()) {
      return Damaged(snapshot_,
                     snapshot_.file_size - segment_format::trailer::kSize,
                     snapshot_.totals.next_offset, "trailer");
    }
    TIDEMARK_ASSIGN_OR_RETURN(
        const SegmentIndex index,
        ReadIndex(file_.file(), snapshot_.file, header(), *trailer_));
    entries_ = index.entries();
    return absl::OkStatus();
  }

  absl::Status CheckBatches() {
    ScanOptions options = WholeScan(snapshot_);
    options.payloads_from = 0;
    SegmentScanner scanner(file_.file(), header(), options);
    for (;;) {
      TIDEMARK_ASSIGN_OR_RETURN(const Found found, scanner.Next());
      if (found == Found::kFault) return DescribeFault(snapshot_, &scanner);
      if (found == Found::kEnd) break;
      TIDEMARK_RETURN_IF_ERROR(CheckBatch(scanner));
    }
    if (snapshot_.is_live && index_.totals().data_end < options.limit) {
      return Damaged(snapshot_, index_.totals().data_end,
                     index_.totals().next_offset, snapshot_.totals.next_offset,
                     "batches missing");
    }
    return absl::OkStatus();
  }

  absl::Status CheckBatch(const SegmentScanner& scanner) {
    const BatchHeader& batch = scanner.batch();
    const absl::StatusOr<PlainPayload> plain =
        ReadPayload(batch, scanner.body());
    if (IsDamaged(plain.status())) {
      return Damaged(snapshot_, scanner.position(), batch.base_offset,
                     batch.next_offset(), FromAbsl(plain.status().message()));
    }
    TIDEMARK_RETURN_IF_ERROR(plain.status());
    TIDEMARK_RETURN_IF_ERROR(CheckEntry(batch, scanner.position()));
    index_.Add(batch, scanner.position());
    return absl::OkStatus();
  }

  // The entries of the index point to batches and say what is before them.
  absl::Status CheckEntry(const BatchHeader& batch, uint64_t position) {
    if (next_entry_ == entries_.size()) return absl::OkStatus();
    const IndexEntry& entry = entries_[next_entry_];
    if (entry.position > position) return absl::OkStatus();
    const IndexEntry expected{batch.base_offset, position,
                              index_.totals().max_time,
                              index_.totals().record_count};
    if (entry != expected) {
      return Damaged(snapshot_, trailer_->index_position, batch.base_offset,
                     fmt::format("index entry {} does not describe the batch "
                                 "at position {}",
                                 next_entry_, position));
    }
    ++next_entry_;
    return absl::OkStatus();
  }

  absl::Status CheckEnd() {
    SegmentTotals expected = index_.totals();
    // The seal may know a later mark than the last batch.
    expected.durable_end =
        std::max(expected.durable_end, trailer_->totals.durable_end);
    if (trailer_->totals != expected || next_entry_ != entries_.size()) {
      return Damaged(
          snapshot_, snapshot_.file_size - segment_format::trailer::kSize,
          expected.next_offset, "trailer does not describe the batches");
    }
    return absl::OkStatus();
  }

  const SegmentSnapshot& snapshot_;
  const SegmentFile& file_;
  SegmentIndex index_;
  std::optional<SegmentTrailer> trailer_;
  std::vector<IndexEntry> entries_;
  size_t next_entry_ = 0;
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
  const uint64_t position = scanner->position();
  const Offset from = scanner->next_offset();
  const char* const what = BatchFaultName(scanner->fault());
  TIDEMARK_ASSIGN_OR_RETURN(const bool has_next, scanner->Resync());
  const Offset to =
      has_next ? scanner->next_offset() : snapshot.totals.next_offset;
  return Damaged(snapshot, position, from, to, what);
}

absl::Status CheckSegment(const SegmentSnapshot& snapshot,
                          const SegmentFile& file) {
  return Checker(snapshot, file).Run();
}

}  // namespace v0
}  // namespace tidemark
