#ifndef TIDEMARK_TESTS_CODEC_CODEC_FIXTURE_H_
#define TIDEMARK_TESTS_CODEC_CODEC_FIXTURE_H_

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "tidemark/codec.h"

// Helpers of the tests of codecs.
namespace tidemark::test {

// The codecs of this build.
inline std::vector<const Codec*> BuiltInCodecs() {
  std::vector<const Codec*> codecs;
  for (const Compression compression :
       {Compression::kLz4, Compression::kZstd}) {
    const absl::StatusOr<const Codec*> codec = FindCodec(compression);
    if (codec.ok()) codecs.push_back(*codec);
  }
  return codecs;
}

inline std::string Bytes(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text += static_cast<char>(byte);
  return text;
}

// `size` bytes of as many different values as `alphabet` says.
inline std::string TextOf(std::mt19937_64& random, size_t size, int alphabet) {
  std::string text(size, '\0');
  for (char& c : text) {
    c = static_cast<char>(random() % static_cast<uint64_t>(alphabet));
  }
  return text;
}

inline MutableByteSpan AsMutable(std::string& text) {
  return {reinterpret_cast<std::byte*>(text.data()), text.size()};
}

// The plain bytes of `compressed`, which hold exactly `size`.
inline std::string Decompressed(const Codec& codec, std::string_view compressed,
                                size_t size) {
  std::string plain(size, '?');
  REQUIRE_OK(codec.Decompress(AsBytes(compressed), AsMutable(plain)));
  return plain;
}

// Whether `compressed` decompresses to `size` bytes. Checks that nothing around
// the output is written, and that CheckPlainSize refuses nothing that is valid.
inline bool DecompressesTo(const Codec& codec, std::string_view compressed,
                           size_t size) {
  constexpr size_t kGuard = 64;
  // On the heap and without spare bytes, for AddressSanitizer.
  const std::unique_ptr<std::byte[]> in(new std::byte[compressed.size()]);
  std::copy_n(AsBytes(compressed).data(), compressed.size(), in.get());
  const ByteSpan input(in.get(), compressed.size());
  std::vector<std::byte> guarded(size + 2 * kGuard, std::byte{0xa5});
  const absl::Status status =
      codec.Decompress(input, MutableByteSpan(guarded).subspan(kGuard, size));
  const auto is_guard = [](std::byte b) { return b == std::byte{0xa5}; };
  const auto begin = guarded.begin();
  REQUIRE(std::all_of(begin, begin + kGuard, is_guard));
  REQUIRE(std::all_of(guarded.end() - kGuard, guarded.end(), is_guard));
  if (status.ok()) {
    REQUIRE_OK(codec.CheckPlainSize(input, size));
  } else {
    REQUIRE_STATUS(absl::StatusCode::kDataLoss, status);
  }
  return status.ok();
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_CODEC_CODEC_FIXTURE_H_
