#include <fmt/core.h>

#include "cli/damaged_file.h"
#include "cli/tool.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/store.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;

// A store with the topic "t" of the records 0 to 9.
class ConsumeFixture {
 protected:
  ConsumeFixture() {
    RunToolOk({"create", store_, "t", "--batch-bytes", "1K"});
    for (const std::string text : {"0\n1\n2\n3\n", "4\n5\n6\n7\n8\n9\n"}) {
      RunToolOk({"produce", store_, "t"}, text);
    }
  }

  std::string Consume(std::vector<std::string> options) {
    options.insert(options.begin(), {"consume", store_, "t"});
    return RunToolOk(options);
  }

  const TempDir dir_;
  const std::string store_ = dir_ / "store";
  const std::string segment_ = store_ + "/topics/t/0/00000000000000000000.log";
};

TEST_CASE_METHOD(ConsumeFixture, "consume begins where --from says", "[cli]") {
  CHECK(Consume({}) == "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
  CHECK(Consume({"--from", "begin", "--max", "2"}) == "0\n1\n");
  CHECK(Consume({"--from", "end"}).empty());
  CHECK(Consume({"--from", "8"}) == "8\n9\n");
  CHECK(Consume({"--from", "10"}).empty());
  CHECK(Consume({"--from", "2001-01-01T00:00:00Z", "--max", "1"}) == "0\n");
  CHECK(Consume({"--from", "2999-01-01T00:00:00+01:00"}).empty());
  CHECK(Consume({"--max", "0"}).empty());
}

TEST_CASE_METHOD(ConsumeFixture,
                 "consume explains places that it cannot begin at", "[cli]") {
  const ToolResult behind = RunTool({"consume", store_, "t", "--from", "11"});
  CHECK(behind.code == 2);
  CHECK_THAT(behind.err, ContainsSubstring("11"));
  const ToolResult nonsense =
      RunTool({"consume", store_, "t", "--from", "yesterday"});
  CHECK(nonsense.code == 2);
  CHECK_THAT(nonsense.err, ContainsSubstring("RFC 3339"));
  RunToolOk({"create", store_, "wide", "--partitions", "2"});
  const ToolResult wide = RunTool({"consume", store_, "wide", "--from", "1"});
  CHECK(wide.code == 2);
  CHECK_THAT(wide.err, ContainsSubstring("--partition"));
}

TEST_CASE_METHOD(ConsumeFixture, "consume --partition reads that one alone",
                 "[cli]") {
  RunToolOk({"create", store_, "wide", "--partitions", "2"});
  RunToolOk({"produce", store_, "wide", "--partition", "0"}, "a\n");
  RunToolOk({"produce", store_, "wide", "--partition", "1"}, "b\n");
  CHECK(RunToolOk({"consume", store_, "wide"}).size() == 4);
  CHECK(RunToolOk({"consume", store_, "wide", "--partition", "1", "--from",
                   "0"}) == "b\n");
  CHECK(RunTool({"consume", store_, "wide", "--partition", "2"}).code == 2);
}

TEST_CASE_METHOD(ConsumeFixture, "consume works beside a writer", "[cli]") {
  REQUIRE_OK_AND_ASSIGN(Store store, Store::Open(store_));
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.OpenTopic("t"));
  REQUIRE_OK(topic.Append({.value = "live"}, Ack::kDisk));
  CHECK(Consume({"--from", "9"}) == "9\nlive\n");
}

TEST_CASE_METHOD(ConsumeFixture, "consume changes nothing in the store",
                 "[cli]") {
  const std::string before = ReadBytes(segment_);
  const std::string store_before = ReadBytes(store_ + "/STORE");
  Consume({});
  CHECK(ReadBytes(segment_) == before);
  CHECK(ReadBytes(store_ + "/STORE") == store_before);
}

TEST_CASE_METHOD(ConsumeFixture, "consume --follow sees what a writer appends",
                 "[cli]") {
  StartedTool reader(
      {"consume", store_, "t", "--from", "end", "--follow", "--max", "3"});
  StartedTool first_writer({"produce", store_, "t"});
  first_writer.Feed("new 1\n");
  reader.ReadUntil("new 1\n");
  first_writer.Feed("new 2\n");
  reader.ReadUntil("new 2\n");
  CHECK(first_writer.Wait() == 0);
  RunToolOk({"produce", store_, "t"}, "new 3\nnew 4\n");
  CHECK(reader.Wait() == 0);
  CHECK(reader.out == "new 1\nnew 2\nnew 3\n");
}

TEST_CASE_METHOD(ConsumeFixture,
                 "consume --follow sees records of new segments", "[cli]") {
  RunToolOk({"create", store_, "small", "--segment-bytes", "1K"});
  StartedTool reader({"consume", store_, "small", "--follow"});
  std::string all;
  for (int i = 0; i < 5; ++i) {
    const std::string line = std::string(1000, 'a' + i) + "\n";
    RunToolOk({"produce", store_, "small"}, line);
    reader.ReadUntil(line);
    all += line;
  }
  reader.Signal(SIGTERM);
  CHECK(reader.Wait() == 0);
  CHECK(reader.out == all);
}

TEST_CASE_METHOD(ConsumeFixture, "SIGINT ends consume --follow with status 0",
                 "[cli]") {
  StartedTool reader({"consume", store_, "t", "--follow"});
  reader.ReadUntil("9\n");
  reader.Signal(SIGINT);
  CHECK(reader.Wait() == 0);
  CHECK(reader.err.empty());
}

TEST_CASE_METHOD(ConsumeFixture, "a reader that goes away ends consume quietly",
                 "[cli]") {
  std::string input;
  for (int i = 0; i < 100000; ++i) input += fmt::format("line {}\n", i);
  RunToolOk({"produce", store_, "t"}, input);
  StartedTool reader({"consume", store_, "t"});
  reader.ReadUntil("line 1\n");
  reader.CloseOutput();
  CHECK(reader.Wait() == 0);
  CHECK(reader.err.empty());
}

TEST_CASE_METHOD(ConsumeFixture, "consume reports damage with status 1",
                 "[cli]") {
  // Each produce made a batch of its own.
  DamageText(segment_,
             "\x01"
             "2");
  const ToolResult result = RunTool({"consume", store_, "t"});
  CHECK(result.code == 1);
  CHECK_THAT(result.err, ContainsSubstring("--skip-damage"));
  CHECK_THAT(result.err, ContainsSubstring("verify"));
}

TEST_CASE_METHOD(ConsumeFixture,
                 "consume --skip-damage prints everything behind it", "[cli]") {
  DamageText(segment_,
             "\x01"
             "2");
  const ToolResult result = RunTool({"consume", store_, "t", "--skip-damage"});
  CHECK(result.code == 1);
  CHECK(result.out == "4\n5\n6\n7\n8\n9\n");
  CHECK_THAT(result.err, ContainsSubstring("skipped to offset 4"));
}

TEST_CASE_METHOD(ConsumeFixture, "consume refuses an unknown format", "[cli]") {
  const ToolResult result =
      RunTool({"consume", store_, "t", "--format", "xml"});
  CHECK(result.code == 2);
  CHECK_THAT(result.err, ContainsSubstring("json"));
}

}  // namespace
}  // namespace tidemark::test
