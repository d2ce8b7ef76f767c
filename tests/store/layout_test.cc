#include "store/layout.h"

#include <string>

#include "support/catch.h"
#include "support/status_matchers.h"

namespace tidemark {
namespace {

TEST_CASE("A topic may have any name that Kafka allows", "[layout]") {
  for (const std::string& name :
       {std::string("a"), std::string("A.b_c-9"), std::string("-"),
        std::string("_"), std::string("1"), std::string(249, 'x'),
        std::string("log"), std::string("a.logs"), std::string("..a").substr(2),
        std::string("META"), std::string("a.")}) {
    INFO(name);
    CHECK_OK(CheckTopicName(name));
  }
}

TEST_CASE("A name that could be mistaken is refused for a topic", "[layout]") {
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string(".a"),
        std::string(250, 'x'), std::string("a/b"), std::string("a b"),
        std::string("a\0b", 3), std::string("\xc3\xa4"), std::string("a.log"),
        std::string("a.idx"), std::string("TOPIC.tmp"), std::string("a\n"),
        std::string(".new-0123456789abcdef0123456789abcdef")}) {
    INFO(name);
    CHECK_STATUS(absl::StatusCode::kInvalidArgument, CheckTopicName(name));
  }
}

TEST_CASE("The message about a name shows its start without control bytes",
          "[layout]") {
  const absl::Status status =
      CheckTopicName("a\x1b[2Jb" + std::string(500, 'c'));
  const std::string message(status.message());
  CHECK(message.size() < 200);
  CHECK(message.find('\x1b') == std::string::npos);
}

TEST_CASE("Only directories that the library makes are leftovers", "[layout]") {
  Id128 id;
  id.bytes[0] = std::byte{0xab};
  const std::string made = NewTopicPath(id).substr(7);
  const std::string deleted = DeletedTopicPath(id).substr(7);
  CHECK(made == ".new-ab000000000000000000000000000000");
  CHECK(deleted == ".deleted-ab000000000000000000000000000000");
  CHECK(IsLeftoverName(made));
  CHECK(IsLeftoverName(deleted));
  for (const std::string& name :
       {std::string("new-"), std::string(".new-"), std::string(".newer"),
        made + "0", made.substr(0, made.size() - 1), "." + made,
        std::string(".new-AB000000000000000000000000000000"),
        std::string(".deleted-g0000000000000000000000000000000")}) {
    INFO(name);
    CHECK_FALSE(IsLeftoverName(name));
  }
}

TEST_CASE("The name of a partition is its number in its only spelling",
          "[layout]") {
  CHECK(ParsePartitionName("0") == 0);
  CHECK(ParsePartitionName("7") == 7);
  CHECK(ParsePartitionName("99999") == 99999);
  for (const std::string_view name :
       {"", "00", "07", "100000", "-1", "+1", "1 ", "0x1", "1a", "TOPIC"}) {
    INFO(name);
    CHECK_FALSE(ParsePartitionName(name).has_value());
  }
  CHECK(PartitionPath(TopicPath("t"), 12) == "topics/t/12");
  CHECK(TopicFilePath(TopicPath("t")) == "topics/t/TOPIC");
}

}  // namespace
}  // namespace tidemark
