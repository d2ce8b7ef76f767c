#include "segment/segment_header.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "base/checksum.h"
#include "base/endian.h"
#include "base/status_macros.h"
#include "segment/retrying_read.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

using namespace segment_format::header;

constexpr size_t kHeadSize = kCopyAt + kSize;

void PutId(std::byte* to, std::span<const std::byte, 16> bytes) {
  std::memcpy(to, bytes.data(), bytes.size());
}

void TakeId(const std::byte* from, std::span<std::byte, 16> bytes) {
  std::memcpy(bytes.data(), from, bytes.size());
}

bool IsZero(ByteSpan bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](std::byte byte) { return byte == std::byte{0}; });
}

void EncodeOne(const SegmentHeader& header, std::byte* to) {
  std::memset(to, 0, kSize);
  StoreLittle(to + kMagicAt, kMagic);
  StoreLittle(to + kVersionAt, segment_format::kVersion);
  StoreLittle(to + kDataPositionAt, header.data_position);
  PutId(to + kStoreIdAt, header.identity.store_id.bytes);
  PutId(to + kTopicIdAt, header.identity.topic_id.bytes);
  StoreLittle(to + kPartitionAt,
              static_cast<uint32_t>(header.identity.partition));
  StoreLittle(to + kBaseOffsetAt, static_cast<uint64_t>(header.base_offset));
  PutId(to + kSegmentIdAt, header.segment_id.bytes);
  PutId(to + kSecretAt, header.secret);
  StoreLittle(to + kIncarnationAt, header.incarnation);
  StoreLittle(to + kCreateTimeAt, static_cast<uint64_t>(header.create_time));
  StoreLittle(to + kChecksumAt, Checksum({to, kChecksumAt}));
}

bool FieldsAreValid(const std::byte* from, const SegmentHeader& header) {
  return IsZero({from + kReserved1At, 4}) && IsZero({from + kReserved2At, 8}) &&
         (header.data_position == segment_format::kDataPosition ||
          header.data_position == segment_format::kPaddedDataPosition) &&
         header.base_offset >= 0 && header.identity.partition >= 0;
}

}  // namespace

std::string EncodeSegmentHeader(const SegmentHeader& header) {
  std::string bytes(header.data_position, '\0');
  auto* const to = reinterpret_cast<std::byte*>(bytes.data());
  EncodeOne(header, to);
  std::memcpy(to + kCopyAt, to, kSize);
  return bytes;
}

const char* SegmentHeaderFaultName(SegmentHeaderFault fault) {
  switch (fault) {
    case SegmentHeaderFault::kNone:
      return "valid";
    case SegmentHeaderFault::kCutOff:
      return "segment header cut off";
    case SegmentHeaderFault::kMagic:
      return "no segment magic";
    case SegmentHeaderFault::kChecksum:
      return "segment header checksum mismatch";
    case SegmentHeaderFault::kField:
      return "segment header field out of range";
    case SegmentHeaderFault::kNewerFormat:
      return "segment of a newer format";
  }
  return "unknown";
}

SegmentHeaderFault DecodeSegmentHeader(ByteSpan bytes, SegmentHeader* header) {
  if (bytes.size() < kSize) return SegmentHeaderFault::kCutOff;
  const std::byte* const from = bytes.data();
  if (LoadLittle<uint64_t>(from + kMagicAt) != kMagic) {
    return SegmentHeaderFault::kMagic;
  }
  if (LoadLittle<uint64_t>(from + kChecksumAt) !=
      Checksum({from, kChecksumAt})) {
    return SegmentHeaderFault::kChecksum;
  }
  const auto version = LoadLittle<uint32_t>(from + kVersionAt);
  if (version > segment_format::kVersion) {
    return SegmentHeaderFault::kNewerFormat;
  }
  header->data_position = LoadLittle<uint32_t>(from + kDataPositionAt);
  TakeId(from + kStoreIdAt, header->identity.store_id.bytes);
  TakeId(from + kTopicIdAt, header->identity.topic_id.bytes);
  header->identity.partition =
      static_cast<PartitionNumber>(LoadLittle<uint32_t>(from + kPartitionAt));
  header->base_offset =
      static_cast<Offset>(LoadLittle<uint64_t>(from + kBaseOffsetAt));
  TakeId(from + kSegmentIdAt, header->segment_id.bytes);
  TakeId(from + kSecretAt, header->secret);
  header->incarnation = LoadLittle<uint64_t>(from + kIncarnationAt);
  header->create_time =
      static_cast<int64_t>(LoadLittle<uint64_t>(from + kCreateTimeAt));
  if (version != segment_format::kVersion || !FieldsAreValid(from, *header)) {
    return SegmentHeaderFault::kField;
  }
  return SegmentHeaderFault::kNone;
}

absl::StatusOr<SegmentHead> ReadSegmentHead(const File& file) {
  return ReadSegmentHead(file, [](const SegmentHeader&) { return true; });
}

absl::StatusOr<SegmentHead> ReadSegmentHead(
    const File& file,
    absl::FunctionRef<bool(const SegmentHeader&)> is_expected) {
  std::array<std::byte, kHeadSize> bytes = {};
  TIDEMARK_ASSIGN_OR_RETURN(const size_t count, ReadRetrying(file, 0, bytes));
  const ByteSpan head(bytes.data(), count);
  const ByteSpan copy = head.subspan(std::min<size_t>(count, kCopyAt));
  SegmentHead result;
  SegmentHeader first;
  SegmentHeader second;
  const SegmentHeaderFault fault = DecodeSegmentHeader(head, &first);
  const SegmentHeaderFault copy_fault = DecodeSegmentHeader(copy, &second);
  const bool is_first = fault == SegmentHeaderFault::kNone;
  const bool is_second = copy_fault == SegmentHeaderFault::kNone;
  if (!is_first && !is_second) {
    result.is_blank = IsZero(head);
    const bool is_copy_newer = copy_fault == SegmentHeaderFault::kNewerFormat;
    result.fault = is_copy_newer ? copy_fault : fault;
    if (result.fault == SegmentHeaderFault::kNewerFormat) {
      result.version = LoadLittle<uint32_t>(
          (is_copy_newer ? copy : head).data() + kVersionAt);
    }
    return result;
  }
  result.is_one_damaged = !is_first || !is_second || first != second;
  const bool is_first_used =
      is_first && (!is_second || is_expected(first) || !is_expected(second));
  result.header = is_first_used ? first : second;
  return result;
}

absl::Status NewerSegmentFormat(std::string_view path,
                                const SegmentHead& head) {
  return WithReason(absl::UnimplementedError(fmt::format(
                        "{}: segment format {}, this version reads {}", path,
                        head.version, segment_format::kVersion)),
                    ErrorReason::kNewerFormat);
}

absl::StatusOr<SegmentHeader> NewSegmentHeader(Env& env,
                                               const SegmentIdentity& identity,
                                               Offset base_offset,
                                               Incarnation incarnation,
                                               int64_t create_time) {
  SegmentHeader header;
  header.identity = identity;
  header.base_offset = base_offset;
  header.incarnation = incarnation;
  header.create_time = create_time;
  TIDEMARK_RETURN_IF_ERROR(env.FillRandom(header.segment_id.bytes));
  TIDEMARK_RETURN_IF_ERROR(env.FillRandom(header.secret));
  return header;
}

}  // namespace v0
}  // namespace tidemark
