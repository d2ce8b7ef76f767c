#ifndef TIDEMARK_TESTS_SUPPORT_SEED_H_
#define TIDEMARK_TESTS_SUPPORT_SEED_H_

#include <cstdint>
#include <cstdlib>
#include <random>

#include "support/catch.h"

namespace tidemark::test {

// The number in the environment variable TIDEMARK_SEED, otherwise a random one.
inline uint64_t ChooseSeed() {
  if (const char* text = std::getenv("TIDEMARK_SEED")) {
    return std::strtoull(text, nullptr, 0);
  }
  std::random_device device;
  return (uint64_t{device()} << 32) | device();
}

}  // namespace tidemark::test

// Defines `const uint64_t variable` as the seed of a test. A check that fails
// in the same scope prints it.
#define TIDEMARK_TEST_SEED(variable)                        \
  const uint64_t variable = ::tidemark::test::ChooseSeed(); \
  INFO("run this test again with TIDEMARK_SEED=" << (variable))

#endif  // TIDEMARK_TESTS_SUPPORT_SEED_H_
