#include "tidemark/codec.h"

#include <fmt/core.h>

#include <new>

#include "codec/lz4_codec.h"
#include "codec/zstd_codec.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

absl::StatusOr<const Codec*> OrUnimplemented(const Codec* codec,
                                             Compression compression) {
  if (codec != nullptr) return codec;
  return absl::UnimplementedError(
      fmt::format("codec {}: this build of the library is without it",
                  CompressionName(compression)));
}

absl::StatusOr<const Codec*> Find(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return nullptr;
    case Compression::kLz4:
      return OrUnimplemented(Lz4Codec(), compression);
    case Compression::kZstd:
      return OrUnimplemented(ZstdCodec(), compression);
  }
  return WithReason(absl::UnimplementedError(fmt::format(
                        "codec {}: unknown to this version of the library",
                        static_cast<unsigned>(compression))),
                    ErrorReason::kNewerFormat);
}

}  // namespace

std::string_view CompressionName(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "none";
    case Compression::kLz4:
      return "lz4";
    case Compression::kZstd:
      return "zstd";
  }
  return "unknown";
}

absl::StatusOr<const Codec*> FindCodec(Compression compression) {
  try {
    return Find(compression);
  } catch (const std::bad_alloc&) {
    return WithReason(absl::ResourceExhaustedError("codec: no memory"),
                      ErrorReason::kOutOfMemory);
  }
}

}  // namespace v0
}  // namespace tidemark
