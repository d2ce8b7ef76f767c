#include "record/batch_reader.h"

#include <fmt/core.h>
#include <fmt/ostream.h>

#include <new>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "record/batch_format.h"
#include "record/record_codec.h"
#include "tidemark/codec.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

using namespace batch_format;

absl::Status Damaged(const BatchHeader& header, const std::string& cause) {
  return WithReason(absl::DataLossError(fmt::format("batch at offset {}: {}",
                                                    header.base_offset, cause)),
                    ErrorReason::kDamaged);
}

absl::Status CheckStored(const BatchHeader& header, ByteSpan body) {
  if (body.size() != header.size - kHeaderSize ||
      header.payload_size > body.size()) {
    return Damaged(header, fmt::format("{} bytes behind the header, expected "
                                       "{} with {} of payload",
                                       body.size(), header.size - kHeaderSize,
                                       header.payload_size));
  }
  if (!PayloadIsValid(header, body.first(header.payload_size),
                      body.subspan(header.payload_size))) {
    return Damaged(header, "payload differs from its checksum");
  }
  const uint32_t layout = (header.attributes & kLayoutMask) >> kLayoutShift;
  if (layout != kLayoutNative) {
    return WithReason(absl::UnimplementedError(fmt::format(
                          "batch at offset {}: layout {} of a newer version",
                          header.base_offset, layout)),
                      ErrorReason::kNewerFormat);
  }
  return absl::OkStatus();
}

absl::StatusOr<PlainPayload> Unpack(const BatchHeader& header,
                                    ByteSpan stored) {
  TIDEMARK_ASSIGN_OR_RETURN(
      const Codec* const codec,
      FindCodec(static_cast<Compression>(header.codec())));
  if (codec == nullptr) return PlainPayload{.bytes = stored, .owner = {}};
  absl::Status status = codec->CheckPlainSize(stored, header.plain_size);
  std::shared_ptr<std::byte[]> plain;
  if (status.ok()) {
    plain = std::make_shared_for_overwrite<std::byte[]>(header.plain_size);
    status = codec->Decompress(stored, {plain.get(), header.plain_size});
  }
  if (absl::IsDataLoss(status)) {
    return Damaged(header, fmt::format("{}", fmt::streamed(status.message())));
  }
  if (!status.ok()) return status;
  const ByteSpan bytes(plain.get(), header.plain_size);
  return PlainPayload{.bytes = bytes, .owner = std::move(plain)};
}

absl::Status CheckShape(const BatchHeader& header, ByteSpan plain) {
  PayloadShape shape;
  if (!MeasurePayload(plain, header.base_time, &shape)) {
    return Damaged(header, "records break the rules of the format");
  }
  // Offsets behind the last record may be without a record.
  if (shape.record_count != header.record_count ||
      shape.offset_span > header.offset_span) {
    return Damaged(
        header, fmt::format("{} records over {} offsets, expected {} over {}",
                            shape.record_count, shape.offset_span,
                            header.record_count, header.offset_span));
  }
  return absl::OkStatus();
}

absl::StatusOr<PlainPayload> Read(const BatchHeader& header, ByteSpan body) {
  TIDEMARK_RETURN_IF_ERROR(CheckStored(header, body));
  TIDEMARK_ASSIGN_OR_RETURN(PlainPayload plain,
                            Unpack(header, body.first(header.payload_size)));
  TIDEMARK_RETURN_IF_ERROR(CheckShape(header, plain.bytes));
  return plain;
}

}  // namespace

absl::StatusOr<PlainPayload> ReadPayload(const BatchHeader& header,
                                         ByteSpan body) {
  try {
    return Read(header, body);
  } catch (const std::bad_alloc&) {
    return WithReason(absl::ResourceExhaustedError("batch: no memory"),
                      ErrorReason::kOutOfMemory);
  }
}

}  // namespace v0
}  // namespace tidemark
