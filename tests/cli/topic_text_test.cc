#include "cli/tool.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;

TEST_CASE("Every name of an option is shown as it was given", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  int number = 0;
  const auto check = [&](const std::string& option, const std::string& value) {
    const std::string topic = "t" + std::to_string(number++);
    RunToolOk({"create", store, topic, option, value});
    CHECK_THAT(RunToolOk({"describe", store, topic}),
               ContainsSubstring(" " + value + "\n"));
  };
  for (const std::string ack : {"memory", "process", "disk"}) {
    check("--ack", ack);
  }
  for (const std::string codec : {"none", "lz4", "zstd"}) {
    check("--compression", codec);
  }
  for (const std::string kind :
       {"key-hash", "kafka-murmur2", "round-robin", "sticky"}) {
    check("--partitioner", kind);
  }
}

TEST_CASE("A partitioner of a program cannot be made on the command line",
          "[cli]") {
  const TempDir dir;
  CHECK(
      RunTool({"create", dir / "store", "t", "--partitioner", "custom"}).code ==
      2);
}

TEST_CASE("Retention names what limits it", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "all"});
  RunToolOk({"create", store, "age", "--retention-age", "1h"});
  RunToolOk({"create", store, "both", "--retention-age", "1h",
             "--retention-bytes", "1M"});
  const std::string out = RunToolOk({"topics", store, "--long"});
  CHECK_THAT(out, ContainsSubstring("everything\n"));
  CHECK_THAT(out, ContainsSubstring(" 1h\n"));
  CHECK_THAT(out, ContainsSubstring("1 MiB a partition, 1h\n"));
}

}  // namespace
}  // namespace tidemark::test
