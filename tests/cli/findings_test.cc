#include <sys/stat.h>

#include "cli/tool.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;

TEST_CASE("What cannot be checked is an error and not damage", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t"});
  RunToolOk({"create", store, "u"});
  RunToolOk({"produce", store, "u"}, "x\n");
  // The library does not trust a file that everybody may write to.
  REQUIRE(::chmod((store + "/topics/t/TOPIC").c_str(), 0666) == 0);
  const ToolResult result = RunTool({"verify", store});
  CHECK(result.code == 2);
  CHECK_THAT(result.out, ContainsSubstring("ERROR   topics/t/TOPIC"));
  CHECK_THAT(result.out, ContainsSubstring("ok      topics/u/0/0"));
  CHECK_THAT(result.out, ContainsSubstring("1 could not be checked"));
}

}  // namespace
}  // namespace tidemark::test
