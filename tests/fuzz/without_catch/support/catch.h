#ifndef TIDEMARK_TESTS_FUZZ_WITHOUT_CATCH_SUPPORT_CATCH_H_
#define TIDEMARK_TESTS_FUZZ_WITHOUT_CATCH_SUPPORT_CATCH_H_

#include <sstream>
#include <string>
#include <vector>

#include "fuzz/fuzz_target.h"

// Stands in for support/catch.h in the programs of libFuzzer, where no session
// of Catch2 runs: a check that fails ends the program, with what INFO said in
// the scopes around it.
namespace tidemark::test {

class FuzzInfo {
 public:
  explicit FuzzInfo(std::string text) { Texts().push_back(std::move(text)); }
  ~FuzzInfo() { Texts().pop_back(); }
  FuzzInfo(const FuzzInfo&) = delete;
  FuzzInfo& operator=(const FuzzInfo&) = delete;

  static void Require(bool holds, const char* condition, const char* file,
                      int line) {
    if (holds) return;
    std::string text = condition;
    for (const std::string& info : Texts()) text += "\n  " + info;
    Expect(false, text, file, line);
  }

 private:
  static std::vector<std::string>& Texts() {
    static thread_local std::vector<std::string> texts;
    return texts;
  }
};

}  // namespace tidemark::test

#define TIDEMARK_FUZZ_JOIN2(left, right) left##right
#define TIDEMARK_FUZZ_JOIN(left, right) TIDEMARK_FUZZ_JOIN2(left, right)

#define INFO(...)                                      \
  const ::tidemark::test::FuzzInfo TIDEMARK_FUZZ_JOIN( \
      tidemark_info_, __LINE__)((std::ostringstream() << __VA_ARGS__).str())
#define REQUIRE(...)                                                  \
  ::tidemark::test::FuzzInfo::Require(static_cast<bool>(__VA_ARGS__), \
                                      #__VA_ARGS__, __FILE__, __LINE__)
#define CHECK(...) REQUIRE(__VA_ARGS__)
#define REQUIRE_FALSE(...) REQUIRE(!(__VA_ARGS__))
#define CHECK_FALSE(...) REQUIRE(!(__VA_ARGS__))

#endif  // TIDEMARK_TESTS_FUZZ_WITHOUT_CATCH_SUPPORT_CATCH_H_
