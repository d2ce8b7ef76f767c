#include "partition/set_aside.h"

#include "base/bytes.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark::test {
namespace {

TEST_CASE("What is set aside replaces nothing", "[partition]") {
  MemoryEnv env;
  REQUIRE_OK_AND_ASSIGN(const auto root, env.OpenDirectory("/log", true));
  REQUIRE_OK(root->CreateDirectory("t"));
  for (const char* expected : {"a.log.aside-7", "a.log.aside-8"}) {
    REQUIRE_OK_AND_ASSIGN(const auto file, root->CreateFile("t/a.log"));
    REQUIRE_OK(file->WriteAt(0, AsBytes(expected)));
    REQUIRE_OK_AND_ASSIGN(const std::string name,
                          SetAside(*root, "t", "a.log", 7));
    CHECK(name == expected);
  }
  REQUIRE_OK_AND_ASSIGN(
      const auto first,
      root->OpenFile("t/a.log.aside-7", FileAccess::kReadOnly));
  std::array<std::byte, 13> bytes;
  REQUIRE_OK(first->ReadAt(0, bytes));
  CHECK(bytes.back() == std::byte{'7'});
  CHECK_STATUS(absl::StatusCode::kNotFound, SetAside(*root, "t", "a.log", 7));
}

}  // namespace
}  // namespace tidemark::test
