#include "store/options_page.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "support/catch.h"

namespace tidemark {
namespace {

constexpr char kPage[] = TIDEMARK_SOURCE_DIR "/docs/options.md";

TEST_CASE("docs/options.md says what the tables say", "[options_page]") {
  const std::string printed = OptionsPage();
  // TIDEMARK_UPDATE_DOCS=1 writes the page instead.
  if (std::getenv("TIDEMARK_UPDATE_DOCS") != nullptr) {
    std::ofstream(kPage) << printed;
  }
  std::ostringstream kept;
  kept << std::ifstream(kPage).rdbuf();
  INFO("run this test with TIDEMARK_UPDATE_DOCS=1 to write the page");
  CHECK((printed == kept.str()));
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
