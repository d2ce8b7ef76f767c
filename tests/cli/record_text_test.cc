#include <array>
#include <nlohmann/json.hpp>

#include "cli/tool.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/store.h"

namespace tidemark::test {
namespace {

using Json = nlohmann::json;

// Appends `record` to a new store and returns what consume prints of it.
std::string Print(const Record& record,
                  const std::vector<std::string>& options) {
  const TempDir dir;
  const std::string path = dir / "store";
  {
    REQUIRE_OK_AND_ASSIGN(Store store, Store::Open(path));
    REQUIRE_OK_AND_ASSIGN(Topic topic, store.CreateTopic("t"));
    REQUIRE_OK(topic.Append(record));
    REQUIRE_OK(store.Close());
  }
  std::vector<std::string> arguments = {"consume", path, "t"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return RunToolOk(arguments);
}

Json PrintJson(const Record& record) {
  return Json::parse(Print(record, {"--format", "json"}));
}

TEST_CASE("Plain is the value's bytes as they are", "[cli]") {
  using namespace std::literals;
  CHECK(Print({.value = "a\0\xff b"sv}, {}) == "a\0\xff b\n"s);
  CHECK(Print({.key = "k"}, {}) == "\n");
}

TEST_CASE("Key-value has the separator between key and value", "[cli]") {
  const std::vector<std::string> format = {"--format", "key-value"};
  CHECK(Print({.key = "k", .value = "v"}, format) == "k\tv\n");
  CHECK(Print({.value = "v"}, format) == "\tv\n");
  CHECK(Print({.key = "k"}, {"--format", "key-value", "--separator", " = ",
                             "--null", "NIL"}) == "k = NIL\n");
}

TEST_CASE("JSON holds every field of a record", "[cli]") {
  const std::array<Header, 3> headers = {
      {{"trace", "1"}, {"trace", "2"}, {"empty", std::nullopt}}};
  const absl::Time time = absl::FromUnixMicros(1700000000123456);
  const Json json = PrintJson({.key = "k\"\n",
                               .value = "v\xc3\xa4",
                               .headers = headers,
                               .create_time = time});
  CHECK(json["topic"] == "t");
  CHECK(json["partition"] == 0);
  CHECK(json["offset"] == 0);
  CHECK(json["create_time"] == "2023-11-14T22:13:20.123456Z");
  CHECK(json["append_time"].get<std::string>().size() == 27);
  CHECK(json["key"] == "k\"\n");
  CHECK(json["value"] == "v\xc3\xa4");
  REQUIRE(json["headers"].size() == 3);
  CHECK(json["headers"][0] == Json({{"name", "trace"}, {"value", "1"}}));
  CHECK(json["headers"][1] == Json({{"name", "trace"}, {"value", "2"}}));
  CHECK(json["headers"][2] == Json({{"name", "empty"}, {"value", nullptr}}));
}

TEST_CASE("JSON tells null from empty", "[cli]") {
  const Json null_value = PrintJson({.key = ""});
  CHECK(null_value["key"] == "");
  CHECK(null_value["value"].is_null());
  const Json null_key = PrintJson({.value = ""});
  CHECK(null_key["key"].is_null());
  CHECK(null_key["value"] == "");
}

TEST_CASE("JSON has base64 for what is not UTF-8", "[cli]") {
  const Json json = PrintJson({.key = "\xff", .value = "\xfe\xff"});
  CHECK(json["key_base64"] == "/w==");
  CHECK(json["value_base64"] == "/v8=");
  CHECK(!json.contains("key"));
  CHECK(!json.contains("value"));
  CHECK(PrintJson({.value = "abc\x80"})["value_base64"] == "YWJjgA==");
}

TEST_CASE("JSON takes no bytes for UTF-8 that are not", "[cli]") {
  for (const std::string bytes : {
           "\xc0\x80",          // longer than needed
           "\xe0\x80\x80",      // the same
           "\xed\xa0\x80",      // a surrogate
           "\xf4\x90\x80\x80",  // above U+10FFFF
           "\xe2\x82",          // cut off
           "\x80",              // in the middle of nothing
       }) {
    CHECK(PrintJson({.value = bytes}).contains("value_base64"));
  }
  for (const std::string bytes :
       {"\xc2\x80", "\xe2\x82\xac", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    CHECK(PrintJson({.value = bytes})["value"] == bytes);
  }
}

}  // namespace
}  // namespace tidemark::test
