#include "base/checksum.h"

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "support/catch.h"

namespace tidemark::test {
namespace {

// What every other implementation of XXH3-64 with seed 0 computes.
TEST_CASE("The checksum is XXH3 with 64 bits", "[base]") {
  CHECK(Checksum({}) == 0x2d06800538d394c2);
  CHECK(Checksum(AsBytes("a")) == 0xe6c632b61e964e1f);
  CHECK(Checksum(AsBytes("abc")) == 0x78af5f94892f3950);
}

TEST_CASE("The checksum of two parts is that of the whole", "[base]") {
  std::string text;
  for (int i = 0; i < 700; ++i) text += static_cast<char>(i * 7);
  const ByteSpan bytes = AsBytes(text);
  for (size_t size = 0; size <= text.size(); size += 7) {
    REQUIRE(Checksum(bytes.first(size), bytes.subspan(size)) ==
            Checksum(bytes));
  }
}

TEST_CASE("Every flipped bit changes the checksum", "[base]") {
  for (const size_t size : {1, 4, 16, 112, 200, 600}) {
    std::string text(size, 'x');
    const uint64_t checksum = Checksum(AsBytes(text));
    for (size_t bit = 0; bit < 8 * size; ++bit) {
      std::string damaged = text;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      REQUIRE(Checksum(AsBytes(damaged)) != checksum);
    }
  }
}

}  // namespace
}  // namespace tidemark::test
