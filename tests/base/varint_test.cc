#include "base/varint.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "support/catch.h"
#include "support/seed.h"

namespace tidemark::test {
namespace {

std::string Encoded(uint64_t value) {
  std::byte buffer[kVarintSizeMax];
  const std::byte* const end = EncodeVarint(buffer, value);
  return std::string(AsText({buffer, end}));
}

// The bytes that were used, 0 when the varint is refused. The input is on the
// heap without spare bytes, for AddressSanitizer.
size_t Decode(const std::string& bytes, uint64_t* value) {
  const std::unique_ptr<char[]> exact(new char[bytes.size()]);
  bytes.copy(exact.get(), bytes.size());
  const ByteSpan span = AsBytes({exact.get(), bytes.size()});
  const std::byte* const behind =
      DecodeVarint(span.data(), span.data() + span.size(), value);
  return behind == nullptr ? 0 : static_cast<size_t>(behind - span.data());
}

bool IsRefused(const std::string& bytes) {
  uint64_t value = 0;
  return Decode(bytes, &value) == 0;
}

TEST_CASE("Varints have the known bytes", "[base]") {
  const std::vector<std::pair<uint64_t, std::string>> known = {
      {0, std::string(1, '\0')},
      {1, "\x01"},
      {127, "\x7f"},
      {128, "\x80\x01"},
      {300, "\xac\x02"},
      {16383, "\xff\x7f"},
      {16384, "\x80\x80\x01"},
      {UINT64_MAX, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"}};
  for (const auto& [value, bytes] : known) {
    CHECK(Encoded(value) == bytes);
  }
}

TEST_CASE("Every varint comes back and has its size", "[base]") {
  TIDEMARK_TEST_SEED(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    const uint64_t value = random() >> (random() % 64);
    const std::string bytes = Encoded(value);
    REQUIRE(bytes.size() == VarintSize(value));
    uint64_t decoded = 0;
    REQUIRE(Decode(bytes + "tail", &decoded) == bytes.size());
    REQUIRE(decoded == value);
    for (size_t size = 0; size < bytes.size(); ++size) {
      REQUIRE(IsRefused(bytes.substr(0, size)));
    }
  }
}

TEST_CASE("Varints in longer forms are refused", "[base]") {
  CHECK(IsRefused(std::string("\x80\x00", 2)));
  CHECK(IsRefused(std::string("\x81\x00", 2)));
  CHECK(IsRefused(std::string("\xff\x80\x00", 3)));
}

TEST_CASE("Varints above 64 bits are refused", "[base]") {
  const std::string nine(9, '\xff');
  CHECK_FALSE(IsRefused(nine + "\x01"));
  CHECK(IsRefused(nine + std::string(1, '\0')));
  CHECK(IsRefused(nine + "\x02"));
  CHECK(IsRefused(nine + "\x7f"));
  CHECK(IsRefused(nine + "\x81\x01"));
  CHECK(IsRefused(std::string(20, '\xff')));
  CHECK(IsRefused(std::string(20, '\x80')));
}

TEST_CASE("Zig-zag keeps small numbers small", "[base]") {
  CHECK(ZigZagEncode(0) == 0);
  CHECK(ZigZagEncode(-1) == 1);
  CHECK(ZigZagEncode(1) == 2);
  CHECK(ZigZagEncode(-2) == 3);
  CHECK(ZigZagEncode(std::numeric_limits<int64_t>::max()) == UINT64_MAX - 1);
  CHECK(ZigZagEncode(std::numeric_limits<int64_t>::min()) == UINT64_MAX);
}

TEST_CASE("Every signed number survives zig-zag", "[base]") {
  TIDEMARK_TEST_SEED(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    const int64_t value = static_cast<int64_t>(random()) >> (random() % 64);
    REQUIRE(ZigZagDecode(ZigZagEncode(value)) == value);
  }
  for (const int64_t value : {std::numeric_limits<int64_t>::min(),
                              std::numeric_limits<int64_t>::max()}) {
    CHECK(ZigZagDecode(ZigZagEncode(value)) == value);
  }
}

}  // namespace
}  // namespace tidemark::test
