#ifndef TIDEMARK_TESTS_SUPPORT_DICE_H_
#define TIDEMARK_TESTS_SUPPORT_DICE_H_

#include <cstddef>
#include <cstdint>
#include <random>
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
// alone.
class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}

  uint64_t Below(uint64_t bound) { return random_() % bound; }
  bool OneIn(uint64_t count) { return Below(count) == 0; }

  std::string Bytes(size_t size_max) {
    std::string bytes(Below(size_max + 1), '\0');
    const bool is_dull = OneIn(2);
    for (char& byte : bytes) {
      byte = is_dull ? 'x' : static_cast<char>(Below(256));
    }
    return bytes;
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_SUPPORT_DICE_H_
