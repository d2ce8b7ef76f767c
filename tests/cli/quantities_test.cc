#include <fmt/core.h>

#include <map>

#include "cli/tool.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;

// What describe shows of an option that create was given.
std::string Shown(const std::string& option, const std::string& value,
                  const std::string& line) {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t", option, value});
  const std::string out = RunToolOk({"describe", store, "t", "--brief"});
  const size_t at = out.find("  " + line + " ");
  REQUIRE(at != std::string::npos);
  const size_t begin = out.find_first_not_of(' ', at + line.size() + 2);
  return out.substr(begin, out.find('\n', begin) - begin);
}

TEST_CASE("Sizes may have a unit", "[cli]") {
  const std::map<std::string, std::string> sizes = {
      {"4096", "4 KiB"}, {"1500", "1.5 KiB"},  {"64K", "64 KiB"},
      {"64k", "64 KiB"}, {"64KiB", "64 KiB"},  {"1 MiB", "1 MiB"},
      {"2G", "2 GiB"},   {"1536M", "1.5 GiB"}, {"1025B", "1.0 KiB"}};
  for (const auto& [text, shown] : sizes) {
    CHECK(Shown("--segment-bytes", text, "segment bytes") == shown);
  }
}

TEST_CASE("Ages may have a unit", "[cli]") {
  const std::map<std::string, std::string> ages = {
      {"90s", "1m30s"}, {"36h", "36h"}, {"48h", "2d"},
      {"7d", "7d"},     {"inf", "inf"}, {"250ms", "250ms"}};
  for (const auto& [text, shown] : ages) {
    CHECK(Shown("--segment-age", text, "segment age") == shown);
  }
}

TEST_CASE("What is neither size nor age is refused with an example", "[cli]") {
  const TempDir dir;
  for (const std::string text : {"x", "", "-1", "1.5M", "64KB", "M",
                                 "99999999999999999999", "99999999T"}) {
    const ToolResult result =
        RunTool({"create", dir / "s", "t", "--segment-bytes=" + text});
    INFO(text << "\n" << result.err);
    if (!text.empty()) CHECK(result.code == 2);
  }
  for (const std::string text : {"x", "7", "d", "-5s", "1w"}) {
    const ToolResult result =
        RunTool({"create", dir / "s", "t", "--retention-age=" + text});
    INFO(text << "\n" << result.err);
    CHECK(result.code == 2);
  }
}

}  // namespace
}  // namespace tidemark::test
