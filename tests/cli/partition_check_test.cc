#include <cerrno>
#include <fstream>

#include "cli/checked_store.h"
#include "cli/damaged_file.h"
#include "cli/tool.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/env.h"
#include "tidemark/segment.h"
#include "tidemark/store.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;

// A store with the topic "t" of sealed segments and an open one.
class PartitionCheckFixture {
 protected:
  PartitionCheckFixture() {
    RunToolOk({"create", store_, "t", "--segment-bytes", "8K"});
    for (int i = 0; i < 3; ++i) {
      RunToolOk({"produce", store_, "t"}, std::string(6000, 'a' + i) + "\n");
    }
  }

  ToolResult Verify() { return RunTool({"verify", store_}); }

  const TempDir dir_;
  const std::string store_ = dir_ / "store";
  const std::string partition_ = store_ + "/topics/t/0/";
};

TEST_CASE_METHOD(PartitionCheckFixture, "Every segment has its line", "[cli]") {
  const ToolResult result = Verify();
  CHECK(result.code == 0);
  for (const std::string base : {"0", "1", "2"}) {
    CHECK_THAT(result.out,
               ContainsSubstring("ok      topics/t/0/0000000000000000000" +
                                 base + ".log"));
  }
  CHECK_THAT(result.out, ContainsSubstring("3 segments"));
}

TEST_CASE_METHOD(PartitionCheckFixture,
                 "Damage of one segment does not hide that of another",
                 "[cli]") {
  DamageText(partition_ + "00000000000000000000.log", "aaaa");
  DamageText(partition_ + "00000000000000000001.log", "bbbb");
  const ToolResult result = Verify();
  CHECK(result.code == 1);
  CHECK_THAT(result.out, ContainsSubstring("offsets [0, 1)"));
  CHECK_THAT(result.out, ContainsSubstring("offsets [1, 2)"));
  CHECK_THAT(result.out, ContainsSubstring("ok      topics/t/0/"
                                           "00000000000000000002.log"));
}

TEST_CASE_METHOD(PartitionCheckFixture,
                 "Segments of a topic that cannot be opened are checked",
                 "[cli]") {
  DamageText(store_ + "/topics/t/TOPIC", "t");
  DamageText(partition_ + "00000000000000000001.log", "bbbb");
  const std::string last = partition_ + "00000000000000000002.log";
  WriteBytes(last, ReadBytes(last) + std::string(100, 'z'));
  std::ofstream(partition_ + "notes.txt") << "hello";
  const ToolResult result = Verify();
  INFO(result.out);
  CHECK(result.code == 1);
  for (const std::string line :
       {"DAMAGE  topics/t/TOPIC", "ok      topics/t/0/00000000000000000000.log",
        "DAMAGE  topics/t/0/00000000000000000001.log: bytes [1024, ",
        "offsets [1, 2) cannot be read",
        "note    topics/t/0/00000000000000000002.log",
        "note    topics/t/0/META", "note    topics/t/0/notes.txt",
        "1 topic, 3 segments", "2 damaged places"}) {
    CHECK_THAT(result.out, ContainsSubstring(line));
  }
}

TEST_CASE("A segment that vanishes while a partition opens is no damage",
          "[cli]") {
  // The writer deletes files that are below the start.
  CheckedStore store;
  store.Close();
  for (const bool is_persistent : {false, true}) {
    FaultEnv env(store.env());
    env.Inject({.kind = EnvCall::kOpenFile,
                .name_part = "plain/0/00000000000000000000.log",
                .is_persistent = is_persistent,
                .error = ENOENT});
    const CheckResult result = CheckStoreOn(env);
    INFO(result.text);
    CHECK(env.injected_count() > 0);
    CHECK(!result.Names("DAMAGE", "topics/plain/0: missing", std::nullopt));
  }
}

TEST_CASE("A partition whose directory is gone is damage", "[cli]") {
  CheckedStore store;
  store.Close();
  const auto root = *store.env().OpenDirectory(kCheckedPath, false);
  REQUIRE_OK(root->Rename("topics/packed/1", "elsewhere", false));
  const CheckResult result = CheckStoreOn(store.env());
  INFO(result.text);
  CHECK(result.code == 1);
  CHECK(result.Names("DAMAGE", "topics/packed/1: missing", std::nullopt));
  CHECK(result.Names("ok", "cursors/c: ", std::nullopt));
}

TEST_CASE_METHOD(PartitionCheckFixture,
                 "Damage of an index is damage without a lost record",
                 "[cli]") {
  // The last bytes of a sealed segment are its trailer.
  const std::string file = partition_ + "00000000000000000000.log";
  FlipByte(file, ReadBytes(file).size() - 1);
  const ToolResult result = Verify();
  CHECK(result.code == 1);
  CHECK_THAT(result.out, ContainsSubstring("00000000000000000000.log"));
  CHECK(RunToolOk({"consume", store_, "t"}).size() == 3 * 6001);
}

TEST_CASE_METHOD(PartitionCheckFixture,
                 "Bytes behind the end are damage of a log that was closed",
                 "[cli]") {
  const std::string name = "topics/t/0/00000000000000000002.log";
  const std::string file = store_ + "/" + name;
  WriteBytes(file, ReadBytes(file) + std::string(100, 'z'));
  const ToolResult result = Verify();
  CHECK(result.code == 1);
  CHECK_THAT(result.out, ContainsSubstring("DAMAGE  " + name));
}

TEST_CASE_METHOD(PartitionCheckFixture,
                 "Bytes that a crash left behind the end are no damage",
                 "[cli]") {
  // A store that is open looks like one that was left by a crash.
  REQUIRE_OK_AND_ASSIGN(Store store, Store::Open(store_));
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.OpenTopic("t"));
  REQUIRE_OK(topic.Append({.value = "last"}, Ack::kDisk));
  const std::string name = "topics/t/0/00000000000000000002.log";
  REQUIRE_OK_AND_ASSIGN(const Segment segment,
                        Segment::Open(Env::Posix(), store_, name));
  std::string bytes = ReadBytes(store_ + "/" + name);
  REQUIRE(segment.data_end() + 100 < bytes.size());
  bytes.replace(segment.data_end(), 100, std::string(100, 'z'));
  WriteBytes(store_ + "/" + name, bytes);
  const ToolResult result = Verify();
  CHECK(result.code == 0);
  CHECK_THAT(result.out, ContainsSubstring("note    " + name));
}

}  // namespace
}  // namespace tidemark::test
