#include <nlohmann/json.hpp>

#include "cli/damaged_file.h"
#include "cli/tool.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/consumer_cursor.h"
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

TEST_CASE_METHOD(StatsFixture,
                 "stats does not deny the memory that a dead writer left",
                 "[cli]") {
  CHECK_THAT(RunToolOk({"stats", store_}),
             ContainsSubstring("\narena       none\n"));
  StartedTool writer({"produce", store_, "t"});
  writer.Feed("one\n");
  StartedTool reader({"consume", store_, "t", "--follow"});
  reader.ReadUntil("one");
  writer.Signal(SIGKILL);
  CHECK(writer.Wait() == 1000 + SIGKILL);
  CHECK_THAT(RunToolOk({"stats", store_}),
             ContainsSubstring("\narena       not looked at: ") &&
                 ContainsSubstring("the next open for writing takes over"));
  const Json json = Json::parse(RunToolOk({"stats", store_, "--json"}));
  CHECK(json["arena"] == "not looked at");
  RunToolOk({"produce", store_, "t"});
  CHECK(Json::parse(RunToolOk({"stats", store_, "--json"}))["arena"] == "none");
}

TEST_CASE_METHOD(StatsFixture, "stats of an empty store has no partitions",
                 "[cli]") {
  const std::string empty = dir_ / "empty";
  REQUIRE_OK(Store::Open(empty));
  const Json json = Json::parse(RunToolOk({"stats", empty, "--json"}));
  CHECK(json["partitions"].empty());
  RunToolOk({"stats", empty});
}

// A store with the topics "t" and "u" of two partitions, and the cursors "c"
// and "d", which have committed everything.
class DamagedStatsFixture : public StatsFixture {
 protected:
  DamagedStatsFixture() {
    RunToolOk({"create", store_, "u", "--partitions", "2"});
    for (const std::string partition : {"0", "1"}) {
      RunToolOk({"produce", store_, "u", "--partition", partition}, "x\ny\n");
    }
    REQUIRE_OK_AND_ASSIGN(Store store, Store::Open(store_));
    for (const std::string name : {"c", "d"}) {
      REQUIRE_OK_AND_ASSIGN(
          ConsumerCursor cursor,
          ConsumerCursor::Open(
              store,
              {.topics = {"t", "u"}, .start = Start::Begin(), .name = name}));
      while (true) {
        REQUIRE_OK_AND_ASSIGN(const Records records, cursor.Poll());
        if (records.empty()) break;
      }
      REQUIRE_OK(cursor.Commit());
      REQUIRE_OK(cursor.Close());
    }
    REQUIRE_OK(store.Close());
  }

  void Overwrite(const std::string& file) {
    const std::string path = store_ + "/" + file;
    WriteBytes(path, std::string(ReadBytes(path).size(), 'x'));
  }

  // The names of what is in an array of the JSON, "u/0" or "c:u/0".
  static std::vector<std::string> Names(const Json& entries) {
    std::vector<std::string> names;
    for (const Json& entry : entries) {
      std::string name =
          entry.contains("name") ? entry["name"].get<std::string>() + ":" : "";
      name += entry["topic"].get<std::string>() + "/" +
              std::to_string(entry["partition"].get<int>());
      names.push_back(name);
    }
    return names;
  }
};

TEST_CASE_METHOD(DamagedStatsFixture,
                 "stats shows everything but a topic that cannot be read",
                 "[cli]") {
  Overwrite("topics/t/TOPIC");
  const ToolResult json_result = RunTool({"stats", store_, "--json"});
  INFO(json_result.out << json_result.err);
  CHECK(json_result.code == 1);
  CHECK_THAT(json_result.err, ContainsSubstring("topics/t/TOPIC"));
  const Json json = Json::parse(json_result.out);
  CHECK(Names(json["partitions"]) == std::vector<std::string>{"u/0", "u/1"});
  CHECK(Names(json["cursors"]) ==
        std::vector<std::string>{"c:u/0", "c:u/1", "d:u/0", "d:u/1"});
  REQUIRE(json["problems"].size() == 1);
  CHECK_THAT(json["problems"][0].get<std::string>(),
             ContainsSubstring("topics/t/TOPIC"));
  const ToolResult text = RunTool({"stats", store_});
  CHECK(text.code == 1);
  CHECK_THAT(text.out, ContainsSubstring("\nu "));
  CHECK_THAT(text.err, ContainsSubstring("topics/t/TOPIC"));
  CHECK_THAT(text.err, ContainsSubstring("\n  restore this file"));
}

TEST_CASE_METHOD(DamagedStatsFixture,
                 "stats shows everything but a cursor that cannot be read",
                 "[cli]") {
  Overwrite("cursors/c");
  const ToolResult result = RunTool({"stats", store_, "--json"});
  INFO(result.out << result.err);
  CHECK(result.code == 1);
  CHECK_THAT(result.err, ContainsSubstring("cursors/c"));
  const Json json = Json::parse(result.out);
  CHECK(json["partitions"].size() == 3);
  CHECK(Names(json["cursors"]) ==
        std::vector<std::string>{"d:t/0", "d:u/0", "d:u/1"});
  CHECK(json["problems"].size() == 1);
}

TEST_CASE_METHOD(DamagedStatsFixture,
                 "stats shows every commit but one that cannot be read",
                 "[cli]") {
  // An entry is 64 bytes in each of the two pages of its pair.
  std::string bytes = ReadBytes(store_ + "/cursors/c");
  for (const size_t page : {8192, 12288}) bytes.replace(page + 32, 8, 8, 'x');
  WriteBytes(store_ + "/cursors/c", bytes);
  const ToolResult result = RunTool({"stats", store_, "--json"});
  INFO(result.out << result.err);
  CHECK(result.code == 1);
  const Json json = Json::parse(result.out);
  CHECK(json["cursors"].size() == 5);
  REQUIRE(json["problems"].size() == 1);
  CHECK_THAT(json["problems"][0].get<std::string>(),
             ContainsSubstring("cursors/c: "));
}

TEST_CASE_METHOD(DamagedStatsFixture,
                 "stats shows everything but a partition that is gone",
                 "[cli]") {
  REQUIRE(std::filesystem::remove_all(store_ + "/topics/u/1") > 0);
  const ToolResult result = RunTool({"stats", store_, "--json"});
  INFO(result.out << result.err);
  CHECK(result.code != 0);
  const Json json = Json::parse(result.out);
  CHECK(Names(json["partitions"]) == std::vector<std::string>{"t/0", "u/0"});
  CHECK(json["cursors"].size() == 4);
  CHECK(json["problems"].size() == 1);
}

TEST_CASE_METHOD(StatsFixture, "stats of a sound store has no problems",
                 "[cli]") {
  CHECK(
      Json::parse(RunToolOk({"stats", store_, "--json"}))["problems"].empty());
}

}  // namespace
}  // namespace tidemark::test
