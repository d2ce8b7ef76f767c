#include "cli/tool.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark::test {
namespace {

TEST_CASE("Following goes on over a change of the writer without a repeat",
          "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t", "--partitions", "2"});
  StartedTool reader({"consume", store, "t", "--follow"});
  std::string all;
  for (const std::string text : {"a", "b", "c"}) {
    RunToolOk({"produce", store, "t", "--partition", "0"}, text + "0\n");
    reader.ReadUntil(text + "0\n");
    RunToolOk({"produce", store, "t", "--partition", "1"}, text + "1\n");
    reader.ReadUntil(text + "1\n");
    all += text + "0\n" + text + "1\n";
  }
  reader.Signal(SIGINT);
  CHECK(reader.Wait() == 0);
  CHECK(reader.out == all);
}

}  // namespace
}  // namespace tidemark::test
