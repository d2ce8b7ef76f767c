#include "cli/damaged_file.h"
#include "cli/tool.h"
#include "support/catch.h"
#include "support/temp_dir.h"

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
                 "Bytes that a crash left behind the end are no damage",
                 "[cli]") {
  const std::string file = partition_ + "00000000000000000002.log";
  WriteBytes(file, ReadBytes(file) + std::string(100, 'z'));
  const ToolResult result = Verify();
  CHECK(result.code == 0);
  CHECK_THAT(result.out, ContainsSubstring("note    topics/t/0/"
                                           "00000000000000000002.log"));
}

}  // namespace
}  // namespace tidemark::test
