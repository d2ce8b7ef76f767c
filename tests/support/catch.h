#ifndef TIDEMARK_TESTS_SUPPORT_CATCH_H_
#define TIDEMARK_TESTS_SUPPORT_CATCH_H_

// Catch2, whichever of the versions 2 and 3 is installed, under the names that
// version 3 uses.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#include <string>

namespace Catch::Matchers {

inline auto ContainsSubstring(const std::string& text) {
  return Contains(text);
}

}  // namespace Catch::Matchers
#endif

#endif  // TIDEMARK_TESTS_SUPPORT_CATCH_H_
