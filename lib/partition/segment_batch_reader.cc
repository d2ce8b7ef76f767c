#include "partition/segment_batch_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/status_macros.h"
#include "fmt/core.h"
#include "partition/partition_log.h"
#include "segment/file_names.h"
#include "segment/segment_scanner.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

using batch_format::kHeaderSize;

// What one read of the file asks for at least: large enough to hide the call,
// small enough to stay in the processor's cache until it is decoded.
constexpr size_t kReadAhead = 256 << 10;

}  // namespace

bool SegmentBatchReader::Locate(Offset offset) {
  list_ = log_.segments();
  segment_ = list_->Find(offset);
  file_ = nullptr;
  buffer_ = nullptr;
  buffer_size_ = 0;
  has_batch_ = false;
  next_offset_ = -1;
  if (segment_ == nullptr) return false;
  segment_bound_ = list_->Bound(*segment_);
  position_ = segment_->FindOffset(offset, *log_.shared().files).position;
  return true;
}

size_t SegmentBatchReader::BeginBuffer(size_t capacity, bool keeps_rest) {
  const uint64_t buffer_end = buffer_position_ + buffer_size_;
  const bool has_rest = keeps_rest && buffer_ != nullptr &&
                        position_ >= buffer_position_ && position_ < buffer_end;
  // Without a rest the same memory will do, if no Records has it.
  const std::shared_ptr<ReadBuffer> old =
      has_rest ? std::move(buffer_) : nullptr;
  buffer_ = nullptr;
  buffer_ = pool_.Get(capacity);
  size_t rest = 0;
  if (has_rest) {
    rest = static_cast<size_t>(buffer_end - position_);
    std::memcpy(buffer_->data(), old->data() + (position_ - buffer_position_),
                rest);
  }
  buffer_position_ = position_;
  buffer_size_ = rest;
  return rest;
}

absl::StatusOr<ByteSpan> SegmentBatchReader::Window(size_t size, bool is_anew) {
  const uint64_t end = segment_->readable_end();
  if (position_ >= end) return ByteSpan();
  size = static_cast<size_t>(std::min<uint64_t>(size, end - position_));
  if (!is_anew && buffer_ != nullptr && position_ >= buffer_position_ &&
      position_ + size <= buffer_position_ + buffer_size_) {
    return ByteSpan(buffer_->data() + (position_ - buffer_position_), size);
  }
  if (file_ == nullptr) {
    TIDEMARK_ASSIGN_OR_RETURN(file_, segment_->File(*log_.shared().files));
  }
  const size_t kept = BeginBuffer(std::max(size, kReadAhead), !is_anew);
  const size_t wanted = static_cast<size_t>(
      std::min<uint64_t>(buffer_->capacity(), end - position_));
  const uint64_t from = position_ + kept;
  std::byte* const to = buffer_->data() + kept;
  absl::StatusOr<size_t> got = file_->ReadAt(from, {to, wanted - kept});
  if (!got.ok() && IsIoError(got.status())) {
    // Once more, and only for what is needed: read-ahead may have touched a bad
    // sector behind it.
    got = file_->ReadAt(from, {to, size - kept});
  }
  TIDEMARK_RETURN_IF_ERROR(got.status());
  buffer_size_ = kept + *got;
  return ByteSpan(buffer_->data(), std::min(size, buffer_size_));
}

absl::Status SegmentBatchReader::DamageStatus(const DamagedRange& range) const {
  const PartitionAddress& address = log_.address();
  return WithGap(
      WithReason(
          absl::DataLossError(fmt::format(
              "topic {} partition {}: offsets {} to {} are damaged: {} "
              "position {}: {}",
              address.topic, address.number, range.from, range.to,
              JoinPath(address.path, range.file), range.position, range.what)),
          ErrorReason::kDamaged),
      {address.topic, address.number, range.from, range.to});
}

absl::Status SegmentBatchReader::PassDamage(Offset offset, const char* what) {
  const uint64_t first = segment_->header().data_position;
  if (next_offset_ < 0 && position_ != first) {
    // The index is a hint, and this one was wrong.
    position_ = first;
    next_offset_ = segment_->base_offset();
    return absl::OkStatus();
  }
  if (file_ == nullptr) {
    TIDEMARK_ASSIGN_OR_RETURN(file_, segment_->File(*log_.shared().files));
  }
  DamagedRange range;
  range.from = std::max(next_offset_, segment_->base_offset());
  range.to = std::min(segment_bound_, segment_->next_offset());
  range.file = SegmentFileName(segment_->base_offset());
  range.position = position_;
  range.size = segment_->readable_end() - position_;
  range.what = what;
  ScanOptions scan;
  scan.position = position_;
  scan.limit = segment_->readable_end();
  scan.next_offset = range.from;
  scan.is_sealed = segment_->is_sealed();
  SegmentScanner scanner(file_->file(), segment_->header(), scan);
  TIDEMARK_ASSIGN_OR_RETURN(SegmentScanner::Found found, scanner.Next());
  if (found == SegmentScanner::Found::kFault) {
    TIDEMARK_ASSIGN_OR_RETURN(const bool is_resynced, scanner.Resync());
    if (is_resynced) {
      TIDEMARK_ASSIGN_OR_RETURN(found, scanner.Next());
      range.size = scanner.position() - position_;
      if (scanner.batch().base_offset <= offset) {
        position_ = scanner.position();
        next_offset_ = scanner.batch().base_offset;
        return absl::OkStatus();
      }
      range.to = std::min(scanner.batch().base_offset, range.to);
    }
  }
  return Damage(std::move(range));
}

absl::Status SegmentBatchReader::Damage(DamagedRange range) {
  range.to = std::max(range.to, range.from + 1);
  log_.NoteDamage(range);
  next_offset_ = -1;
  segment_ = nullptr;
  return DamageStatus(range);
}

absl::StatusOr<StoredBatch*> SegmentBatchReader::ReadHere(Offset offset) {
  // A second look at the file before anything is called damaged.
  for (const bool is_anew : {false, true}) {
    TIDEMARK_ASSIGN_OR_RETURN(ByteSpan window, Window(kHeaderSize, is_anew));
    BatchHeader header;
    const HeaderFault fault = DecodeBatchHeader(
        window, segment_->header().secret, position_, &header);
    const bool is_in_place =
        fault == HeaderFault::kNone &&
        (next_offset_ < 0 ? header.base_offset <= offset
                          : header.base_offset == next_offset_);
    if (!is_in_place) {
      if (!is_anew) continue;
      TIDEMARK_RETURN_IF_ERROR(PassDamage(
          offset, fault == HeaderFault::kNone ? "batch out of place"
                                              : HeaderFaultName(fault)));
      return nullptr;
    }
    if (header.next_offset() <= offset) {
      position_ += header.size;
      next_offset_ = header.next_offset();
      return nullptr;
    }
    TIDEMARK_ASSIGN_OR_RETURN(window, Window(header.size, is_anew));
    if (window.size() == header.size) {
      absl::StatusOr<PlainPayload> payload =
          ReadPayload(header, window.subspan(kHeaderSize));
      if (payload.ok()) {
        batch_ = {header, *std::move(payload), buffer_, {}};
        batch_.taken = batch_.begin();
        batch_position_ = position_;
        has_batch_ = true;
        next_offset_ = header.base_offset;
        return &batch_;
      }
      if (!IsDamaged(payload.status())) return payload.status();
    }
    if (is_anew) {
      DamagedRange range;
      range.from = header.base_offset;
      range.to = header.next_offset();
      range.file = SegmentFileName(segment_->base_offset());
      range.position = position_;
      range.size = header.size;
      range.what = "payload checksum mismatch";
      return Damage(std::move(range));
    }
  }
  return nullptr;  // not reached
}

absl::StatusOr<StoredBatch*> SegmentBatchReader::BatchAt(Offset offset) {
  if (has_batch_ && offset >= batch_.header.base_offset &&
      offset < batch_.header.next_offset()) {
    return &batch_;
  }
  if (has_batch_ && offset == batch_.header.next_offset()) {
    position_ = batch_position_ + batch_.header.size;
    next_offset_ = offset;
  } else if (offset != next_offset_) {
    segment_ = nullptr;
  }
  has_batch_ = false;
  for (;;) {
    if (segment_ == nullptr && !Locate(offset)) {
      const DamagedRange* const range = list_->FindDamage(offset);
      if (range != nullptr) return DamageStatus(*range);
      return nullptr;
    }
    // A following segment bounds this one; it may have appeared just now.
    if (offset >= segment_bound_) {
      segment_ = nullptr;
      continue;
    }
    if (offset >= segment_->next_offset()) {
      const auto latest = log_.segments();
      if (latest != list_ && latest->Find(offset) != segment_) {
        segment_ = nullptr;
        continue;
      }
      list_ = latest;
      segment_bound_ = latest->Bound(*segment_);
      const DamagedRange* const range = latest->FindDamage(offset);
      if (range != nullptr) return DamageStatus(*range);
      return nullptr;
    }
    const DamagedRange* const range = list_->FindDamage(offset);
    if (range != nullptr) return DamageStatus(*range);
    TIDEMARK_ASSIGN_OR_RETURN(StoredBatch* const batch, ReadHere(offset));
    if (batch != nullptr) return batch;
  }
}

}  // namespace v0
}  // namespace tidemark
