#ifndef TIDEMARK_CODEC_H_
#define TIDEMARK_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tidemark {
inline namespace v0 {

// How the records of a batch are compressed. The numbers stand in files and are
// never reused.
enum class Compression : uint8_t {
  kNone = 0,
  kLz4 = 1,   // LZ4 block format: fast, about half the size for text
  kZstd = 2,  // Zstandard: smaller, several times the processor time
};

// The name of a codec as the documentation spells it: "zstd".
std::string_view CompressionName(Compression compression);

// A way to make bytes smaller and to restore them.
//
// Compressed bytes do not say how long the plain ones are: whoever keeps them
// keeps that number as well.
//
// Thread-safe. Codecs are never destroyed. They hold no state between calls but
// idle working memory, the bounds of which their classes name.
class Codec {
 public:
  virtual ~Codec() = default;

  virtual Compression id() const = 0;

  // Replaces `*out` by `in` compressed, which may be longer than `in`. The
  // capacity of `*out` is reused; after an error its content is unspecified.
  // InvalidArgument above 1 GiB, ResourceExhausted without memory.
  virtual absl::Status Compress(std::span<const std::byte> in,
                                std::string* out) const = 0;

  // OK when `in`, which nobody has vouched for, may decompress to exactly
  // `plain_size` bytes; DataLoss when that is impossible. Allocates nothing:
  // the check to make before room for the plain bytes is allocated.
  virtual absl::Status CheckPlainSize(std::span<const std::byte> in,
                                      size_t plain_size) const = 0;

  // Fills `out` with the plain bytes of `in`, which nobody has vouched for.
  // Never writes outside of `out`. DataLoss when `in` is damaged or does not
  // hold exactly as many bytes, ResourceExhausted without memory; the content
  // of `out` is unspecified then.
  virtual absl::Status Decompress(std::span<const std::byte> in,
                                  std::span<std::byte> out) const = 0;
};

// The codec for `compression`, null for kNone. Unimplemented when the library
// was built without it or when the number is of a newer version.
absl::StatusOr<const Codec*> FindCodec(Compression compression);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_CODEC_H_
