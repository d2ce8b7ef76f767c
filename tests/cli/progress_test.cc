#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <cstdlib>

#include "cli/tool.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;

// What a command writes to a standard error that is a terminal.
std::string TerminalOutput(const std::vector<std::string>& arguments,
                           std::string_view input, unsigned short columns) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  REQUIRE(terminal >= 0);
  REQUIRE(::grantpt(terminal) == 0);
  REQUIRE(::unlockpt(terminal) == 0);
  const int side = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
  REQUIRE(side >= 0);
  const winsize size = {24, columns, 0, 0};
  REQUIRE(::ioctl(side, TIOCSWINSZ, &size) == 0);
  const ToolResult result = RunTool(arguments, input, {.error = side});
  CHECK(result.code == 0);
  ::close(side);
  std::string text;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(terminal, buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<size_t>(got));
  }
  ::close(terminal);
  return text;
}

TEST_CASE("produce shows a rate on a terminal and takes it away", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t"});
  const std::string shown =
      TerminalOutput({"produce", store, "t"}, "a\nb\n", 100);
  CHECK_THAT(shown, ContainsSubstring("2 records"));
  CHECK_THAT(shown, ContainsSubstring("/s"));
  CHECK(shown.ends_with("\r\033[K"));
}

TEST_CASE("The progress line is no wider than the terminal", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t"});
  const std::string shown =
      TerminalOutput({"produce", store, "t"}, "a\nb\n", 20);
  CHECK_THAT(shown, ContainsSubstring("2 records"));
  CHECK(shown.size() <= 2 * 4 + 19);
}

TEST_CASE("Without a terminal there is no progress line", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t"});
  CHECK(RunTool({"produce", store, "t"}, "a\n").err.empty());
  CHECK(RunTool({"verify", store}).err.empty());
}

}  // namespace
}  // namespace tidemark::test
