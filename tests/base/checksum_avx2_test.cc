#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/checksum.h"
#include "base/checksum_kernels.h"
#include "support/catch.h"

namespace tidemark::test {
namespace {

// XXH3 takes other paths for short inputs, up to 240 bytes, and goes by blocks
// of 1,024 bytes in long ones.
std::string Text(size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += static_cast<char>(i * 31 + i / 256);
  return text;
}

TEST_CASE("Every kernel computes the same checksum", "[base]") {
  const std::string text = Text(70'000);
  for (size_t size = 0; size <= text.size(); size += size < 3'000 ? 1 : 997) {
    // Also from an address that no vector is aligned to.
    const ByteSpan bytes = AsBytes(text).last(size);
    const uint64_t expected = ChecksumBaseline(bytes.data(), bytes.size());
    REQUIRE(Checksum(bytes) == expected);
#if defined(TIDEMARK_HAVE_AVX2_KERNEL)
    if (__builtin_cpu_supports("avx2")) {
      REQUIRE(ChecksumAvx2(bytes.data(), bytes.size()) == expected);
    }
#endif
  }
}

TEST_CASE("A checksum of long bytes is that of XXH3", "[base]") {
  const std::string text = Text(100'000);
  CHECK(Checksum(AsBytes(text)) == 0x99dbd27fc89c5372);
}

}  // namespace
}  // namespace tidemark::test
