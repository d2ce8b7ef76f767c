#include <nlohmann/json.hpp>

#include "cli/tool.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/store.h"

namespace tidemark::test {
namespace {

using Json = nlohmann::json;

TEST_CASE("stats shows what named cursors have committed and how far they lag",
          "[cli]") {
  const TempDir dir;
  const std::string path = dir / "store";
  RunToolOk({"create", path, "t"});
  RunToolOk({"produce", path, "t"}, "a\nb\nc\n");
  REQUIRE_OK_AND_ASSIGN(Store store, Store::Open(path));
  REQUIRE_OK_AND_ASSIGN(ConsumerCursor cursor,
                        ConsumerCursor::Open(store, {.topics = {"t"},
                                                     .start = Start::Begin(),
                                                     .name = "billing"}));
  REQUIRE_OK(cursor.Poll({.records_max = 1}));
  REQUIRE_OK(cursor.Commit());
  // The cursor stays open: reading its commits takes nothing from it.
  const Json json = Json::parse(RunToolOk({"stats", path, "--json"}));
  REQUIRE(json["cursors"].size() == 1);
  CHECK(json["cursors"][0] == Json({{"name", "billing"},
                                    {"topic", "t"},
                                    {"partition", 0},
                                    {"committed", 1},
                                    {"lag", 2}}));
}

}  // namespace
}  // namespace tidemark::test
