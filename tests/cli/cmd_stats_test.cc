#include <nlohmann/json.hpp>

#include "cli/damaged_file.h"
#include "cli/tool.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/store.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Json = nlohmann::json;

// A store with 1,000 records of 100 bytes in the topic "t".
class StatsFixture {
 protected:
  StatsFixture() {
    RunToolOk({"create", store_, "t"});
    std::string input;
    for (int i = 0; i < 1000; ++i) input += std::string(100, 'x') + "\n";
    RunToolOk({"produce", store_, "t"}, input);
  }

  const TempDir dir_;
  const std::string store_ = dir_ / "store";
};

TEST_CASE_METHOD(StatsFixture, "stats counts records and bytes", "[cli]") {
  const std::string out = RunToolOk({"stats", store_});
  CHECK_THAT(out, ContainsSubstring("B/RECORD"));
  CHECK_THAT(out, ContainsSubstring("1,000"));
  CHECK_THAT(out, ContainsSubstring("health"));
}

TEST_CASE_METHOD(StatsFixture, "stats --json is one object", "[cli]") {
  const Json json = Json::parse(RunToolOk({"stats", store_, "--json"}));
  CHECK(json["is_clean"] == true);
  CHECK(json["health"] == "ok");
  REQUIRE(json["partitions"].size() == 1);
  const Json& partition = json["partitions"][0];
  CHECK(partition["topic"] == "t");
  CHECK(partition["records"] == 1000);
  CHECK(partition["start"] == 0);
  CHECK(partition["durable"] == 1000);
  CHECK(partition["end"] == 1000);
  CHECK(partition["damaged_ranges"] == 0);
  CHECK(partition["bytes"].get<int>() > 100000);
  CHECK(partition["bytes_per_record"].get<double>() < 115);
  CHECK(json["cursors"].empty());
}

TEST_CASE_METHOD(StatsFixture, "stats of an empty store has no partitions",
                 "[cli]") {
  const std::string empty = dir_ / "empty";
  REQUIRE_OK(Store::Open(empty));
  const Json json = Json::parse(RunToolOk({"stats", empty, "--json"}));
  CHECK(json["partitions"].empty());
  RunToolOk({"stats", empty});
}

}  // namespace
}  // namespace tidemark::test
