#include "base/slack.h"

#include <string>

#include "support/catch.h"

namespace tidemark::test {
namespace {

std::vector<DamagedRange> InZeros(const std::string& bytes, uint64_t from,
                                  uint64_t to) {
  std::vector<DamagedRange> damage;
  CheckZeros(AsBytes(bytes), from, to, "f", "not zero", &damage);
  return damage;
}

std::vector<DamagedRange> InSize(uint64_t size, uint64_t expected) {
  std::vector<DamagedRange> damage;
  CheckSize(size, expected, "f", &damage);
  return damage;
}

DamagedRange At(uint64_t position, uint64_t size, const std::string& what) {
  return {.file = "f", .position = position, .size = size, .what = what};
}

TEST_CASE("Zeros are no damage, whatever stands around them", "[base]") {
  const std::string bytes = "ab" + std::string(6, '\0') + "c";
  CHECK(InZeros(bytes, 2, 8).empty());
  CHECK(InZeros(bytes, 2, 2).empty());
  CHECK(InZeros("", 0, 10).empty());
  CHECK(InZeros(bytes, 20, 30).empty());
}

TEST_CASE("What stands among zeros is one range", "[base]") {
  std::string bytes(20, '\0');
  bytes[5] = 'x';
  CHECK(InZeros(bytes, 0, 20) == std::vector{At(5, 1, "not zero")});
  CHECK(InZeros(bytes, 5, 6) == std::vector{At(5, 1, "not zero")});
  bytes[19] = '\x80';
  CHECK(InZeros(bytes, 0, 30) == std::vector{At(5, 15, "not zero")});
  CHECK(InZeros(bytes, 6, 19).empty());
}

TEST_CASE("A file of another size is damaged from where it differs", "[base]") {
  CHECK(InSize(10, 10).empty());
  CHECK(InSize(7, 10) == std::vector{At(7, 3, "cut off")});
  CHECK(InSize(12, 10) == std::vector{At(10, 2, "bytes behind the end")});
}

}  // namespace
}  // namespace tidemark::test
