#include "tidemark/cursor_files.h"

#include "consumer/cursor_fixture.h"
#include "support/catch.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

// A store with the topic "t" and a commit under each of these names.
struct CommitBench : CursorBench {
  explicit CommitBench(const std::vector<std::string>& names) {
    Create("t");
    Append("t", 0, 0, 3);
    for (const std::string& name : names) {
      ConsumerCursor cursor =
          Cursor({.topics = {"t"}, .start = Start::Begin(), .name = name});
      REQUIRE_OK(cursor.Poll());
      REQUIRE_OK(cursor.Commit());
      REQUIRE_OK(cursor.Close());
    }
  }

  std::unique_ptr<File> OpenFile(std::string_view path) {
    auto root = env.OpenDirectory("/store", false);
    REQUIRE_OK(root);
    auto file = (*root)->OpenFile(path, FileAccess::kReadWrite);
    REQUIRE_OK(file);
    return *std::move(file);
  }
};

using Names = std::vector<std::string>;

TEST_CASE("The names of cursors are listed in order", "[cursor_files]") {
  CommitBench bench({"billing", "audit"});
  auto names = ListCursors(*bench.store);
  REQUIRE_OK(names);
  CHECK(*names == Names{"audit", "billing"});
}

TEST_CASE("A cursor file that is being made has no name", "[cursor_files]") {
  CommitBench bench({});
  CHECK(*ListCursors(*bench.store) == Names());
  auto root = *bench.env.OpenDirectory("/store", false);
  REQUIRE_OK(root->CreateFile("cursors/.new-c"));
  REQUIRE_OK(root->CreateDirectory("cursors/d"));
  CHECK(*ListCursors(*bench.store) == Names());
}

TEST_CASE("Damage of a cursor file is found by its name", "[cursor_files]") {
  CommitBench bench({"c"});
  CHECK(FindCursorDamage(*bench.store, "c")->empty());
  const std::byte other{1};
  REQUIRE_OK(bench.OpenFile("cursors/c")->WriteAt(3000, {&other, 1}));
  const auto damage = FindCursorDamage(*bench.store, "c");
  REQUIRE_OK(damage);
  REQUIRE(damage->size() == 1);
  CHECK(damage->front().file == "cursors/c");
  CHECK(damage->front().position == 3000);
}

TEST_CASE("Only a cursor's file is checked for damage", "[cursor_files]") {
  CommitBench bench({});
  CHECK_STATUS(absl::StatusCode::kNotFound,
               FindCursorDamage(*bench.store, "c"));
  CHECK_STATUS(absl::StatusCode::kInvalidArgument,
               FindCursorDamage(*bench.store, "../STORE"));
  REQUIRE_OK(bench.store->Close());
  CHECK(IsClosed(FindCursorDamage(*bench.store, "c").status()));
  CHECK(IsClosed(ListCursors(*bench.store).status()));
}

}  // namespace
}  // namespace tidemark::test
