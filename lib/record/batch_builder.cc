#include "record/batch_builder.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "base/bytes.h"
#include "record/batch_format.h"
#include "record/record_codec.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

using namespace batch_format;

absl::Status NoMemory() {
  return WithReason(absl::ResourceExhaustedError("batch: no memory"),
                    ErrorReason::kOutOfMemory);
}

std::byte* MutableData(std::string& text) {
  return reinterpret_cast<std::byte*>(text.data());
}

}  // namespace

BatchBuilder::BatchBuilder(Offset base_offset, int64_t append_time) {
  header_.base_offset = base_offset;
  header_.append_time = append_time;
}

size_t BatchBuilder::size() const {
  return bytes_.empty() ? 0 : bytes_.size() - kHeaderSize;
}

absl::Status BatchBuilder::Add(const Record& record, int64_t time) try {
  if (header_.next_offset() == std::numeric_limits<Offset>::max()) {
    return absl::OutOfRangeError(
        fmt::format("batch at offset {}: no offset is left for record {}",
                    header_.base_offset, header_.record_count));
  }
  const size_t bound = EncodedSizeBound(record);
  if (bound > kBatchSizeCap || size() + bound > kBatchSizeCap) {
    return WithReason(
        absl::InvalidArgumentError(fmt::format(
            "batch at offset {}: record of up to {} bytes behind {}, at most "
            "{} together",
            header_.base_offset, bound, size(), kBatchSizeCap)),
        ErrorReason::kRecordTooLarge);
  }
  const bool is_first = header_.record_count == 0;
  const size_t before = is_first ? kHeaderSize : bytes_.size();
  bytes_.resize(before + bound);
  std::byte* const from = MutableData(bytes_) + before;
  const std::byte* const behind =
      EncodeRecord(record, time, is_first ? time : last_time_, from);
  bytes_.resize(before + static_cast<size_t>(behind - from));
  if (is_first) {
    header_.base_time = time;
    header_.max_time = time;
  }
  header_.max_time = std::max(header_.max_time, time);
  last_time_ = time;
  ++header_.record_count;
  ++header_.offset_span;
  return absl::OkStatus();
} catch (const std::bad_alloc&) {
  return NoMemory();
}

absl::StatusOr<std::string> BatchBuilder::Seal(const SealOptions& options) try {
  bytes_.resize(kHeaderSize + size());
  if (header_.record_count == 0) {
    header_.attributes = kMark;
    header_.base_time = header_.append_time;
    header_.max_time = header_.append_time;
  }
  std::string scratch;
  std::byte header_bytes[kHeaderSize];
  const ByteSpan stored = SealBatch(AsBytes(bytes_).subspan(kHeaderSize),
                                    options, &header_, header_bytes, &scratch);
  if (header_.codec() != 0) {
    bytes_.resize(kHeaderSize);
    bytes_.append(AsText(stored));
  }
  std::memcpy(bytes_.data(), header_bytes, kHeaderSize);
  bytes_.resize(header_.size);
  return std::move(bytes_);
} catch (const std::bad_alloc&) {
  return NoMemory();
}

}  // namespace v0
}  // namespace tidemark
