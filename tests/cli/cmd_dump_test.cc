#include "cli/damaged_file.h"
#include "cli/tool.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;

// A store with the topic "t" of two batches.
class DumpFixture {
 protected:
  DumpFixture() {
    RunToolOk({"create", store_, "t"});
    RunToolOk({"produce", store_, "t", "--separator", "="}, "k=alpha\n");
    RunToolOk({"produce", store_, "t"}, "beta\ngamma\n");
  }

  std::string Dump(const std::string& level) {
    return RunToolOk({"dump", store_, "t", "0", "--level", level});
  }

  const TempDir dir_;
  const std::string store_ = dir_ / "store";
  const std::string segment_ = store_ + "/topics/t/0/00000000000000000000.log";
};

TEST_CASE_METHOD(DumpFixture, "dump shows the files", "[cli]") {
  const std::string out = RunToolOk({"dump", store_, "t", "0"});
  CHECK(out == Dump("file"));
  CHECK_THAT(out, ContainsSubstring("topics/t/0/00000000000000000000.log"));
  CHECK_THAT(out, ContainsSubstring("offsets [0, 3)  3 records"));
  CHECK_THAT(out, !ContainsSubstring("batch at"));
}

TEST_CASE_METHOD(DumpFixture, "dump --level batch shows positions and offsets",
                 "[cli]") {
  const std::string out = Dump("batch");
  CHECK_THAT(out, ContainsSubstring("offsets [0, 1)  1 records"));
  CHECK_THAT(out, ContainsSubstring("offsets [1, 3)  2 records"));
  CHECK_THAT(out, ContainsSubstring("mark"));
  CHECK_THAT(out, !ContainsSubstring("alpha"));
}

TEST_CASE_METHOD(DumpFixture, "dump --level record shows keys and values",
                 "[cli]") {
  const std::string out = Dump("record");
  CHECK_THAT(out, ContainsSubstring("record 0"));
  CHECK_THAT(out, ContainsSubstring("key 1 B \"k\"  value 5 B \"alpha\""));
  CHECK_THAT(out, ContainsSubstring("key null  value 5 B \"gamma\""));
}

TEST_CASE_METHOD(DumpFixture, "dump escapes and shortens what it shows",
                 "[cli]") {
  RunToolOk({"produce", store_, "t"},
            "\"\\\x01\x1b[2J" + std::string(100, 'x') + "\n");
  const std::string out = Dump("record");
  CHECK_THAT(out, ContainsSubstring("\"\\\"\\\\\\u0001\\u001b[2Jxxx"));
  CHECK_THAT(out, ContainsSubstring("x\"...\n"));
  CHECK(out.find('\x1b') == std::string::npos);
}

TEST_CASE_METHOD(DumpFixture, "dump shows damage where it stands", "[cli]") {
  DamageText(segment_, "alpha");
  const ToolResult result =
      RunTool({"dump", store_, "t", "0", "--level", "record"});
  CHECK(result.code == 1);
  CHECK_THAT(result.out, ContainsSubstring("DAMAGE"));
  CHECK_THAT(result.out, ContainsSubstring("gamma"));
}

TEST_CASE_METHOD(DumpFixture, "dump finds a damaged payload at every level",
                 "[cli]") {
  DamageText(segment_, "alpha");
  for (const std::string level : {"file", "batch", "record"}) {
    const ToolResult result =
        RunTool({"dump", store_, "t", "0", "--level", level});
    INFO(result.out << result.err);
    CHECK(result.code == 1);
    const size_t at = result.out.find("DAMAGE bytes [1024, ");
    REQUIRE(at != std::string::npos);
    CHECK(result.out.find("DAMAGE", at + 1) == std::string::npos);
    CHECK_THAT(result.out, ContainsSubstring("offsets [0, 1) cannot be read"));
    // It stands below its batch and above the next one.
    if (level == "file") continue;
    CHECK(result.out.find("batch at 1024") < at);
    CHECK(result.out.find("offsets [1, 3)") > at);
  }
}

TEST_CASE_METHOD(DumpFixture, "dump finds a damaged header at every level",
                 "[cli]") {
  for (const uint64_t position : {20, 1024 + 20}) {
    FlipByte(segment_, position);
    for (const std::string level : {"file", "batch", "record"}) {
      const ToolResult result =
          RunTool({"dump", store_, "t", "0", "--level", level});
      INFO(result.out << result.err);
      CHECK(result.code == 1);
      CHECK_THAT(result.out, ContainsSubstring("  DAMAGE bytes ["));
    }
    FlipByte(segment_, position);
  }
}

TEST_CASE_METHOD(DumpFixture, "dump names a segment that is missing", "[cli]") {
  RunToolOk({"create", store_, "s", "--segment-bytes", "1K"});
  for (const char c : {'a', 'b', 'c'}) {
    RunToolOk({"produce", store_, "s"}, std::string(1000, c) + "\n");
  }
  REQUIRE(
      std::filesystem::remove(store_ + "/topics/s/0/00000000000000000001.log"));
  const ToolResult result = RunTool({"dump", store_, "s", "0"});
  INFO(result.out << result.err);
  CHECK(result.code == 1);
  CHECK_THAT(result.out, ContainsSubstring("offsets [1, 2) cannot be read"));
}

TEST_CASE_METHOD(DumpFixture, "dump never shows a segment's secret", "[cli]") {
  // The secret is somewhere in the header; so no 16 bytes of the header but the
  // segment's id may appear, neither as they are nor as hexadecimal digits.
  const std::string header = ReadBytes(segment_).substr(0, 4096);
  const std::string out = Dump("file") + Dump("batch") + Dump("record");
  const size_t id_at = out.find("id ") + 3;
  const std::string id = out.substr(id_at, 32);
  for (size_t at = 0; at + 16 <= header.size(); ++at) {
    const std::string bytes = header.substr(at, 16);
    if (bytes.find('\0') != std::string::npos) continue;
    std::string hex;
    for (const unsigned char c : bytes) {
      hex += "0123456789abcdef"[c >> 4];
      hex += "0123456789abcdef"[c & 15];
    }
    CHECK(out.find(bytes) == std::string::npos);
    if (hex != id) CHECK(out.find(hex) == std::string::npos);
  }
}

TEST_CASE_METHOD(DumpFixture, "dump refuses what is not there", "[cli]") {
  CHECK(RunTool({"dump", store_, "t", "1"}).code == 2);
  CHECK(RunTool({"dump", store_, "t", "zero"}).code == 2);
  CHECK(RunTool({"dump", store_, "t", "0", "--level", "bit"}).code == 2);
}

}  // namespace
}  // namespace tidemark::test
