#include "tidemark/consumer_cursor.h"

#include <thread>

#include "base/bytes.h"
#include "consumer/cursor_fixture.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

CursorOptions Named(std::string_view topic, std::string_view name) {
  return {.topics = {std::string(topic)},
          .start = Start::Committed(Start::Begin()),
          .name = std::string(name)};
}

TEST_CASE("A named cursor goes on behind its commit", "[consumer]") {
  // G8 I11
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 10);
  {
    ConsumerCursor cursor = bench.Cursor(Named("t", "g"));
    PollOptions four;
    four.records_max = 4;
    CHECK(PollOffsets(cursor, four) == Offsets{0, 1, 2, 3});
    REQUIRE_OK(cursor.Commit());
    CHECK(PollOffsets(cursor, four) == Offsets{4, 5, 6, 7});
  }
  ConsumerCursor again = bench.Cursor(Named("t", "g"));
  CHECK(PollOffsets(again) == Offsets{4, 5, 6, 7, 8, 9});
}

TEST_CASE("Commits survive the close and the reopening of the store",
          "[consumer]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 10);
  {
    ConsumerCursor cursor = bench.Cursor(Named("t", "g"));
    CHECK(PollOffsets(cursor).size() == 10);
    REQUIRE_OK(cursor.Commit());
  }
  REQUIRE_OK(bench.store->Close());
  bench.Open();
  bench.Append("t", 0, 10, 2);
  ConsumerCursor cursor = bench.Cursor(Named("t", "g"));
  CHECK(PollOffsets(cursor) == Offsets{10, 11});
}

TEST_CASE("A cursor without a name cannot commit", "[consumer]") {
  CursorBench bench;
  bench.Create("t");
  CursorOptions options = Named("t", "g");
  options.name = {};
  options.start = Start::Begin();
  ConsumerCursor cursor = bench.Cursor(options);
  CHECK_STATUS(absl::StatusCode::kFailedPrecondition, cursor.Commit());
}

TEST_CASE("A position below the start is told with the gap", "[consumer]") {
  // G8
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 10);
  CursorOptions options = Named("t", "g");
  options.start = Start::Begin();
  ConsumerCursor cursor = bench.Cursor(options);
  REQUIRE_OK(bench.PartitionOf("t").TrimBefore(5));
  const absl::Status status = cursor.Poll().status();
  CHECK(IsTrimmed(status));
  CHECK(TrimmedGap(status) == OffsetGap{"t", 0, 0, 5});
  CHECK(IsTrimmed(cursor.Poll().status()));
  REQUIRE_OK(cursor.Seek(Start::Begin()));
  CHECK(PollOffsets(cursor) == Offsets{5, 6, 7, 8, 9});
}

TEST_CASE("Positions kept by the host start another cursor", "[consumer]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 10);
  CursorOptions options = Named("t", "g");
  options.name = {};
  options.start = Start::Begin();
  ConsumerCursor cursor = bench.Cursor(options);
  PollOptions three;
  three.records_max = 3;
  CHECK(PollOffsets(cursor, three) == Offsets{0, 1, 2});
  const std::string bytes = cursor.positions().ToBytes();
  REQUIRE_OK_AND_ASSIGN(const Positions kept,
                        Positions::FromBytes(AsBytes(bytes)));
  options.start = Start::At(kept);
  ConsumerCursor other = bench.Cursor(options);
  CHECK(PollOffsets(other, three) == Offsets{3, 4, 5});
}

TEST_CASE("A durable-only cursor waits for the sync", "[consumer]") {
  CursorBench bench;
  bench.Create("t");
  CursorOptions options = Named("t", "g");
  options.start = Start::Begin();
  options.visibility = Visibility::kDurable;
  ConsumerCursor cursor = bench.Cursor(options);
  bench.Append("t", 0, 0, 3, Ack::kMemory);
  CHECK(PollOffsets(cursor).empty());
  REQUIRE_OK(bench.store->Sync());
  CHECK(PollOffsets(cursor) == Offsets{0, 1, 2});
}

TEST_CASE("Closing the store ends the use of its cursors", "[consumer]") {
  CursorBench bench;
  bench.Create("t");
  ConsumerCursor cursor = bench.Cursor(Named("t", "g"));
  REQUIRE_OK(bench.store->Close());
  CHECK_FALSE(cursor.Poll().ok());
  CHECK_FALSE(cursor.Commit().ok());
}

TEST_CASE("Records of several partitions come in order of each", "[consumer]") {
  CursorBench bench;
  bench.Create("t", 3);
  for (int i = 0; i < 30; ++i) bench.Append("t", i % 3, i, 1);
  CursorOptions options = Named("t", "g");
  options.start = Start::Begin();
  ConsumerCursor cursor = bench.Cursor(options);
  std::vector<Offset> next(3, 0);
  for (int seen = 0; seen < 30;) {
    const auto records = cursor.Poll();
    REQUIRE_OK(records);
    REQUIRE_FALSE(records->empty());
    for (const RecordView& record : *records) {
      CHECK(record.offset() == next[static_cast<size_t>(record.partition())]++);
      ++seen;
    }
  }
}

}  // namespace
}  // namespace tidemark::test
