#ifndef TIDEMARK_TESTS_SUPPORT_DICE_H_
#define TIDEMARK_TESTS_SUPPORT_DICE_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>

namespace tidemark::test {

// Spreads the bits of a number over all 64 (the finalizer of splitmix64).
inline uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// Where the random part of a test comes from: numbers that follow from a seed
// alone, or those that a fuzzer wants.
class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}

  // Numbers come from `bytes`, as many of them as the bound needs, and are zero
  // behind their end. Borrows the bytes.
  explicit Dice(std::span<const std::byte> bytes)
      : has_bytes_(true), bytes_(bytes) {}

  uint64_t Below(uint64_t bound) {
    return (has_bytes_ ? NextOfBytes(bound) : random_()) % bound;
  }
  bool OneIn(uint64_t count) { return Below(count) == 0; }

  std::string Bytes(size_t size_max) {
    std::string bytes(Below(size_max + 1), '\0');
    const bool is_dull = OneIn(2);
    for (char& byte : bytes) {
      byte = is_dull ? 'x' : static_cast<char>(random_() % 256);
    }
    return bytes;
  }

  // There were bytes, and all of them were used.
  bool is_spent() const { return has_bytes_ && bytes_.empty(); }

 private:
  uint64_t NextOfBytes(uint64_t bound) {
    uint64_t value = 0;
    for (uint64_t rest = bound - 1; rest > 0 && !is_spent(); rest >>= 8) {
      value = (value << 8) | static_cast<uint8_t>(bytes_.front());
      bytes_ = bytes_.subspan(1);
    }
    return value;
  }

  std::mt19937_64 random_;
  const bool has_bytes_ = false;
  std::span<const std::byte> bytes_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_SUPPORT_DICE_H_
