#include <fmt/core.h>

#include "cli/tool.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/store.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;

// A store with the topic "t".
class ProduceFixture {
 protected:
  ProduceFixture() { RunToolOk({"create", store_, "t"}); }

  std::string Consume(const std::string& format = "plain") {
    return RunToolOk({"consume", store_, "t", "--format", format, "--separator",
                      "|", "--null", "NULL"});
  }

  const TempDir dir_;
  const std::string store_ = dir_ / "store";
};

TEST_CASE_METHOD(ProduceFixture, "produce appends a record for each line",
                 "[cli]") {
  CHECK(RunToolOk({"produce", store_, "t"}, "one\n\nthree") ==
        "appended 3 records, 8 B\n");
  CHECK(Consume() == "one\n\nthree\n");
  CHECK(Consume("key-value") == "NULL|one\nNULL|\nNULL|three\n");
}

TEST_CASE_METHOD(ProduceFixture, "produce of no input appends nothing",
                 "[cli]") {
  CHECK(RunToolOk({"produce", store_, "t"}) == "appended 0 records, 0 B\n");
  CHECK(Consume().empty());
}

TEST_CASE_METHOD(ProduceFixture,
                 "produce splits at the first separator of a line", "[cli]") {
  RunToolOk({"produce", store_, "t", "--separator", ": "},
            "a: 1\n: 2: 3\nb: \n");
  CHECK(Consume("key-value") == "a|1\n|2: 3\nb|\n");
}

TEST_CASE_METHOD(ProduceFixture, "produce --null makes keys and values null",
                 "[cli]") {
  RunToolOk({"produce", store_, "t", "--separator", ":", "--null", "-"},
            "a:-\n-:b\n--:\n");
  CHECK(Consume("key-value") == "a|NULL\nNULL|b\n--|\n");
}

TEST_CASE_METHOD(ProduceFixture,
                 "produce stops at a line without the separator and names it",
                 "[cli]") {
  const ToolResult result =
      RunTool({"produce", store_, "t", "--separator", ":"}, "a:1\nb2\nc:3\n");
  CHECK(result.code == 2);
  CHECK_THAT(result.err, ContainsSubstring("line 2"));
  CHECK(result.out == "appended 1 record, 2 B\n");
  CHECK(Consume() == "1\n");
}

TEST_CASE_METHOD(ProduceFixture, "produce reaches each level", "[cli]") {
  for (const std::string level : {"memory", "process", "disk", "default"}) {
    RunToolOk({"produce", store_, "t", "--ack", level}, level + "\n");
  }
  CHECK(Consume() == "memory\nprocess\ndisk\ndefault\n");
  CHECK(RunTool({"produce", store_, "t", "--ack", "tape"}).code == 2);
}

TEST_CASE_METHOD(ProduceFixture,
                 "what produce --ack disk has taken is durable while it runs",
                 "[cli]") {
  StartedTool producer({"produce", store_, "t", "--ack", "disk"});
  producer.Feed("safe\n");
  StartedTool reader({"consume", store_, "t", "--durable", "--follow"});
  reader.ReadUntil("safe");
}

TEST_CASE_METHOD(ProduceFixture, "produce refuses a record above the limit",
                 "[cli]") {
  RunToolOk({"create", store_, "small", "--record-bytes-max", "10"});
  const ToolResult result =
      RunTool({"produce", store_, "small"}, "1234567890\n12345678901\nx\n");
  CHECK(result.code == 2);
  CHECK_THAT(result.err, ContainsSubstring("line 2"));
  CHECK_THAT(result.err, ContainsSubstring("--record-bytes-max"));
  CHECK(result.out == "appended 1 record, 10 B\n");
}

TEST_CASE_METHOD(ProduceFixture,
                 "produce names line, size and limit of a line that is larger "
                 "than any record",
                 "[cli]") {
  const std::string input = "one\ntwo\n" + std::string(2000000, 'a');
  for (const std::string end : {"", "\n", "\nfour\n"}) {
    const ToolResult result = RunTool({"produce", store_, "t"}, input + end);
    INFO(result.err);
    CHECK(result.code == 2);
    CHECK_THAT(result.err, ContainsSubstring("standard input line 3: "));
    CHECK_THAT(result.err, ContainsSubstring("2000000 bytes"));
    CHECK_THAT(result.err, ContainsSubstring(" 1048576"));
    CHECK_THAT(result.err, ContainsSubstring("\n  a topic takes larger"));
    CHECK(result.out == "appended 2 records, 6 B\n");
  }
  CHECK(Consume() == "one\ntwo\none\ntwo\none\ntwo\n");
}

TEST_CASE_METHOD(ProduceFixture,
                 "produce tells the limit of a record without the separator",
                 "[cli]") {
  RunToolOk({"create", store_, "small", "--record-bytes-max", "10"});
  const auto produce = [&](const std::string& line) {
    StartedTool tool({"produce", store_, "small", "--separator", "::"});
    // The line is there before its end is.
    tool.Feed(line);
    StartedTool({"topics", store_}).Wait();
    tool.Feed("\n");
    const int code = tool.Wait();
    return ToolResult{code, tool.out, tool.err};
  };
  CHECK(produce("12345::67890").code == 0);
  const ToolResult result = produce("123456::789012");
  INFO(result.err);
  CHECK(result.code == 2);
  CHECK_THAT(result.err, ContainsSubstring("standard input line 1: "));
  CHECK_THAT(result.err, ContainsSubstring(" 12 bytes, the limit is 10\n"));
}

TEST_CASE_METHOD(ProduceFixture, "produce --partition ignores the key",
                 "[cli]") {
  RunToolOk({"create", store_, "wide", "--partitions", "4"});
  RunToolOk({"produce", store_, "wide", "--partition", "3", "--separator", ":"},
            "a:1\nb:2\nc:3\nd:4\n");
  CHECK(RunToolOk({"consume", store_, "wide", "--partition", "3"}) ==
        "1\n2\n3\n4\n");
  const ToolResult result =
      RunTool({"produce", store_, "wide", "--partition", "4"}, "x\n");
  CHECK(result.code == 2);
  CHECK_THAT(result.err, ContainsSubstring("0 to 3"));
}

TEST_CASE_METHOD(ProduceFixture, "produce says what to do about a locked store",
                 "[cli]") {
  REQUIRE_OK_AND_ASSIGN(Store store, Store::Open(store_));
  const ToolResult result = RunTool({"produce", store_, "t"}, "x\n");
  CHECK(result.code == 2);
  CHECK_THAT(result.err, ContainsSubstring("stop the process"));
  CHECK_THAT(result.err, ContainsSubstring("consume"));
}

TEST_CASE_METHOD(ProduceFixture,
                 "produce does not make stores or topics by mistake", "[cli]") {
  const ToolResult store = RunTool({"produce", dir_ / "other", "t"}, "x\n");
  CHECK(store.code == 2);
  CHECK_THAT(store.err, ContainsSubstring("tidemark create"));
  const ToolResult topic = RunTool({"produce", store_, "tt"}, "x\n");
  CHECK(topic.code == 2);
  CHECK_THAT(topic.err, ContainsSubstring("tidemark create"));
}

TEST_CASE_METHOD(ProduceFixture,
                 "a signal ends produce in order with whole lines", "[cli]") {
  StartedTool producer({"produce", store_, "t"});
  producer.Feed("one\ntwo\nthr");
  StartedTool reader({"consume", store_, "t", "--follow"});
  reader.ReadUntil("two");
  producer.Signal(SIGINT);
  producer.ReadUntil("appended 2 records");
  CHECK(producer.Wait() == 2);
  CHECK_THAT(producer.err, ContainsSubstring("stopped by a signal"));
  CHECK(Consume() == "one\ntwo\n");
}

TEST_CASE_METHOD(ProduceFixture, "produce takes input of many buffers",
                 "[cli]") {
  std::string input;
  for (int i = 0; i < 100000; ++i) input += fmt::format("line {}\n", i);
  CHECK_THAT(RunToolOk({"produce", store_, "t"}, input),
             ContainsSubstring("appended 100,000 records"));
  CHECK(Consume() == input);
}

}  // namespace
}  // namespace tidemark::test
