#include "codec/lz4_codec.h"

#ifdef TIDEMARK_HAVE_LZ4

#include <fmt/core.h>
#include <lz4.h>

#include <new>

#include "base/bytes.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

// Far below what LZ4's int can count.
constexpr size_t kLz4PlainSizeMax = size_t{1} << 30;

// No byte of a block stands for more plain bytes than this.
constexpr size_t kRatioMax = 255;

absl::Status Damaged(size_t size, size_t plain_size) {
  return WithReason(absl::DataLossError(fmt::format(
                        "lz4: block of {} bytes does not decompress to {}",
                        size, plain_size)),
                    ErrorReason::kDamaged);
}

class Lz4BlockCodec final : public Codec {
 public:
  Compression id() const override { return Compression::kLz4; }

  absl::Status Compress(ByteSpan in, std::string* out) const override {
    if (in.size() > kLz4PlainSizeMax) {
      return absl::InvalidArgumentError(
          fmt::format("lz4: {} bytes to compress, at most {}", in.size(),
                      kLz4PlainSizeMax));
    }
    const int size = static_cast<int>(in.size());
    try {
      out->resize(static_cast<size_t>(LZ4_compressBound(size)));
    } catch (const std::bad_alloc&) {
      return WithReason(absl::ResourceExhaustedError("lz4: no memory"),
                        ErrorReason::kOutOfMemory);
    }
    const int written =
        LZ4_compress_default(reinterpret_cast<const char*>(in.data()),
                             out->data(), size, static_cast<int>(out->size()));
    if (written <= 0) {
      return absl::InternalError(
          fmt::format("lz4: {} bytes: result {}", in.size(), written));
    }
    out->resize(static_cast<size_t>(written));
    return absl::OkStatus();
  }

  absl::Status CheckPlainSize(ByteSpan in, size_t plain_size) const override {
    if (in.empty() || plain_size > kLz4PlainSizeMax ||
        plain_size / kRatioMax > in.size()) {
      return Damaged(in.size(), plain_size);
    }
    return absl::OkStatus();
  }

  absl::Status Decompress(ByteSpan in, MutableByteSpan out) const override {
    if (in.empty() || in.size() > 2 * kLz4PlainSizeMax - 1 ||
        out.size() > kLz4PlainSizeMax) {
      return Damaged(in.size(), out.size());
    }
    const int written = LZ4_decompress_safe(
        reinterpret_cast<const char*>(in.data()),
        reinterpret_cast<char*>(out.data()), static_cast<int>(in.size()),
        static_cast<int>(out.size()));
    if (written < 0 || static_cast<size_t>(written) != out.size()) {
      return Damaged(in.size(), out.size());
    }
    return absl::OkStatus();
  }
};

}  // namespace

const Codec* Lz4Codec() {
  // Never destroyed, and not on the heap, so that this cannot fail.
  alignas(Lz4BlockCodec) static std::byte place[sizeof(Lz4BlockCodec)];
  static const Codec* const codec = new (place) Lz4BlockCodec;
  return codec;
}

}  // namespace v0
}  // namespace tidemark

#else  // TIDEMARK_HAVE_LZ4

namespace tidemark {
inline namespace v0 {

const Codec* Lz4Codec() { return nullptr; }

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_HAVE_LZ4
