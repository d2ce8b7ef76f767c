#include "store/atomic_file.h"

#include <memory>
#include <string>

#include "store/store_fixture.h"

namespace tidemark {
namespace {

using test::CrashAtEachCall;
using test::FailAtEachCall;

std::unique_ptr<Directory> OpenRoot(Env& env) {
  REQUIRE_OK_AND_ASSIGN(auto directory, env.OpenDirectory("/d", true));
  return directory;
}

void Put(Env& env, std::string_view text) {
  REQUIRE_OK(ReplaceFile(*OpenRoot(env), "f", AsBytes(text)));
}

std::string Get(Env& env) {
  REQUIRE_OK_AND_ASSIGN(const std::string text,
                        ReadWholeFile(*OpenRoot(env), "f", 100));
  return text;
}

TEST_CASE("A file is created and replaced as a whole", "[atomic_file]") {
  MemoryEnv env;
  Put(env, "one");
  CHECK(Get(env) == "one");
  Put(env, "two and more");
  CHECK(Get(env) == "two and more");
  CHECK(test::NamesIn(env, "/d") == std::vector<std::string>{"f"});
}

TEST_CASE("A file that is too long can be told", "[atomic_file]") {
  MemoryEnv env;
  Put(env, std::string(200, 'x'));
  CHECK(Get(env).size() == 101);
}

TEST_CASE("A replacement that failed can be repeated", "[atomic_file]") {
  FailAtEachCall([](Env& env, Clock&) { Put(env, "old"); },
                 [](Env& env, Clock&, bool has_fault) {
                   auto directory = env.OpenDirectory("/d", true);
                   const absl::Status status =
                       directory.ok()
                           ? ReplaceFile(**directory, "f", AsBytes("new"))
                           : directory.status();
                   if (has_fault) return;
                   CHECK_OK(status);
                   CHECK(Get(env) == "new");
                   CHECK(test::NamesIn(env, "/d").size() == 1);
                 });
}

TEST_CASE("A crash during a replacement leaves the old file or the new one",
          "[atomic_file]") {
  CrashAtEachCall([](Env& env, Clock&) { Put(env, "old"); },
                  [](Env& env, Clock&) { Put(env, "new"); },
                  [](Env& env, Clock&) {
                    const std::string text = Get(env);
                    CHECK((text == "old" || text == "new"));
                  });
}

TEST_CASE("A replacement is durable when it returns", "[atomic_file]") {
  MemoryEnv env;
  REQUIRE_OK_AND_ASSIGN(auto directory, env.OpenDirectory("/d", true));
  REQUIRE_OK(ReplaceFile(*directory, "f", AsBytes("kept")));
  env.DropUnsynced();
  CHECK(Get(env) == "kept");
}

}  // namespace
}  // namespace tidemark
