#ifndef TIDEMARK_TESTS_SUPPORT_NIGHTLY_H_
#define TIDEMARK_TESTS_SUPPORT_NIGHTLY_H_

#include <fmt/core.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace tidemark::test {

// The time that a random test goes on with new seeds: TIDEMARK_MINUTES from the
// construction if TIDEMARK_NIGHTLY is set, else none.
class NightlyTime {
 public:
  NightlyTime()
      : is_nightly_(std::getenv("TIDEMARK_NIGHTLY") != nullptr),
        end_(std::chrono::steady_clock::now() + Minutes()) {}

  bool is_nightly() const { return is_nightly_; }
  bool is_left() const {
    return is_nightly_ && std::chrono::steady_clock::now() < end_;
  }

 private:
  static std::chrono::minutes Minutes() {
    const char* const text = std::getenv("TIDEMARK_MINUTES");
    return std::chrono::minutes(text != nullptr ? std::atoi(text) : 60);
  }

  const bool is_nightly_;
  const std::chrono::steady_clock::time_point end_;
};

// Tells tests/run of something that the suite counted, to be printed.
inline void PrintCount(uint64_t number, std::string_view what) {
  fmt::print("count: {} {}\n", number, what);
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_SUPPORT_NIGHTLY_H_
