#include "tidemark/partition.h"

#include <string>
#include <vector>

#include "partition/log_fixture.h"
#include "tidemark/error.h"
#include "tidemark/segment.h"

namespace tidemark::test {
namespace {

TEST_CASE("An empty handle refuses everything", "[partition]") {
  Partition partition;
  CHECK(partition.number() == -1);
  CHECK(IsClosed(partition.Append(Record{}).status()));
  CHECK(IsClosed(partition.Sync()));
  CHECK(IsClosed(partition.Read(0).status()));
  CHECK(IsClosed(partition.TrimBefore(0)));
  CHECK(IsClosed(partition.WaitDurable(0, absl::InfinitePast())));
  CHECK(partition.marks() == Marks());
}

TEST_CASE("A handle appends and reads with keys, nulls and headers",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  Partition partition(fixture.Open());
  const std::vector<Header> headers = {{"a", "1"}, {"a", {}}, {"", ""}};
  Record record;
  record.key = "";
  record.headers = headers;
  record.create_time = absl::FromUnixMicros(123456789);
  REQUIRE_OK(partition.Append(record));
  CHECK_STATUS(absl::StatusCode::kInvalidArgument,
               partition.Append(std::span<const Record>()));
  REQUIRE_OK_AND_ASSIGN(const Records records, partition.Read(0));
  REQUIRE(records.size() == 1);
  const RecordView view = *records.begin();
  CHECK(view.key() == "");
  CHECK_FALSE(view.value().has_value());
  CHECK(view.create_time() == absl::FromUnixMicros(123456789));
  REQUIRE(view.headers().size() == 3);
  CHECK(view.headers().Find("a")->has_value() == false);
  CHECK_OK(partition.WaitDurable(1, absl::InfiniteFuture()));
  CHECK(partition.marks().durable == 1);
  CHECK_STATUS(absl::StatusCode::kOutOfRange,
               partition.WaitDurable(2, absl::InfiniteFuture()));
}

TEST_CASE("A level that does not exist is refused by its number",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  Partition partition(fixture.Open());
  const std::vector<Record> records(2);
  for (const int level : {4, 9, 255}) {
    for (const absl::Status& refused :
         {partition.Append(Record{}, static_cast<Ack>(level)).status(),
          partition.Append(records, static_cast<Ack>(level)).status()}) {
      CHECK_STATUS(absl::StatusCode::kInvalidArgument, refused);
      CHECK(refused.message() == "topic t: append: ack is " +
                                     std::to_string(level) +
                                     ", allowed are 0 to 3");
    }
  }
  CHECK(partition.marks().end == 0);
  CHECK_OK(partition.Append(Record{}, Ack::kTopicDefault));
}

TEST_CASE("An offset below zero is nobody's", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  Partition partition(fixture.Open());
  REQUIRE_OK(partition.Append(Record{}));
  const absl::Status refused = partition.Read(-1).status();
  CHECK_STATUS(absl::StatusCode::kInvalidArgument, refused);
  CHECK_FALSE(IsTrimmed(refused));
  CHECK_FALSE(GapOf(refused).has_value());
  CHECK_STATUS(absl::StatusCode::kInvalidArgument,
               partition.BytesBetween(-1, 1).status());
}

TEST_CASE("Bytes are counted within the log only", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  Partition partition(fixture.Open());
  for (int i = 0; i < 3; ++i) REQUIRE_OK(partition.Append(Record{}));
  CHECK_OK(partition.BytesBetween(0, 3));
  CHECK(*partition.BytesBetween(3, 3) == 0);
  CHECK_STATUS(absl::StatusCode::kInvalidArgument,
               partition.BytesBetween(2, 1).status());
  CHECK_STATUS(absl::StatusCode::kOutOfRange,
               partition.BytesBetween(0, 4).status());
  REQUIRE_OK(partition.TrimBefore(2));
  CHECK_OK(partition.BytesBetween(0, 3));
}

}  // namespace
}  // namespace tidemark::test
