#include "cli/tool.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/store.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;

TEST_CASE("An unknown topic is answered with those there are", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "orders"});
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"describe", store, "order"},
                                             {"produce", store, "order"},
                                             {"consume", store, "order"},
                                             {"dump", store, "order", "0"}}) {
    const ToolResult result = RunTool(arguments);
    CHECK(result.code == 2);
    CHECK_THAT(result.err, ContainsSubstring("orders"));
  }
}

TEST_CASE("Commands that read work while the store is open for writing",
          "[cli]") {
  const TempDir dir;
  const std::string path = dir / "store";
  RunToolOk({"create", path, "t"});
  REQUIRE_OK_AND_ASSIGN(Store store, Store::Open(path));
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"topics", path},
                                             {"describe", path, "t"},
                                             {"consume", path, "t"},
                                             {"dump", path, "t", "0"},
                                             {"verify", path},
                                             {"stats", path}}) {
    RunToolOk(arguments);
  }
  CHECK(RunTool({"create", path, "u"}).code == 2);
  CHECK(RunTool({"produce", path, "t"}, "x\n").code == 2);
}

TEST_CASE("Opening to write tells what a dead writer left", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t"});
  StartedTool writer({"produce", store, "t"});
  writer.Feed("one\n");
  StartedTool reader({"consume", store, "t", "--follow"});
  reader.ReadUntil("one");
  writer.Signal(SIGKILL);
  CHECK(writer.Wait() == 1000 + SIGKILL);
  CHECK(RunTool({"produce", store, "t"}, "two\n").code == 0);
  CHECK(RunToolOk({"consume", store, "t"}) == "one\ntwo\n");
}

}  // namespace
}  // namespace tidemark::test
