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

// A store with the topic "t" of two batches and the committed cursor "c".
class VerifyFixture {
 protected:
  VerifyFixture() {
    RunToolOk({"create", store_, "t"});
    RunToolOk({"produce", store_, "t"}, "alpha\nbeta\n");
    RunToolOk({"produce", store_, "t"}, "gamma\n");
    REQUIRE_OK_AND_ASSIGN(Store store, Store::Open(store_));
    REQUIRE_OK_AND_ASSIGN(
        ConsumerCursor cursor,
        ConsumerCursor::Open(
            store, {.topics = {"t"}, .start = Start::Begin(), .name = "c"}));
    REQUIRE_OK(cursor.Poll());
    REQUIRE_OK(cursor.Commit());
    REQUIRE_OK(cursor.Close());
    REQUIRE_OK(store.Close());
  }

  ToolResult Verify() { return RunTool({"verify", store_}); }

  const TempDir dir_;
  const std::string store_ = dir_ / "store";
  const std::string partition_ = store_ + "/topics/t/0/";
  const std::string segment_ = partition_ + "00000000000000000000.log";
};

TEST_CASE_METHOD(VerifyFixture, "verify of a sound store ends with 0",
                 "[cli]") {
  const ToolResult result = Verify();
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  for (const std::string text :
       {"ok      STORE\n", "ok      topics/t/TOPIC\n",
        "ok      topics/t/0: offsets [0, 3), durable 3\n",
        "ok      topics/t/0/00000000000000000000.log: offsets [0, 3)",
        "ok      cursors/c: 1 commit\n", "no damage\n"}) {
    CHECK_THAT(result.out, ContainsSubstring(text));
  }
}

TEST_CASE_METHOD(VerifyFixture, "verify works beside a writer", "[cli]") {
  REQUIRE_OK_AND_ASSIGN(Store store, Store::Open(store_));
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.OpenTopic("t"));
  REQUIRE_OK(topic.Append({.value = "live"}, Ack::kDisk));
  const ToolResult result = Verify();
  CHECK(result.code == 0);
  CHECK_THAT(result.out, ContainsSubstring("offsets [0, 4)"));
}

TEST_CASE_METHOD(VerifyFixture, "verify names file, position and offsets",
                 "[cli]") {
  DamageText(segment_, "alpha");
  const ToolResult result = Verify();
  CHECK(result.code == 1);
  CHECK_THAT(result.out, ContainsSubstring("DAMAGE"));
  CHECK_THAT(result.out,
             ContainsSubstring("topics/t/0/00000000000000000000.log"));
  CHECK_THAT(result.out, ContainsSubstring(": bytes [1024, "));
  CHECK_THAT(result.out, ContainsSubstring("offsets [0, 2)"));
  CHECK_THAT(result.out, ContainsSubstring("1 damaged place\n"));
}

TEST_CASE_METHOD(VerifyFixture, "verify finds every damaged batch of a segment",
                 "[cli]") {
  DamageText(segment_, "alpha");
  DamageText(segment_, "gamma");
  const ToolResult result = Verify();
  CHECK(result.code == 1);
  CHECK_THAT(result.out, ContainsSubstring("offsets [0, 2)"));
  CHECK_THAT(result.out, ContainsSubstring("offsets [2, 3)"));
}

TEST_CASE_METHOD(VerifyFixture, "verify goes on behind a damaged topic",
                 "[cli]") {
  RunToolOk({"create", store_, "u"});
  RunToolOk({"produce", store_, "u"}, "delta\n");
  DamageText(store_ + "/topics/t/TOPIC", "t");
  const ToolResult result = Verify();
  CHECK(result.code == 1);
  CHECK_THAT(result.out, ContainsSubstring("DAMAGE  topics/t/TOPIC"));
  CHECK_THAT(result.out, ContainsSubstring("ok      topics/u/0/0"));
}

TEST_CASE_METHOD(VerifyFixture, "verify finds a missing segment", "[cli]") {
  RunToolOk({"create", store_, "s", "--segment-bytes", "1K"});
  for (const std::string text : {"a", "b", "c"}) {
    RunToolOk({"produce", store_, "s"}, std::string(1000, text[0]) + "\n");
  }
  REQUIRE(
      std::filesystem::remove(store_ + "/topics/s/0/00000000000000000001.log"));
  const ToolResult result = Verify();
  CHECK(result.code == 1);
  CHECK_THAT(result.out, ContainsSubstring("offsets [1, 2)"));
}

TEST_CASE_METHOD(VerifyFixture, "verify finds a damaged segment header",
                 "[cli]") {
  std::string bytes = ReadBytes(segment_);
  // Both copies of the header, wherever the first batch begins.
  for (size_t at = 0; at < bytes.find("alpha"); ++at) bytes[at] = 'x';
  WriteBytes(segment_, bytes);
  const ToolResult result = Verify();
  CHECK(result.code == 1);
  CHECK_THAT(result.out, ContainsSubstring("00000000000000000000.log"));
}

TEST_CASE_METHOD(VerifyFixture, "verify finds a damaged cursor", "[cli]") {
  std::string bytes = ReadBytes(store_ + "/cursors/c");
  for (char& c : bytes) c = static_cast<char>(c ^ 0x55);
  WriteBytes(store_ + "/cursors/c", bytes);
  const ToolResult result = Verify();
  CHECK(result.code == 1);
  CHECK_THAT(result.out, ContainsSubstring("DAMAGE  cursors/c"));
}

TEST_CASE_METHOD(VerifyFixture, "verify finds that STORE is damaged", "[cli]") {
  std::string bytes = ReadBytes(store_ + "/STORE");
  for (char& c : bytes) c = static_cast<char>(c ^ 0x55);
  WriteBytes(store_ + "/STORE", bytes);
  const ToolResult result = Verify();
  CHECK(result.code == 1);
  CHECK_THAT(result.err, ContainsSubstring("STORE"));
}

TEST_CASE_METHOD(VerifyFixture, "verify mentions files that do not belong",
                 "[cli]") {
  std::ofstream(partition_ + "notes.txt") << "hello";
  const ToolResult result = Verify();
  CHECK(result.code == 0);
  CHECK_THAT(result.out, ContainsSubstring("note    topics/t/0/notes.txt"));
}

TEST_CASE("verify of something else ends with 2", "[cli]") {
  const TempDir dir;
  CHECK(RunTool({"verify", dir / "missing"}).code == 2);
  std::ofstream(dir / "file") << "hello";
  CHECK(RunTool({"verify", dir.path()}).code == 2);
}

}  // namespace
}  // namespace tidemark::test
