#include "cli/tool.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;

// A store with the topic "t".
class LineFixture {
 protected:
  LineFixture() { RunToolOk({"create", store_, "t"}); }

  // What is in the log after `input` was produced.
  std::string RoundTrip(const std::string& input) {
    RunToolOk({"produce", store_, "t"}, input);
    return RunToolOk({"consume", store_, "t"});
  }

  const TempDir dir_;
  const std::string store_ = dir_ / "store";
};

TEST_CASE_METHOD(LineFixture, "The last line needs no line feed", "[cli]") {
  CHECK(RoundTrip("a\nb") == "a\nb\n");
}

TEST_CASE_METHOD(LineFixture, "Every byte but the line feed is kept", "[cli]") {
  using namespace std::literals;
  const std::string text = "a\r\n\0\xff\x1a b \t\n"s;
  CHECK(RoundTrip(text) == text);
}

TEST_CASE_METHOD(LineFixture, "A line may be longer than a buffer", "[cli]") {
  const std::string text =
      "x\n" + std::string(900000, 'y') + "\n" + std::string(700000, 'z') + "\n";
  CHECK(RoundTrip(text) == text);
}

TEST_CASE_METHOD(LineFixture, "Lines arrive as they are written", "[cli]") {
  StartedTool producer({"produce", store_, "t"});
  StartedTool reader({"consume", store_, "t", "--follow"});
  for (const std::string text : {"on", "e\nt", "wo\n"}) producer.Feed(text);
  reader.ReadUntil("one\ntwo\n");
  CHECK(producer.Wait() == 0);
}

TEST_CASE_METHOD(LineFixture, "A line without an end does not fill the memory",
                 "[cli]") {
  StartedTool producer({"produce", store_, "t"});
  // More than the largest record, and no line feed.
  producer.Feed("first\n" + std::string(3 << 20, 'x'));
  producer.ReadUntil(
      "standard input line 2: a record of at least 3145728 bytes");
  CHECK(producer.Wait() == 2);
  CHECK_THAT(producer.out, ContainsSubstring("appended 1 record"));
}

}  // namespace
}  // namespace tidemark::test
