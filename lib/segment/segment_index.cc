#include "segment/segment_index.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/checksum.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

using namespace segment_format::index;

int64_t Least(int64_t a, int64_t b) {
  return a == kNoTime ? b : std::min(a, b);
}

// Over secret, position, the head without its checksum, and the entries.
uint64_t BlockChecksum(const SegmentSecret& secret, uint64_t position,
                       ByteSpan block) {
  std::array<std::byte, 16 + 8 + kChecksumAt> prefix;
  std::memcpy(prefix.data(), secret.data(), secret.size());
  StoreLittle(prefix.data() + 16, position);
  std::memcpy(prefix.data() + 24, block.data(), kChecksumAt);
  return Checksum(prefix, block.subspan(kHeadSize));
}

absl::Status Damaged(const SegmentTotals& totals, std::string_view what) {
  return WithReason(
      absl::DataLossError(
          fmt::format("index block at position {}: {}", totals.data_end, what)),
      ErrorReason::kDamaged);
}

bool Follows(const IndexEntry& entry, const IndexEntry* previous,
             const SegmentHeader& header, const SegmentTotals& totals) {
  if (previous == nullptr) {
    return entry.base_offset == header.base_offset &&
           entry.position == header.data_position &&
           entry.max_time_before == kNoTime && entry.records_before == 0;
  }
  return entry.base_offset >= previous->base_offset &&
         entry.base_offset <= totals.next_offset &&
         entry.position >= previous->position + kInterval &&
         entry.position < totals.data_end && entry.position % 8 == 0 &&
         entry.max_time_before >= previous->max_time_before &&
         entry.max_time_before <= totals.max_time &&
         entry.records_before >= previous->records_before &&
         entry.records_before <= totals.record_count;
}

}  // namespace

SegmentIndex::SegmentIndex(const SegmentHeader& header) {
  totals_.base_offset = header.base_offset;
  totals_.next_offset = header.base_offset;
  totals_.data_end = header.data_position;
  totals_.incarnation = header.incarnation;
}

SegmentIndex::SegmentIndex(SegmentTotals totals,
                           std::vector<IndexEntry> entries)
    : totals_(totals), entries_(std::move(entries)) {}

void SegmentIndex::Add(const BatchHeader& batch, uint64_t position) {
  if (entries_.empty() || position >= entries_.back().position + kInterval) {
    entries_.push_back(
        {batch.base_offset, position, totals_.max_time, totals_.record_count});
  }
  totals_.next_offset = batch.next_offset();
  totals_.data_end = position + batch.size;
  totals_.record_count += batch.record_count;
  totals_.batch_count += 1;
  totals_.incarnation = batch.incarnation;
  totals_.durable_end = std::max(totals_.durable_end, batch.durable_end);
  if (batch.is_mark()) return;
  totals_.min_time = Least(totals_.min_time, batch.base_time);
  totals_.max_time = std::max(totals_.max_time, batch.max_time);
  totals_.min_append_time = Least(totals_.min_append_time, batch.append_time);
  totals_.max_append_time =
      std::max(totals_.max_append_time, batch.append_time);
}

void SegmentIndex::CutTo(const SegmentTotals& totals) {
  totals_ = totals;
  while (!entries_.empty() && entries_.back().position >= totals.data_end) {
    entries_.pop_back();
  }
}

std::optional<IndexEntry> SegmentIndex::FindOffset(Offset offset) const {
  // Marks share their offset with the batch behind them: the first of equals.
  const auto above = std::lower_bound(
      entries_.begin(), entries_.end(), offset,
      [](const IndexEntry& entry, Offset o) { return entry.base_offset < o; });
  if (above != entries_.end() && above->base_offset == offset) return *above;
  if (above == entries_.begin()) return std::nullopt;
  return *(above - 1);
}

std::optional<IndexEntry> SegmentIndex::FindTime(int64_t time) const {
  const auto late = std::partition_point(
      entries_.begin(), entries_.end(), [time](const IndexEntry& entry) {
        return entry.max_time_before == kNoTime || entry.max_time_before < time;
      });
  if (late == entries_.begin()) return std::nullopt;
  return *(late - 1);
}

std::optional<IndexEntry> SegmentIndex::FindBehind(uint64_t position) const {
  const auto behind = std::partition_point(entries_.begin(), entries_.end(),
                                           [position](const IndexEntry& entry) {
                                             return entry.position <= position;
                                           });
  if (behind == entries_.end()) return std::nullopt;
  return *behind;
}

std::string EncodeIndexBlock(const SegmentIndex& index,
                             const SegmentSecret& secret, uint64_t position) {
  std::string block;
  block.reserve(kHeadSize + index.entries().size() * kEntrySize);
  ByteWriter writer(&block);
  writer.U64(kMagic);
  writer.U32(static_cast<uint32_t>(index.entries().size()));
  writer.U32(kEntrySize);
  writer.Zeros(kHeadSize - kReservedAt);
  for (const IndexEntry& entry : index.entries()) {
    writer.I64(entry.base_offset);
    writer.U64(entry.position);
    writer.I64(entry.max_time_before);
    writer.U64(entry.records_before);
  }
  StoreLittle(reinterpret_cast<std::byte*>(block.data()) + kChecksumAt,
              BlockChecksum(secret, position, AsBytes(block)));
  return block;
}

absl::StatusOr<std::vector<IndexEntry>> DecodeIndexBlock(
    ByteSpan block, const SegmentHeader& header, const SegmentTotals& totals) {
  if (block.size() < kHeadSize) return Damaged(totals, "cut off");
  ByteReader reader(block);
  if (reader.U64() != kMagic) return Damaged(totals, "no magic number");
  const uint64_t count = reader.U32();
  const uint64_t entry_size = reader.U32();
  const uint64_t reserved = reader.U64();
  const uint64_t checksum = reader.U64();
  if (BlockChecksum(header.secret, totals.data_end, block) != checksum) {
    return Damaged(totals, "checksum mismatch");
  }
  if (entry_size != kEntrySize || reserved != 0 ||
      reader.remaining() != count * kEntrySize ||
      (count == 0) != (totals.batch_count == 0)) {
    return Damaged(totals, "field out of range");
  }
  std::vector<IndexEntry> entries;
  entries.reserve(count);  // as many as there are bytes for
  for (uint64_t i = 0; i < count; ++i) {
    IndexEntry entry;
    entry.base_offset = reader.I64();
    entry.position = reader.U64();
    entry.max_time_before = reader.I64();
    entry.records_before = reader.U64();
    if (!Follows(entry, entries.empty() ? nullptr : &entries.back(), header,
                 totals)) {
      return Damaged(totals, fmt::format("entry {} out of order", i));
    }
    entries.push_back(entry);
  }
  return entries;
}

}  // namespace v0
}  // namespace tidemark
