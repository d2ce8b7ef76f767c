#include "cli/tool.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;

TEST_CASE("describe shows options, marks and segments", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk(
      {"create", store, "t", "--segment-bytes", "4K", "--batch-bytes", "1K"});
  RunToolOk({"produce", store, "t"},
            std::string(9000, 'x') + "\n" + std::string(9000, 'y') + "\n");
  const std::string out = RunToolOk({"describe", store, "t"});
  CHECK_THAT(out, ContainsSubstring("topic t\n"));
  CHECK_THAT(out, ContainsSubstring("segment bytes     4 KiB"));
  CHECK_THAT(out, ContainsSubstring("PARTITION  START  DURABLE  WRITTEN"));
  CHECK_THAT(out, ContainsSubstring("topics/t/0/00000000000000000000.log"));
  CHECK_THAT(out, ContainsSubstring("topics/t/0/00000000000000000001.log"));
  CHECK_THAT(out, ContainsSubstring("sealed"));
}

TEST_CASE("describe --brief leaves out the segments", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t"});
  RunToolOk({"produce", store, "t"}, "a\n");
  const std::string out = RunToolOk({"describe", store, "t", "--brief"});
  CHECK_THAT(out, ContainsSubstring("PARTITION"));
  CHECK_THAT(out, !ContainsSubstring(".log"));
}

TEST_CASE("describe of an unknown topic names those there are", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "orders"});
  const ToolResult result = RunTool({"describe", store, "order"});
  CHECK(result.code == 2);
  CHECK_THAT(result.err, ContainsSubstring("orders"));
  CHECK_THAT(result.err, ContainsSubstring("create"));
}

}  // namespace
}  // namespace tidemark::test
