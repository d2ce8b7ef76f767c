#include "support/catch.h"
#include "tidy/fixture.h"
#include "tidy/layering_rules.h"
#include "tidy/source_tree.h"

namespace tidemark::tidy {
namespace {

const std::string kTwoModules =
    "lib_module(base)\n"
    "lib_module(io DEPS base)\n"
    "lib_module(record DEPS base)\n";

Violations IncludesOf(const std::vector<FixtureFile>& files) {
  std::vector<FixtureFile> tree = files;
  tree.push_back({"CMakeLists.txt", kTwoModules});
  return CheckModuleIncludes(LoadFixture(tree));
}

TEST_CASE("Every module declares its dependencies below itself", "[tidy]") {
  REQUIRE(DeclaredModules(SourceTree::OfProject()).size() >= 10);
  RequireClean(CheckDeclarations(SourceTree::OfProject()));
}

TEST_CASE("Every module includes only what it declares", "[tidy]") {
  RequireClean(CheckModuleIncludes(SourceTree::OfProject()));
}

TEST_CASE("The tool, examples and benchmarks see public headers", "[tidy]") {
  RequireClean(CheckPublicOnly(SourceTree::OfProject()));
}

TEST_CASE("No header includes itself", "[tidy]") {
  RequireClean(CheckHeaderCycles(SourceTree::OfProject()));
}

TEST_CASE("Two declared modules are read as written", "[tidy]") {
  const SourceTree tree = LoadFixture(
      {{"CMakeLists.txt", "lib_module(a)\nlib_module(b DEPS a x)\n"}});
  const std::vector<Module> modules = DeclaredModules(tree);
  REQUIRE(modules.size() == 2);
  CHECK(modules[0].deps.empty());
  CHECK(modules[1].deps == std::vector<std::string>{"a", "x"});
}

TEST_CASE("A dependency that is declared later is found", "[tidy]") {
  RequireOne(
      CheckDeclarations(LoadFixture(
          {{"CMakeLists.txt", "lib_module(a DEPS b)\nlib_module(b)\n"}})),
      "a depends on b");
}

TEST_CASE("A folder of lib that is no module is found", "[tidy]") {
  RequireOne(CheckDeclarations(LoadFixture({{"CMakeLists.txt", kTwoModules},
                                            {"lib/other/x.cc", ""},
                                            {"lib/other/y.cc", ""}})),
             "lib/other");
}

TEST_CASE("An include outside DEPS is found", "[tidy]") {
  RequireOne(IncludesOf({{"lib/io/file.cc", "#include \"record/batch.h\"\n"}}),
             "lib/io/file.cc:1: io may not include record/batch.h");
}

TEST_CASE("A public header counts for the module that owns it", "[tidy]") {
  RequireOne(
      IncludesOf({{"lib/io/file.cc", "#include \"tidemark/record.h\"\n"}}),
      "record is not in the DEPS of io");
  RequireOne(IncludesOf({{"include/tidemark/env.h",
                          "#include \"tidemark/record.h\"\n"}}),
             "io may not include tidemark/record.h");
  RequireClean(
      IncludesOf({{"lib/io/file.cc", "#include \"tidemark/clock.h\"\n"}}));
}

TEST_CASE("A public header that includes an internal one is found", "[tidy]") {
  RequireOne(
      IncludesOf({{"include/tidemark/env.h", "#include \"base/endian.h\"\n"}}),
      "a public header includes the internal base/endian.h");
}

TEST_CASE("A public header that no module owns is found", "[tidy]") {
  RequireOne(IncludesOf({{"include/tidemark/surprise.h", ""}}),
             "no module owns this header");
  RequireOne(
      IncludesOf({{"lib/io/a.cc", "#include \"tidemark/surprise.h\"\n"}}),
      "belongs to no module");
}

TEST_CASE("An include that names no folder is found", "[tidy]") {
  RequireOne(IncludesOf({{"lib/io/file.cc", "#include \"file.h\"\n"}}),
             "file.h belongs to no module");
}

TEST_CASE("A private external header elsewhere is found", "[tidy]") {
  RequireOne(IncludesOf({{"lib/io/file.cc", "#include <xxhash.h>\n"}}),
             "xxhash.h is private to lib/base/checksum");
  RequireClean(IncludesOf({{"lib/base/checksum.cc", "#include <xxhash.h>\n"}}));
}

TEST_CASE("An internal header in a host's program is found", "[tidy]") {
  const FixtureFile internal = {"lib/base/endian.h", ""};
  for (const std::string folder : {"lib/cli/", "examples/", "benchmarks/"}) {
    RequireOne(CheckPublicOnly(LoadFixture({internal,
                                            {folder + "a.cc",
                                             "#include \"base/endian.h\"\n"
                                             "#include \"fmt/core.h\"\n"}})),
               "base/endian.h is neither public");
  }
  RequireClean(CheckPublicOnly(LoadFixture(
      {{"lib/cli/a.cc", "#include \"b.h\"\n"}, {"lib/cli/b.h", ""}})));
  RequireClean(CheckPublicOnly(
      LoadFixture({{"benchmarks/load/a.cc", "#include \"load/b.h\"\n"},
                   {"benchmarks/load/b.h", ""}})));
}

TEST_CASE("The umbrella header inside the project is found", "[tidy]") {
  const std::string line = "#include \"tidemark/tidemark.h\"\n";
  RequireOne(CheckPublicOnly(LoadFixture({{"tests/io/a_test.cc", line}})),
             "umbrella");
  RequireOne(IncludesOf({{"include/tidemark/env.h", line}}), "umbrella");
}

TEST_CASE("A cycle of headers is found", "[tidy]") {
  RequireOne(
      CheckHeaderCycles(LoadFixture({{"lib/io/a.h", "#include \"io/b.h\"\n"},
                                     {"lib/io/b.h", "#include \"io/c.h\"\n"},
                                     {"lib/io/c.h", "#include \"io/a.h\"\n"}})),
      "lib/io/a.h -> lib/io/b.h -> lib/io/c.h -> lib/io/a.h");
}

}  // namespace
}  // namespace tidemark::tidy
