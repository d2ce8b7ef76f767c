#include "cli/damaged_file.h"
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

TEST_CASE("create that is refused makes nothing", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  for (const std::vector<std::string>& refused :
       std::vector<std::vector<std::string>>{{".."},
                                             {"a/b"},
                                             {""},
                                             {"t.log"},
                                             {"t", "--partitions", "0"},
                                             {"t", "--ack", "default"},
                                             {"t", "--segment-bytes", "5"},
                                             {"t", "--partitioner", "custom"},
                                             {"t", "--retention-age", "1w"}}) {
    std::vector<std::string> arguments = {"create", store};
    arguments.insert(arguments.end(), refused.begin(), refused.end());
    const ToolResult result = RunTool(arguments);
    INFO(refused.front() << "\n" << result.err);
    CHECK(result.code == 2);
    CHECK(result.out.empty());
    CHECK_THAT(result.err, ContainsSubstring("\n  "));
    CHECK(!std::filesystem::exists(store));
  }
}

TEST_CASE("create that is refused leaves a store as it was", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t"});
  const std::string before = ReadBytes(store + "/STORE");
  CHECK(RunTool({"create", store, ".."}).code == 2);
  CHECK(RunTool({"create", store, "u", "--partitions", "100001"}).code == 2);
  CHECK(ReadBytes(store + "/STORE") == before);
  CHECK(RunToolOk({"topics", store}) == "t\n");
}

TEST_CASE("create names the option that it refuses, its value and the limit",
          "[cli]") {
  const TempDir dir;
  const auto refusal = [&](const std::string& option,
                           const std::string& value) {
    const ToolResult result =
        RunTool({"create", dir / "store", "t", option, value});
    CHECK(result.code == 2);
    CHECK_THAT(result.err, ContainsSubstring(option + " " + value + ": "));
    CHECK_THAT(result.err, ContainsSubstring("\n  `tidemark create --help`"));
    return result.err;
  };
  CHECK_THAT(refusal("--retention-bytes", "99999999T"),
             ContainsSubstring("1 to 1024 TiB"));
  CHECK_THAT(refusal("--retention-bytes", "99999999999999999999999"),
             ContainsSubstring("1 to 1024 TiB"));
  CHECK_THAT(refusal("--segment-bytes", "5"),
             ContainsSubstring("1 KiB to 32 GiB"));
  CHECK_THAT(refusal("--batch-bytes", "x"), ContainsSubstring("as in 64M"));
  CHECK_THAT(refusal("--retention-age", "7"), ContainsSubstring("as in 36h"));
  CHECK_THAT(refusal("--ack", "soon"), ContainsSubstring("process"));
  CHECK_THAT(refusal("--compression", "rar"), ContainsSubstring("zstd"));
  CHECK_THAT(refusal("--partitioner", "dice"), ContainsSubstring("sticky"));
  CHECK_THAT(refusal("--partitions", "0"), ContainsSubstring("1 to 100000"));
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
