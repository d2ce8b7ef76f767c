#include "tidemark/error.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace tidemark {
inline namespace v0 {
namespace {

constexpr char kReasonUrl[] = "tidemark/reason";
constexpr char kGapUrl[] = "tidemark/gap";

bool Has(const absl::Status& status, ErrorReason reason) {
  return ReasonOf(status) == reason;
}

std::optional<OffsetGap> GapIf(const absl::Status& status, ErrorReason reason) {
  return Has(status, reason) ? GapOf(status) : std::nullopt;
}

}  // namespace

absl::Status WithReason(absl::Status status, ErrorReason reason) {
  if (status.ok()) return status;
  status.SetPayload(kReasonUrl,
                    absl::Cord(std::to_string(static_cast<unsigned>(reason))));
  return status;
}

absl::Status WithGap(absl::Status status, const OffsetGap& gap) {
  if (status.ok()) return status;
  std::string text;
  ByteWriter writer(&text);
  writer.U32(static_cast<uint32_t>(gap.partition));
  writer.I64(gap.from);
  writer.I64(gap.to);
  text += gap.topic;
  status.SetPayload(kGapUrl, absl::Cord(text));
  return status;
}

ErrorReason ReasonOf(const absl::Status& status) {
  if (status.ok()) return ErrorReason::kNone;
  const auto payload = status.GetPayload(kReasonUrl);
  if (!payload.has_value()) return ErrorReason::kNone;
  // A host may have attached a payload of the same name.
  const std::string text(*payload);
  if (text.size() > 5) return ErrorReason::kNone;
  unsigned value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return ErrorReason::kNone;
    value = value * 10 + static_cast<unsigned>(digit - '0');
  }
  if (value > UINT16_MAX) return ErrorReason::kNone;
  return static_cast<ErrorReason>(value);
}

std::optional<OffsetGap> GapOf(const absl::Status& status) {
  if (status.ok()) return std::nullopt;
  const auto payload = status.GetPayload(kGapUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::string text(*payload);
  ByteReader reader(AsBytes(text));
  OffsetGap gap;
  gap.partition = static_cast<PartitionNumber>(reader.U32());
  gap.from = reader.I64();
  gap.to = reader.I64();
  if (!reader.ok()) return std::nullopt;
  gap.topic = text.substr(text.size() - reader.remaining());
  return gap;
}

bool IsTrimmed(const absl::Status& status) {
  return Has(status, ErrorReason::kTrimmed);
}
std::optional<OffsetGap> TrimmedGap(const absl::Status& status) {
  return GapIf(status, ErrorReason::kTrimmed);
}
bool IsTruncatedPastCursor(const absl::Status& status) {
  return Has(status, ErrorReason::kTruncatedPastCursor);
}
std::optional<OffsetGap> TruncatedGap(const absl::Status& status) {
  return GapIf(status, ErrorReason::kTruncatedPastCursor);
}
bool IsDamaged(const absl::Status& status) {
  return Has(status, ErrorReason::kDamaged);
}
std::optional<OffsetGap> DamagedGap(const absl::Status& status) {
  return GapIf(status, ErrorReason::kDamaged);
}
bool IsDiskFull(const absl::Status& status) {
  return Has(status, ErrorReason::kDiskFull);
}
bool IsIoError(const absl::Status& status) {
  return Has(status, ErrorReason::kIoError);
}
bool IsLocked(const absl::Status& status) {
  return Has(status, ErrorReason::kLocked);
}
bool IsPoisoned(const absl::Status& status) {
  return Has(status, ErrorReason::kPoisoned);
}
bool IsClosed(const absl::Status& status) {
  return Has(status, ErrorReason::kClosed);
}
bool IsNewerFormat(const absl::Status& status) {
  return Has(status, ErrorReason::kNewerFormat);
}
bool IsNotAStore(const absl::Status& status) {
  return Has(status, ErrorReason::kNotAStore);
}

std::string_view ReasonName(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::kNone:
      return "none";
    case ErrorReason::kIoError:
      return "io_error";
    case ErrorReason::kDiskFull:
      return "disk_full";
    case ErrorReason::kOutOfFileDescriptors:
      return "out_of_file_descriptors";
    case ErrorReason::kOutOfMemory:
      return "out_of_memory";
    case ErrorReason::kTrimmed:
      return "trimmed";
    case ErrorReason::kTruncatedPastCursor:
      return "truncated_past_cursor";
    case ErrorReason::kDamaged:
      return "damaged";
    case ErrorReason::kLocked:
      return "locked";
    case ErrorReason::kNewerFormat:
      return "newer_format";
    case ErrorReason::kNotAStore:
      return "not_a_store";
    case ErrorReason::kPoisoned:
      return "poisoned";
    case ErrorReason::kClosed:
      return "closed";
    case ErrorReason::kForked:
      return "forked";
    case ErrorReason::kRecordTooLarge:
      return "record_too_large";
    case ErrorReason::kAppendTimeout:
      return "append_timeout";
    case ErrorReason::kReadOnly:
      return "read_only";
    case ErrorReason::kStoreInUse:
      return "store_in_use";
    case ErrorReason::kPartitionerMismatch:
      return "partitioner_mismatch";
  }
  return "unknown";
}

}  // namespace v0
}  // namespace tidemark
