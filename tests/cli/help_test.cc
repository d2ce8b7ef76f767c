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

TEST_CASE("Wrong usage names what is wrong and what is allowed", "[cli]") {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"bogus"},
                                             {"bogus", "a", "t"},
                                             {"topics", "bogus", "x"},
                                             {"--bogus"}}) {
    const ToolResult result = RunTool(arguments);
    CHECK(result.code == 2);
    CHECK_THAT(result.err,
               ContainsSubstring(arguments[0] == "topics" ? "x" : "bogus"));
    CHECK_THAT(result.err, ContainsSubstring("\n  `tidemark "));
  }
  for (const std::string number : {"-1", "many", "1.5"}) {
    const ToolResult result = RunTool({"consume", "a", "t", "--max", number});
    INFO(result.err);
    CHECK(result.code == 2);
    CHECK_THAT(result.err, ContainsSubstring("--max"));
    CHECK_THAT(result.err, ContainsSubstring(number));
    CHECK_THAT(result.err, ContainsSubstring("a whole number of at least 0"));
    CHECK(result.err.size() < 160);
  }
}

TEST_CASE("The version is the library's", "[cli]") {
  CHECK(RunToolOk({"--version"}) == "tidemark " + std::string(kVersion) + "\n");
}

}  // namespace
}  // namespace tidemark::test
