#include <algorithm>
#include <sstream>

#include "cli/tool.h"
#include "support/catch.h"
#include "tidemark/version.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;

void CheckFitsScreen(const std::string& text) {
  INFO(text);
  CHECK(std::count(text.begin(), text.end(), '\n') <= 24);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(line.size() <= 80);
  }
}

TEST_CASE("The help fits a screen and names every command", "[cli]") {
  const std::string help = RunToolOk({"--help"});
  CheckFitsScreen(help);
  for (const std::string command : {"topics", "create", "describe", "produce",
                                    "consume", "dump", "verify", "stats"}) {
    CHECK_THAT(help, ContainsSubstring("\n  " + command + " "));
  }
  CHECK_THAT(help, ContainsSubstring("Example: "));
  CHECK_THAT(help, ContainsSubstring("Exit status: "));
}

TEST_CASE("The help of each command fits a screen and shows an example",
          "[cli]") {
  for (const std::string command : {"topics", "create", "describe", "produce",
                                    "consume", "dump", "verify", "stats"}) {
    const std::string help = RunToolOk({command, "--help"});
    CheckFitsScreen(help);
    CHECK_THAT(help, ContainsSubstring("tidemark " + command + " "));
    CHECK_THAT(help, ContainsSubstring("Example: "));
    CHECK_THAT(help, ContainsSubstring("STORE"));
  }
}

TEST_CASE("Wrong usage ends with 2 and names the help", "[cli]") {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{
           {},
           {"frobnicate"},
           {"topics"},
           {"topics", "a", "b"},
           {"topics", "a", "--frobnicate"},
           {"consume", "a", "t", "--max", "many"},
           {"consume", "a", "t", "--max", "-1"},
           {"create", "a", "t", "--partitions"}}) {
    const ToolResult result = RunTool(arguments);
    INFO(result.err);
    CHECK(result.code == 2);
    CHECK(result.out.empty());
    CHECK_THAT(result.err, ContainsSubstring("--help"));
  }
}

TEST_CASE("The version is the library's", "[cli]") {
  CHECK(RunToolOk({"--version"}) == "tidemark " + std::string(kVersion) + "\n");
}

}  // namespace
}  // namespace tidemark::test
