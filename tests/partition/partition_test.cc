#include "tidemark/partition.h"

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

}  // namespace
}  // namespace tidemark::test
