#include "support/catch.h"
#include "tidy/docs_rules.h"
#include "tidy/fixture.h"
#include "tidy/source_tree.h"

namespace tidemark::tidy {
namespace {

TEST_CASE("Every relative link leads somewhere", "[tidy]") {
  RequireClean(CheckLinks(SourceTree::OfProject()));
}

TEST_CASE("Every guarantee is cited by a test", "[tidy]") {
  RequireClean(CheckGuarantees(SourceTree::OfProject()));
}

TEST_CASE("A dead link is found", "[tidy]") {
  const std::vector<FixtureFile> files = {
      {"docs/b.md", "# A Title, b\n"},
      {"README.md",
       "[b](docs/b.md) [b](docs/b.md#a-title-b) [x](https://example.org/x)\n"
       "[folder](docs/) `[code](nowhere.md)`\n"
       "```\n[code](nowhere.md)\n```\n"}};
  RequireClean(CheckLinks(LoadFixture(files)));

  std::vector<FixtureFile> dead = files;
  dead.push_back({"docs/c.md", "text\n[gone](gone.md)\n"});
  RequireOne(CheckLinks(LoadFixture(dead)), "docs/c.md:2: the link gone.md");
}

TEST_CASE("A link to a heading that is not there is found", "[tidy]") {
  RequireOne(CheckLinks(LoadFixture({{"a.md", "# One\n[two](#two)\n"}})),
             "no heading of a.md is called two");
}

TEST_CASE("A guarantee that no test cites is found", "[tidy]") {
  const FixtureFile page = {"docs/guarantees.md", "## G1 order\n## G12 more\n"};
  const FixtureFile first = {"tests/io/a_test.cc", "x();  // G1: order\n"};
  const FixtureFile last = {"tests/io/b_test.cc", "// G12\n"};
  RequireClean(CheckGuarantees(LoadFixture({page, first, last})));
  RequireOne(CheckGuarantees(LoadFixture({page, first})),
             "docs/guarantees.md:2: no test cites G12");
  RequireOne(
      CheckGuarantees(LoadFixture(
          {page, first, last, {"tests/c_test.cc", "int G1;  // G13\n"}})),
      "tests/c_test.cc:1: docs/guarantees.md has no G13");
}

}  // namespace
}  // namespace tidemark::tidy
