#include "support/catch.h"
#include "tidy/fixture.h"
#include "tidy/source_tree.h"
#include "tidy/style_rules.h"

namespace tidemark::tidy {
namespace {

const std::string kGuarded =
    "#ifndef TIDEMARK_LIB_IO_A_H_\n"
    "#define TIDEMARK_LIB_IO_A_H_\n"
    "\n"
    "#endif  // TIDEMARK_LIB_IO_A_H_\n";

TEST_CASE("Every header has the guard of its path", "[tidy]") {
  RequireClean(CheckGuards(SourceTree::OfProject()));
}

TEST_CASE("Every stem of lib is unique", "[tidy]") {
  RequireClean(CheckUniqueStems(SourceTree::OfProject()));
}

TEST_CASE("Every source of lib has a test of its name", "[tidy]") {
  RequireClean(CheckTestsExist(SourceTree::OfProject(), SourcesWithoutTest()));
}

TEST_CASE("Every text file is plain", "[tidy]") {
  RequireClean(CheckText(SourceTree::OfProject()));
}

TEST_CASE("The library does nothing behind the host's back", "[tidy]") {
  RequireClean(CheckBanned(SourceTree::OfProject(), AllowedTokens()));
}

TEST_CASE("A guard is made of the path below include", "[tidy]") {
  CHECK(GuardOf("include/tidemark/store.h") == "TIDEMARK_STORE_H_");
  CHECK(GuardOf("include/tidemark/testing/memory_env.h") ==
        "TIDEMARK_TESTING_MEMORY_ENV_H_");
  CHECK(GuardOf("lib/segment/segment_file.h") ==
        "TIDEMARK_LIB_SEGMENT_SEGMENT_FILE_H_");
  CHECK(GuardOf("tests/support/seed.h") == "TIDEMARK_TESTS_SUPPORT_SEED_H_");
}

TEST_CASE("A guard that differs from the path is found", "[tidy]") {
  RequireClean(CheckGuards(LoadFixture({{"lib/io/a.h", kGuarded}})));
  RequireOne(CheckGuards(LoadFixture({{"lib/io/b.h", kGuarded}})),
             "TIDEMARK_LIB_IO_B_H_");
  RequireOne(CheckGuards(LoadFixture({{"lib/io/a.h", "#pragma once\n"}})),
             "TIDEMARK_LIB_IO_A_H_");
}

TEST_CASE("A stem in two folders of lib is found", "[tidy]") {
  RequireOne(
      CheckUniqueStems(LoadFixture(
          {{"lib/io/a.cc", ""}, {"lib/base/a.cc", ""}, {"tests/io/a.cc", ""}})),
      "same stem");
}

TEST_CASE("A source without a test is found", "[tidy]") {
  const std::vector<FixtureFile> files = {
      {"lib/io/a.cc", ""}, {"lib/io/b.cc", ""}, {"tests/io/a_test.cc", ""}};
  RequireOne(CheckTestsExist(LoadFixture(files), {}), "b_test.cc");
  RequireClean(CheckTestsExist(LoadFixture(files),
                               {{"lib/io/b.cc", "", "it is a fixture"}}));
}

TEST_CASE("An exemption without need or reason is found", "[tidy]") {
  const SourceTree tree =
      LoadFixture({{"lib/io/a.cc", ""}, {"tests/io/a_test.cc", ""}});
  RequireOne(CheckTestsExist(tree, {{"lib/io/a.cc", "", "no need"}}),
             "has a test and an exemption");
  RequireOne(CheckTestsExist(tree, {{"lib/io/gone.cc", "", ""}}), "reason");
}

TEST_CASE("Text that is not plain is found", "[tidy]") {
  const auto check = [](const std::string& path, const std::string& text) {
    return CheckText(LoadFixture({{path, text}}));
  };
  RequireOne(check("docs/a.md", "caf\xc3\xa9\n"), "docs/a.md:1: a character");
  RequireOne(check("docs/a.md", "a\n\tb\n"), "docs/a.md:2: a tab");
  RequireOne(check("docs/a.md", "a\r\n"), "carriage return");
  RequireOne(check("docs/a.md", "a \n"), "blank at the end");
  RequireOne(check("docs/a.md", "a"), "last line");
  RequireOne(check("lib/a.cc", std::string(81, 'x') + "\n"), "81 columns");
  RequireClean(check("lib/a.cc", std::string(80, 'x') + "\n"));
  RequireClean(check("docs/a.md", std::string(81, 'x') + "\n"));
}

TEST_CASE("Each banned word is found in code", "[tidy]") {
  for (const std::string code :
       {"std::cout << 1;", "std::cerr << 1;", "printf(\"a\");",
        "std::fprintf(f, \"a\");", "snprintf(b, 1, \"a\");",
        "sprintf(b, \"\");", "fmt::print(\"a\");", "std::exit(1);",
        "_exit(1); exit(1);", "throw 1;", "std::this_thread::sleep_for(t);",
        "x::sleep_until(t);", "usleep(1);", "nanosleep(a, b);",
        "absl::SleepFor(t);", "std::thread thread;", "std::jthread thread;",
        "std::async(f);", "pthread_create(a);"}) {
    INFO(code);
    RequireOne(CheckBanned(LoadFixture({{"lib/io/a.cc", code + "\n"}}), {}),
               "lib/io/a.cc:1: ");
  }
}

TEST_CASE("A using directive is found in headers only", "[tidy]") {
  const std::string code = "using namespace std;\n";
  RequireOne(CheckBanned(LoadFixture({{"lib/io/a.h", code}}), {}), "namespace");
  RequireClean(CheckBanned(LoadFixture({{"lib/io/a.cc", code}}), {}));
}

TEST_CASE("A banned word in a comment or literal is left alone", "[tidy]") {
  const std::string code =
      "// throw, exit(\n"
      "/* printf( */ const char* a = \"std::cout\"; char q = '\"';\n"
      "const char* b = R\"(throw \" throw)\";  int million = 1'000'000;\n"
      "int nothrow = 0; rethrow(); x.do_exit(); std::this_thread::yield();\n";
  RequireClean(CheckBanned(LoadFixture({{"lib/io/a.cc", code}}), {}));
}

TEST_CASE("A banned word is allowed where an exemption says so", "[tidy]") {
  const SourceTree tree = LoadFixture({{"lib/io/a.cc", "std::thread t;\n"}});
  RequireClean(CheckBanned(tree, {{"lib/io/a.cc", "std::thread", "fixture"}}));
  RequireOne(CheckBanned(tree, {{"lib/io/b.cc", "std::thread", "fixture"}}),
             "base/worker");
}

TEST_CASE("A program may print and choose its exit code", "[tidy]") {
  const SourceTree tree =
      LoadFixture({{"lib/cli/a.cc", "std::cout << 1; exit(1);\n"},
                   {"examples/a.cc", "printf(\"a\");\n"}});
  RequireClean(CheckBanned(tree, {}));
}

TEST_CASE("A TODO without an issue is found", "[tidy]") {
  RequireOne(
      CheckBanned(LoadFixture({{"tests/a_test.cc", "// TODO: x\n"}}), {}),
      "tests/a_test.cc:1: a TODO names its issue");
  RequireOne(CheckBanned(LoadFixture({{"lib/io/a.cc", "// TODO(me)\n"}}), {}),
             "a TODO names its issue");
  RequireClean(
      CheckBanned(LoadFixture({{"lib/io/a.cc", "// TODO(#7)\n"}}), {}));
}

}  // namespace
}  // namespace tidemark::tidy
