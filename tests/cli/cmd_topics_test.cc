#include "base/checksum.h"
#include "base/endian.h"
#include "cli/damaged_file.h"
#include "cli/tool.h"
#include "store/topic_format.h"
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

TEST_CASE("topics --long shows every topic but one that cannot be read",
          "[cli]") {
  namespace format = topic_format;
  const TempDir dir;
  const std::string store = dir / "store";
  for (const std::string topic : {"ant", "bee", "cat"}) {
    RunToolOk({"create", store, topic, "--ack", "disk"});
  }
  const std::string file = store + "/topics/bee/TOPIC";
  std::string bytes = ReadBytes(file);
  const bool is_newer = GENERATE(false, true);
  auto* const begin = reinterpret_cast<std::byte*>(bytes.data());
  StoreLittle<uint32_t>(begin + format::kVersionAt, format::kVersion + 1);
  if (is_newer) {
    const size_t size = bytes.size() - format::kChecksumSize;
    StoreLittle<uint64_t>(begin + size, Checksum({begin, size}));
  }
  WriteBytes(file, bytes);
  const ToolResult result = RunTool({"topics", store, "--long"});
  INFO(result.out << result.err);
  CHECK(result.code == (is_newer ? 2 : 1));
  CHECK_THAT(result.out, ContainsSubstring("\nant "));
  CHECK_THAT(result.out, ContainsSubstring("\nbee    -           -"));
  CHECK_THAT(result.out, ContainsSubstring("\ncat "));
  CHECK_THAT(result.err, ContainsSubstring("topics/bee/TOPIC"));
  CHECK_THAT(result.err, ContainsSubstring("\n  "));
  CHECK(RunToolOk({"topics", store}) == "ant\nbee\ncat\n");
}

TEST_CASE("topics of an empty store prints nothing", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  REQUIRE_OK(Store::Open(store));
  CHECK(RunToolOk({"topics", store}).empty());
}

}  // namespace
}  // namespace tidemark::test
