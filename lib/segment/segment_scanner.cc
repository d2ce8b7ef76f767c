#include "segment/segment_scanner.h"

#include <algorithm>
#include <array>

#include "base/endian.h"
#include "base/status_macros.h"
#include "record/batch_format.h"
#include "segment/retrying_read.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

using batch_format::kAlignment;
using batch_format::kHeaderSize;

// How much to read at once: to hash, to walk small batches, to find the next
// header when batches are large and their payloads are not wanted.
constexpr size_t kPayloadReadAhead = 256 * kKiB;
constexpr size_t kHeaderReadAhead = 64 * kKiB;
constexpr size_t kSparseReadAhead = 512;
constexpr uint32_t kLargeBatch = 16 * kKiB;

// The search behind damage hashes at most this many times the limit, and reads
// at most this many times the limit with something on top for small files.
constexpr uint64_t kHashBudgetFactor = 4;
constexpr uint64_t kReadBudgetFactor = 8;
constexpr uint64_t kReadBudgetMin = 1 * kMiB;

bool IsZero(ByteSpan bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](std::byte byte) { return byte == std::byte{0}; });
}

BatchFault ToBatchFault(HeaderFault fault) {
  switch (fault) {
    case HeaderFault::kNone:
      return BatchFault::kNone;
    case HeaderFault::kCutOff:
      return BatchFault::kCutOff;
    case HeaderFault::kMagic:
      return BatchFault::kMagic;
    case HeaderFault::kChecksum:
      return BatchFault::kChecksum;
    case HeaderFault::kField:
      return BatchFault::kField;
  }
  return BatchFault::kField;
}

}  // namespace

const char* BatchFaultName(BatchFault fault) {
  switch (fault) {
    case BatchFault::kNone:
      return "valid";
    case BatchFault::kHole:
      return "zeros before other bytes";
    case BatchFault::kCutOff:
      return "batch header cut off";
    case BatchFault::kMagic:
      return "no batch magic";
    case BatchFault::kChecksum:
      return "batch header checksum mismatch";
    case BatchFault::kField:
      return "batch header field out of range";
    case BatchFault::kPastEnd:
      return "batch longer than the data";
    case BatchFault::kPayload:
      return "batch payload checksum mismatch";
    case BatchFault::kOffset:
      return "batch does not continue the log";
    case BatchFault::kIncarnation:
      return "batch of an earlier incarnation than the one before it";
    case BatchFault::kCutAway:
      return "batch that was cut away";
  }
  return "unknown";
}

SegmentScanner::SegmentScanner(const File& file, const SegmentHeader& header,
                               const ScanOptions& options)
    : file_(file),
      header_(header),
      options_(options),
      limit_(options.limit),
      position_(options.position),
      next_position_(options.position),
      next_offset_(options.next_offset),
      incarnation_(options.incarnation) {}

absl::StatusOr<SegmentScanner::Found> SegmentScanner::Next() {
  if (fault_ != BatchFault::kNone) return Found::kFault;
  body_ = {};
  const uint64_t position = next_position_;
  TIDEMARK_ASSIGN_OR_RETURN(const ByteSpan window,
                            Window(position, kHeaderSize));
  const ByteSpan head = window.first(std::min(window.size(), kHeaderSize));
  if (IsZero(head)) {
    TIDEMARK_ASSIGN_OR_RETURN(const bool is_end, IsZeroToLimit(position));
    position_ = position;
    if (!is_end) return Fail(BatchFault::kHole);
    const bool has_all = !options_.is_sealed || position == options_.limit;
    return has_all ? Found::kEnd : Fail(BatchFault::kHole);
  }
  const Candidate candidate = Decode(position, head);
  BatchFault fault = candidate.fault;
  if (fault == BatchFault::kNone) fault = CheckSequence(candidate.header);
  if (fault == BatchFault::kNone && WantsPayload(candidate.header)) {
    TIDEMARK_ASSIGN_OR_RETURN(const bool is_valid,
                              VerifyPayload(position, candidate.header));
    if (!is_valid) fault = BatchFault::kPayload;
  }
  position_ = position;
  batch_ = candidate.header;
  if (fault != BatchFault::kNone) return Fail(fault);
  next_position_ = position + batch_.size;
  next_offset_ = batch_.next_offset();
  incarnation_ = batch_.incarnation;
  return Found::kBatch;
}

SegmentScanner::Found SegmentScanner::Fail(BatchFault fault) {
  fault_ = fault;
  body_ = {};
  return Found::kFault;
}

absl::StatusOr<ByteSpan> SegmentScanner::Window(uint64_t position,
                                                size_t size_needed) {
  if (position >= limit_) return ByteSpan();
  const uint64_t left = limit_ - position;
  const auto wanted =
      static_cast<size_t>(std::min<uint64_t>(size_needed, left));
  const uint64_t buffer_end = buffer_position_ + buffer_size_;
  if (position >= buffer_position_ && position + wanted <= buffer_end) {
    const auto skipped = static_cast<size_t>(position - buffer_position_);
    return ByteSpan(buffer_).subspan(skipped, buffer_size_ - skipped);
  }
  const auto ahead = static_cast<size_t>(
      std::min<uint64_t>(std::max(size_needed, ReadAhead()), left));
  if (buffer_.size() < ahead) buffer_.resize(ahead);
  buffer_size_ = 0;
  size_t asked = ahead;
  absl::StatusOr<size_t> count =
      file_.ReadAt(position, MutableByteSpan(buffer_).first(asked));
  if (IsIoError(count.status())) {
    // A bad sector further on is no reason to miss the bytes needed.
    asked = wanted;
    count = file_.ReadAt(position, MutableByteSpan(buffer_).first(asked));
  }
  if (!count.ok()) return count.status();
  if (*count < asked) {
    TIDEMARK_ASSIGN_OR_RETURN(
        const size_t rest,
        ReadRetrying(file_, position + *count,
                     MutableByteSpan(buffer_).subspan(*count, asked - *count)));
    *count += rest;
    if (*count < asked) limit_ = position + *count;
  }
  buffer_position_ = position;
  buffer_size_ = *count;
  bytes_read_ += *count;
  return ByteSpan(buffer_).first(*count);
}

size_t SegmentScanner::ReadAhead() const {
  if (next_offset_ >= options_.payloads_from) return kPayloadReadAhead;
  const bool is_walking = fault_ == BatchFault::kNone;
  return is_walking && batch_.size > kLargeBatch ? kSparseReadAhead
                                                 : kHeaderReadAhead;
}

SegmentScanner::Candidate SegmentScanner::Decode(uint64_t position,
                                                 ByteSpan bytes) {
  Candidate candidate;
  candidate.fault = ToBatchFault(
      DecodeBatchHeader(bytes, header_.secret, position, &candidate.header));
  if (candidate.fault != BatchFault::kNone) return candidate;
  durable_end_ = std::max(durable_end_, candidate.header.durable_end);
  if (position > limit_ || candidate.header.size > limit_ - position) {
    candidate.fault = BatchFault::kPastEnd;
  }
  return candidate;
}

absl::StatusOr<SegmentScanner::Candidate> SegmentScanner::PeekAt(
    uint64_t position) {
  const uint64_t buffer_end = buffer_position_ + buffer_size_;
  if (position >= buffer_position_ && position + kHeaderSize <= buffer_end) {
    const auto at = static_cast<size_t>(position - buffer_position_);
    return Decode(position, ByteSpan(buffer_).subspan(at, kHeaderSize));
  }
  std::array<std::byte, kHeaderSize> bytes;
  TIDEMARK_ASSIGN_OR_RETURN(const size_t count,
                            ReadRetrying(file_, position, bytes));
  bytes_read_ += count;
  return Decode(position, ByteSpan(bytes).first(count));
}

BatchFault SegmentScanner::CheckSequence(const BatchHeader& header) const {
  if (header.base_offset != next_offset_) return BatchFault::kOffset;
  if (header.incarnation < incarnation_) return BatchFault::kIncarnation;
  return IsCutAway(header) ? BatchFault::kCutAway : BatchFault::kNone;
}

bool SegmentScanner::IsCutAway(const BatchHeader& header) const {
  // A mark at the cut may stand before it.
  const bool is_above = header.is_mark()
                            ? header.base_offset > options_.cut_offset
                            : header.base_offset >= options_.cut_offset;
  return is_above && header.incarnation < options_.cut_incarnation;
}

bool SegmentScanner::WantsPayload(const BatchHeader& header) const {
  return header.is_mark() ? header.base_offset >= options_.payloads_from
                          : header.next_offset() > options_.payloads_from;
}

absl::StatusOr<bool> SegmentScanner::VerifyPayload(uint64_t position,
                                                   const BatchHeader& header) {
  TIDEMARK_ASSIGN_OR_RETURN(const ByteSpan window,
                            Window(position, header.size));
  if (window.size() < header.size) return false;
  body_ = window.first(header.size).subspan(kHeaderSize);
  return PayloadIsValid(header, body_.first(header.payload_size),
                        body_.subspan(header.payload_size));
}

absl::StatusOr<bool> SegmentScanner::IsZeroToLimit(uint64_t position) {
  if (has_non_zero_ && position <= last_non_zero_) return false;
  TIDEMARK_ASSIGN_OR_RETURN(const uint64_t found, FirstNonZero(position));
  if (found >= limit_) return true;
  has_non_zero_ = true;
  last_non_zero_ = found;
  return false;
}

absl::StatusOr<uint64_t> SegmentScanner::FirstNonZero(uint64_t position) {
  while (position < limit_) {
    TIDEMARK_ASSIGN_OR_RETURN(const ByteSpan window, Window(position, 1));
    const auto found =
        std::find_if(window.begin(), window.end(),
                     [](std::byte byte) { return byte != std::byte{0}; });
    position += static_cast<uint64_t>(found - window.begin());
    if (found != window.end()) return position;
    if (window.size() < kSparseReadAhead) continue;
    // A hint that saves reading the holes of a sparse file.
    const absl::StatusOr<uint64_t> data = file_.NextData(position);
    if (data.ok()) position = std::max(position, *data);
  }
  return limit_;
}

absl::StatusOr<bool> SegmentScanner::Resync() {
  if (fault_ == BatchFault::kNone || is_exhausted_) return false;
  const uint64_t read_before = bytes_read_;
  TIDEMARK_ASSIGN_OR_RETURN(uint64_t position, ResyncPosition());
  for (;; position += kAlignment) {
    TIDEMARK_ASSIGN_OR_RETURN(position, FindMagic(position));
    if (position >= limit_) break;
    if (!Spend(kHeaderSize)) break;
    TIDEMARK_ASSIGN_OR_RETURN(const Candidate candidate, PeekAt(position));
    if (candidate.fault != BatchFault::kNone) continue;
    TIDEMARK_ASSIGN_OR_RETURN(const bool counts,
                              Counts(position, candidate.header));
    if (resync_read_ + bytes_read_ - read_before > ReadBudget()) {
      is_exhausted_ = true;
    }
    if (is_exhausted_) break;
    if (!counts) continue;
    resync_read_ += bytes_read_ - read_before;
    next_position_ = position;
    next_offset_ = candidate.header.base_offset;
    fault_ = BatchFault::kNone;
    return true;
  }
  resync_read_ += bytes_read_ - read_before;
  return false;
}

absl::StatusOr<uint64_t> SegmentScanner::ResyncPosition() {
  switch (fault_) {
    case BatchFault::kPayload:
      // The header holds, so the batch ends where it says.
      return position_ + batch_.size;
    case BatchFault::kOffset:
      return position_;
    case BatchFault::kHole: {
      TIDEMARK_ASSIGN_OR_RETURN(const uint64_t data, FirstNonZero(position_));
      return data & ~uint64_t{kAlignment - 1};
    }
    default:
      return position_ + kAlignment;
  }
}

absl::StatusOr<uint64_t> SegmentScanner::FindMagic(uint64_t position) {
  while (position < limit_) {
    TIDEMARK_ASSIGN_OR_RETURN(const ByteSpan window,
                              Window(position, kAlignment));
    if (window.size() < kAlignment) break;
    for (size_t at = 0; at + kAlignment <= window.size(); at += kAlignment) {
      if (LoadLittle<uint32_t>(window.data() + at) == batch_format::kMagic) {
        return position + at;
      }
    }
    position += window.size() & ~(kAlignment - 1);
    TIDEMARK_ASSIGN_OR_RETURN(const uint64_t data, FirstNonZero(position));
    position = data & ~uint64_t{kAlignment - 1};
  }
  return limit_;
}

absl::StatusOr<bool> SegmentScanner::Counts(uint64_t position,
                                            const BatchHeader& header) {
  // Behind a payload that fails, its header still says which offsets it held.
  const bool has_header = fault_ == BatchFault::kPayload;
  const Offset floor = has_header ? batch_.next_offset() : next_offset_;
  const Incarnation least = has_header ? batch_.incarnation : incarnation_;
  if (header.base_offset < floor || header.incarnation < least ||
      IsCutAway(header)) {
    return false;
  }
  const uint64_t behind = position + header.size;
  if (behind == limit_) return true;
  if (!Spend(kHeaderSize)) return false;
  TIDEMARK_ASSIGN_OR_RETURN(const Candidate next, PeekAt(behind));
  if (next.fault == BatchFault::kNone &&
      next.header.base_offset == header.next_offset() &&
      next.header.incarnation >= header.incarnation) {
    return true;
  }
  if (!options_.is_sealed) {
    TIDEMARK_ASSIGN_OR_RETURN(const bool is_end, IsZeroToLimit(behind));
    if (is_end) return true;
  }
  if (!Spend(header.size)) return false;
  return VerifyPayload(position, header);
}

bool SegmentScanner::Spend(uint64_t bytes) {
  spent_ += bytes;
  if (spent_ > kHashBudgetFactor * options_.limit) is_exhausted_ = true;
  return !is_exhausted_;
}

uint64_t SegmentScanner::ReadBudget() const {
  return kReadBudgetFactor * options_.limit + kReadBudgetMin;
}

}  // namespace v0
}  // namespace tidemark
