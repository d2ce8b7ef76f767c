#include "store/options_page.h"

#include <fstream>
#include <sstream>
#include <string>

#include "support/catch.h"

namespace tidemark {
namespace {

constexpr char kPage[] = TIDEMARK_SOURCE_DIR "/docs/options.md";

TEST_CASE("docs/options.md begins with what the tables say", "[options_page]") {
  std::ostringstream kept;
  kept << std::ifstream(kPage).rdbuf();
  INFO("run consumer_tests with TIDEMARK_UPDATE_DOCS=1 to write the page");
  CHECK(kept.str().starts_with(OptionsPage()));
}

TEST_CASE("No line of the page of options is longer than 80 columns",
          "[options_page]") {
  std::istringstream lines(OptionsPage());
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(line.size() <= 80);
  }
}

}  // namespace
}  // namespace tidemark
