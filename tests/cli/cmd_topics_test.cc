#include "cli/tool.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/store.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;

TEST_CASE("topics prints one name a line in ascending order", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "zebra"});
  RunToolOk({"create", store, "ant"});
  CHECK(RunToolOk({"topics", store}) == "ant\nzebra\n");
}

TEST_CASE("topics --long shows how each topic was made", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "ant", "--partitions", "3", "--compression",
             "lz4", "--ack", "disk", "--retention-age", "7d"});
  const std::string out = RunToolOk({"topics", store, "--long"});
  CHECK_THAT(out, ContainsSubstring("TOPIC"));
  CHECK_THAT(out, ContainsSubstring("lz4"));
  CHECK_THAT(out, ContainsSubstring("disk"));
  CHECK_THAT(out, ContainsSubstring("7d"));
}

TEST_CASE("topics of an empty store prints nothing", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  REQUIRE_OK(Store::Open(store));
  CHECK(RunToolOk({"topics", store}).empty());
}

}  // namespace
}  // namespace tidemark::test
