#include "codec/zstd_codec.h"

#ifdef TIDEMARK_HAVE_ZSTD

#include <fmt/core.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <array>
#include <memory>
#include <new>
#include <utility>

#include "base/bytes.h"
#include "base/endian.h"
#include "base/mutex.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

constexpr size_t kZstdPlainSizeMax = size_t{1} << 30;

// Higher levels gain a few percent on batches of 64 KiB for twice the memory.
constexpr int kLevel = 1;

absl::Status NoMemory() {
  return WithReason(absl::ResourceExhaustedError("zstd: no memory"),
                    ErrorReason::kOutOfMemory);
}

absl::Status Damaged(size_t size, size_t plain_size, const char* cause) {
  return WithReason(absl::DataLossError(fmt::format(
                        "zstd: frame of {} bytes does not decompress to {}: {}",
                        size, plain_size, cause)),
                    ErrorReason::kDamaged);
}

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// Contexts that no call uses, kept for the next one. Thread-safe.
template <typename Context>
class IdleContexts {
 public:
  using Handle = std::unique_ptr<Context, FreeContext>;

  // Null when there is none.
  Handle Take() {
    const MutexLock lock(mutex_);
    return count_ == 0 ? nullptr : std::move(contexts_[--count_]);
  }

  // Keeps or frees the context.
  void Return(Handle context) {
    const MutexLock lock(mutex_);
    if (count_ < contexts_.size()) contexts_[count_++] = std::move(context);
  }

 private:
  Mutex mutex_;
  std::array<Handle, kIdleZstdContextsMax> contexts_ ABSL_GUARDED_BY(mutex_);
  size_t count_ ABSL_GUARDED_BY(mutex_) = 0;
};

class ZstdFrameCodec final : public Codec {
 public:
  Compression id() const override { return Compression::kZstd; }

  absl::Status Compress(ByteSpan in, std::string* out) const override {
    if (in.size() > kZstdPlainSizeMax) {
      return absl::InvalidArgumentError(
          fmt::format("zstd: {} bytes to compress, at most {}", in.size(),
                      kZstdPlainSizeMax));
    }
    try {
      out->resize(ZSTD_compressBound(in.size()));
    } catch (const std::bad_alloc&) {
      return NoMemory();
    }
    auto context = compressors_.Take();
    if (context == nullptr) {
      context.reset(ZSTD_createCCtx());
      if (context == nullptr) return NoMemory();
    }
    const size_t written = ZSTD_compressCCtx(
        context.get(), out->data(), out->size(), in.data(), in.size(), kLevel);
    // A context that has failed is not kept.
    if (ZSTD_isError(written)) {
      if (ZSTD_getErrorCode(written) == ZSTD_error_memory_allocation) {
        return NoMemory();
      }
      return absl::InternalError(fmt::format("zstd: {} bytes: {}", in.size(),
                                             ZSTD_getErrorName(written)));
    }
    compressors_.Return(std::move(context));
    out->resize(written);
    return absl::OkStatus();
  }

  absl::Status CheckPlainSize(ByteSpan in, size_t plain_size) const override {
    // The magic number excludes skippable frames and the formats of early
    // versions, which the library may still decode.
    if (in.size() < 4 ||
        LoadLittle<uint32_t>(in.data()) != uint32_t{ZSTD_MAGICNUMBER}) {
      return Damaged(in.size(), plain_size, "no frame");
    }
    if (plain_size > kZstdPlainSizeMax ||
        ZSTD_getFrameContentSize(in.data(), in.size()) != plain_size) {
      return Damaged(in.size(), plain_size, "declares another size");
    }
    if (ZSTD_findFrameCompressedSize(in.data(), in.size()) != in.size()) {
      return Damaged(in.size(), plain_size, "ends elsewhere");
    }
    return absl::OkStatus();
  }

  absl::Status Decompress(ByteSpan in, MutableByteSpan out) const override {
    if (absl::Status status = CheckPlainSize(in, out.size()); !status.ok()) {
      return status;
    }
    auto context = decompressors_.Take();
    if (context == nullptr) {
      context.reset(ZSTD_createDCtx());
      if (context == nullptr) return NoMemory();
    }
    // Decompressing in one call uses `out` as the window, whatever window the
    // frame asks for: no claim of the frame leads to an allocation.
    const size_t written = ZSTD_decompressDCtx(
        context.get(), out.data(), out.size(), in.data(), in.size());
    if (ZSTD_isError(written)) {
      if (ZSTD_getErrorCode(written) == ZSTD_error_memory_allocation) {
        return NoMemory();
      }
      return Damaged(in.size(), out.size(), ZSTD_getErrorName(written));
    }
    decompressors_.Return(std::move(context));
    if (written != out.size()) {
      return Damaged(in.size(), out.size(), "too short");
    }
    return absl::OkStatus();
  }

 private:
  mutable IdleContexts<ZSTD_CCtx> compressors_;
  mutable IdleContexts<ZSTD_DCtx> decompressors_;
};

}  // namespace

const Codec* ZstdCodec() {
  // Never destroyed, and not on the heap, so that this cannot fail.
  alignas(ZstdFrameCodec) static std::byte place[sizeof(ZstdFrameCodec)];
  static const Codec* const codec = new (place) ZstdFrameCodec;
  return codec;
}

}  // namespace v0
}  // namespace tidemark

#else  // TIDEMARK_HAVE_ZSTD

namespace tidemark {
inline namespace v0 {

const Codec* ZstdCodec() { return nullptr; }

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_HAVE_ZSTD
