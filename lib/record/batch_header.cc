#include "record/batch_header.h"

#include <cstring>
#include <limits>

#include "base/checksum.h"
#include "base/endian.h"

namespace tidemark {
inline namespace v0 {
namespace {

using namespace batch_format;

// XXH3 over secret, position and the header without its checksum, in one
// buffer because the one-shot hash is several times faster than the streamed.
uint64_t HeaderChecksum(const SegmentSecret& secret, uint64_t position,
                        const std::byte* header) {
  std::array<std::byte, 16 + 8 + kHeaderSize - 8> input;
  std::byte* to = input.data();
  std::memcpy(to, secret.data(), secret.size());
  StoreLittle(to + 16, position);
  std::memcpy(to + 24, header, kHeaderChecksumAt);
  std::memcpy(to + 24 + kHeaderChecksumAt, header + kPayloadChecksumAt,
              kHeaderSize - kPayloadChecksumAt);
  return Checksum(input);
}

bool FieldsAreValid(const BatchHeader& header) {
  const uint64_t content = kHeaderSize + uint64_t{header.payload_size};
  if (header.size % kAlignment != 0 || header.size < content ||
      header.size - content > kPaddingCap) {
    return false;
  }
  if (header.payload_size > kBatchSizeCap ||
      header.plain_size > kBatchSizeCap) {
    return false;
  }
  // Compressed bytes are stored only where they are fewer.
  if (header.codec() == 0 ? header.plain_size != header.payload_size
                          : header.plain_size <= header.payload_size) {
    return false;
  }
  if ((header.attributes & ~kKnownAttributes) != 0 || header.base_offset < 0 ||
      header.durable_end < 0 || header.durable_end > header.base_offset) {
    return false;
  }
  if (header.offset_span > kOffsetSpanMax ||
      header.base_offset >
          std::numeric_limits<Offset>::max() - int64_t{header.offset_span} ||
      header.record_count > header.offset_span ||
      header.record_count > header.plain_size) {
    return false;
  }
  if (header.is_mark()) {
    return header.attributes == kMark && header.offset_span == 0 &&
           header.payload_size == 0;
  }
  return header.offset_span > 0 || header.payload_size > 0;
}

bool IsZero(ByteSpan bytes) {
  return bytes.empty() ||
         (bytes[0] == std::byte{0} &&
          std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace

const char* HeaderFaultName(HeaderFault fault) {
  switch (fault) {
    case HeaderFault::kNone:
      return "valid";
    case HeaderFault::kCutOff:
      return "cut off";
    case HeaderFault::kMagic:
      return "no batch magic";
    case HeaderFault::kChecksum:
      return "header checksum mismatch";
    case HeaderFault::kField:
      return "header field out of range";
  }
  return "unknown";
}

void EncodeBatchHeader(const BatchHeader& header, const SegmentSecret& secret,
                       uint64_t position, std::byte* to) {
  StoreLittle(to + kMagicAt, kMagic);
  StoreLittle(to + kSizeAt, header.size);
  StoreLittle(to + kPayloadChecksumAt, header.payload_checksum);
  StoreLittle(to + kPayloadSizeAt, header.payload_size);
  StoreLittle(to + kPlainSizeAt, header.plain_size);
  StoreLittle(to + kBaseOffsetAt, static_cast<uint64_t>(header.base_offset));
  StoreLittle(to + kDurableEndAt, static_cast<uint64_t>(header.durable_end));
  StoreLittle(to + kBaseTimeAt, static_cast<uint64_t>(header.base_time));
  StoreLittle(to + kMaxTimeAt, static_cast<uint64_t>(header.max_time));
  StoreLittle(to + kAppendTimeAt, static_cast<uint64_t>(header.append_time));
  StoreLittle(to + kIncarnationAt, header.incarnation);
  StoreLittle(to + kOffsetSpanAt, header.offset_span);
  StoreLittle(to + kRecordCountAt, header.record_count);
  StoreLittle(to + kAttributesAt, header.attributes);
  StoreLittle(to + kReservedAt, uint32_t{0});
  StoreLittle(to + kHeaderChecksumAt, HeaderChecksum(secret, position, to));
}

HeaderFault DecodeBatchHeader(ByteSpan bytes, const SegmentSecret& secret,
                              uint64_t position, BatchHeader* header) {
  if (bytes.size() < kHeaderSize) return HeaderFault::kCutOff;
  const std::byte* const from = bytes.data();
  if (LoadLittle<uint32_t>(from + kMagicAt) != kMagic) {
    return HeaderFault::kMagic;
  }
  if (LoadLittle<uint64_t>(from + kHeaderChecksumAt) !=
      HeaderChecksum(secret, position, from)) {
    return HeaderFault::kChecksum;
  }
  const auto i64 = [from](size_t at) {
    return static_cast<int64_t>(LoadLittle<uint64_t>(from + at));
  };
  header->size = LoadLittle<uint32_t>(from + kSizeAt);
  header->payload_size = LoadLittle<uint32_t>(from + kPayloadSizeAt);
  header->plain_size = LoadLittle<uint32_t>(from + kPlainSizeAt);
  header->payload_checksum = LoadLittle<uint64_t>(from + kPayloadChecksumAt);
  header->base_offset = i64(kBaseOffsetAt);
  header->durable_end = i64(kDurableEndAt);
  header->base_time = i64(kBaseTimeAt);
  header->max_time = i64(kMaxTimeAt);
  header->append_time = i64(kAppendTimeAt);
  header->incarnation = LoadLittle<uint64_t>(from + kIncarnationAt);
  header->offset_span = LoadLittle<uint32_t>(from + kOffsetSpanAt);
  header->record_count = LoadLittle<uint32_t>(from + kRecordCountAt);
  header->attributes = LoadLittle<uint32_t>(from + kAttributesAt);
  if (LoadLittle<uint32_t>(from + kReservedAt) != 0 ||
      !FieldsAreValid(*header)) {
    return HeaderFault::kField;
  }
  return HeaderFault::kNone;
}

bool PayloadIsValid(const BatchHeader& header, ByteSpan payload,
                    ByteSpan padding) {
  return payload.size() == header.payload_size &&
         Checksum(payload) == header.payload_checksum && IsZero(padding);
}

}  // namespace v0
}  // namespace tidemark
