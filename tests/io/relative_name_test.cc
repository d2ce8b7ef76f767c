#include "io/relative_name.h"

#include <string>

#include "support/catch.h"
#include "support/status_matchers.h"

namespace tidemark {
namespace {

constexpr auto kInvalidName = absl::StatusCode::kInvalidArgument;

TEST_CASE("Plain names at any depth keep the rules", "[io]") {
  for (const char* name :
       {"a", "a/b", "topics/a.b/0/0.log", "...", ".new-1", "a b", "\xff\xfe"}) {
    CHECK_OK(CheckRelativeName(name));
  }
  CHECK_OK(CheckRelativeName(std::string(255, 'x')));
}

TEST_CASE("Names that leave the tree or mean no entry break the rules",
          "[io]") {
  for (const char* name : {"", "/", "/a", "a/", "a//b", ".", "..", "a/.",
                           "a/..", "../a", "./a", "a/../b"}) {
    CHECK_STATUS(kInvalidName, CheckRelativeName(name));
  }
}

TEST_CASE("Names too long for the system break the rules", "[io]") {
  CHECK_STATUS(kInvalidName, CheckRelativeName(std::string(256, 'x')));
  std::string deep = "a";
  while (deep.size() < 4100) deep += "/a";
  CHECK_STATUS(kInvalidName, CheckRelativeName(deep));
}

TEST_CASE("A name with a NUL is refused and not printed behind it", "[io]") {
  const absl::Status status = CheckRelativeName(std::string_view("ab\0cd", 5));
  CHECK_STATUS(kInvalidName, status);
  CHECK(std::string(status.message()).find("cd") == std::string::npos);
}

TEST_CASE("A long hostile name is cut in the message", "[io]") {
  const std::string name(100'000, 'x');
  CHECK(CheckRelativeName(name).message().size() < 200);
}

TEST_CASE("Only a directory may have the empty name of the root", "[io]") {
  CHECK_OK(CheckDirectoryName(""));
  CHECK_OK(CheckDirectoryName("a/b"));
  CHECK_STATUS(kInvalidName, CheckDirectoryName("a/"));
}

TEST_CASE("A name is cut at its last slash", "[io]") {
  CHECK(SplitRelativeName("a").parent.empty());
  CHECK(SplitRelativeName("a").leaf == "a");
  CHECK(SplitRelativeName("a/b/c").parent == "a/b");
  CHECK(SplitRelativeName("a/b/c").leaf == "c");
}

}  // namespace
}  // namespace tidemark
