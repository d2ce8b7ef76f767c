#include <fcntl.h>

#include "cli/tool.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;

TEST_CASE("Output that cannot be written is an error", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t"});
  RunToolOk({"produce", store, "t"}, "x\n");
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  for (const std::string command : {"topics", "stats", "verify"}) {
    const ToolResult result = RunTool({command, store}, "", {.output = full});
    CHECK(result.code == 2);
    CHECK_THAT(result.err, ContainsSubstring("standard output"));
  }
  CHECK(RunTool({"consume", store, "t"}, "", {.output = full}).code == 2);
  ::close(full);
}

TEST_CASE("Output that nobody reads ends every command quietly", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t"});
  RunToolOk({"produce", store, "t"}, "x\n");
  int pipe[2];
  REQUIRE(::pipe2(pipe, O_CLOEXEC) == 0);
  ::close(pipe[0]);
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--help"},
                                             {"topics", store},
                                             {"describe", store, "t"},
                                             {"consume", store, "t"},
                                             {"dump", store, "t", "0"},
                                             {"verify", store},
                                             {"stats", store}}) {
    const ToolResult result = RunTool(arguments, "", {.output = pipe[1]});
    CHECK(result.code == 0);
    CHECK(result.err.empty());
  }
  ::close(pipe[1]);
}

}  // namespace
}  // namespace tidemark::test
