#include "cli/tool.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;

TEST_CASE("create makes the store and the topic and says so", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  const std::string out = RunToolOk({"create", store, "t"});
  CHECK_THAT(out, ContainsSubstring("created store " + store));
  CHECK_THAT(out, ContainsSubstring("created topic t with 1 partition\n"));
  CHECK(RunToolOk({"create", store, "u", "--partitions", "2"}) ==
        "created topic u with 2 partitions\n");
}

TEST_CASE("create keeps every option", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create",      store,
             "t",           "--partitions",
             "2",           "--ack",
             "memory",      "--compression",
             "zstd",        "--partitioner",
             "round-robin", "--record-bytes-max",
             "2M",          "--batch-bytes",
             "8KiB",        "--segment-bytes",
             "1m",          "--segment-age",
             "90m",         "--retention-bytes",
             "3G",          "--retention-age",
             "36h"});
  const std::string out = RunToolOk({"describe", store, "t"});
  for (const std::string line :
       {"partitions        2\n", "ack               memory\n",
        "compression       zstd\n", "partitioner       round-robin\n",
        "record bytes max  2 MiB\n", "batch bytes       8 KiB\n",
        "segment bytes     1 MiB\n", "segment age       1h30m\n",
        "retention         3 GiB a partition, 36h\n"}) {
    CHECK_THAT(out, ContainsSubstring(line));
  }
}

TEST_CASE("create of a topic that exists fails and names describe", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t"});
  const ToolResult again = RunTool({"create", store, "t"});
  CHECK(again.code == 2);
  CHECK_THAT(again.err, ContainsSubstring("describe"));
}

TEST_CASE("create refuses a bad name and says what names may be", "[cli]") {
  const TempDir dir;
  const ToolResult result = RunTool({"create", dir / "store", "a/b"});
  CHECK(result.code == 2);
  CHECK_THAT(result.err, ContainsSubstring("a/b"));
  CHECK_THAT(result.err, ContainsSubstring("letters"));
}

TEST_CASE("create refuses options out of range before it makes anything",
          "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  const ToolResult result =
      RunTool({"create", store, "t", "--partitions", "0"});
  CHECK(result.code == 2);
  CHECK_THAT(result.err, ContainsSubstring("partitions"));
  CHECK(RunTool({"create", store, "t", "--ack", "soon"}).code == 2);
  CHECK(RunTool({"create", store, "t", "--segment-bytes", "3 apples"}).code ==
        2);
  CHECK(RunTool({"topics", store}).code == 2);
}

}  // namespace
}  // namespace tidemark::test
