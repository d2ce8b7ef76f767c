#include <memory>
#include <thread>

#include "consumer/cursor_fixture.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "tidemark/error.h"

// A cursor in a store that another process is writing.
namespace tidemark {
namespace {

using test::CursorBench;
using test::Offsets;
using test::Places;
using test::PollOffsets;
using test::PollPlaces;
using test::Strings;

CursorOptions FromBegin(const std::string& topic) {
  return {.topics = {topic}, .start = Start::Begin()};
}

// The same store, opened for reading by another process of the machine.
struct Reader {
  explicit Reader(CursorBench& bench)
      : env(bench.env.StartProcess()), clock(bench.clock) {
    StoreOptions options = StoreOptions::Test(*env, clock);
    options.read_only = true;
    auto opened = Store::Open("/store", options);
    REQUIRE_OK(opened);
    store.emplace(*std::move(opened));
  }

  ConsumerCursor Cursor(const CursorOptions& options) {
    auto cursor = ConsumerCursor::Open(*store, options);
    REQUIRE_OK(cursor);
    return *std::move(cursor);
  }

  std::unique_ptr<MemoryEnv> env;
  test::WaitClock& clock;
  std::optional<Store> store;
};

TEST_CASE("A cursor of a reading process sees what is written behind it",
          "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 2, Ack::kDisk);
  Reader reader(bench);
  ConsumerCursor cursor = reader.Cursor(FromBegin("t"));
  CHECK(PollOffsets(cursor) == Offsets{0, 1});
  CHECK(PollOffsets(cursor).empty());
  bench.Append("t", 0, 2, 3, Ack::kDisk);
  CHECK(PollOffsets(cursor) == Offsets{2, 3, 4});
  REQUIRE_OK_AND_ASSIGN(const auto lag, cursor.Lag());
  CHECK(lag.front().records == 0);
}

TEST_CASE("A waiting poll of a reading process looks again", "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 1, Ack::kDisk);
  Reader reader(bench);
  ConsumerCursor cursor =
      reader.Cursor({.topics = {"t"}, .start = Start::End()});
  std::thread writer([&] {
    bench.clock.AwaitWait(0);
    bench.Append("t", 0, 1, 1, Ack::kDisk);
    bench.clock.Advance(absl::Seconds(1));
  });
  const auto records = cursor.Poll({.timeout = absl::InfiniteDuration()});
  writer.join();
  REQUIRE_OK(records);
  CHECK(Places(*records) == Strings{"t/0:1"});
}

TEST_CASE("A cursor of a reading process picks up new partitions",
          "[cursor_poll]") {
  CursorBench bench;
  Topic topic = bench.Create("t", 1);
  bench.Append("t", 0, 0, 1, Ack::kDisk);
  Reader reader(bench);
  ConsumerCursor cursor = reader.Cursor(FromBegin("t"));
  CHECK(PollPlaces(cursor) == Strings{"t/0:0"});
  REQUIRE_OK(topic.IncreasePartitions(2));
  bench.Append("t", 1, 0, 1, Ack::kDisk);
  bench.clock.Advance(absl::Seconds(1));
  CHECK(PollPlaces(cursor) == Strings{"t/1:0"});
}

TEST_CASE("A cursor of a reading process is told of what the writer trimmed",
          "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 4, Ack::kDisk);
  Reader reader(bench);
  ConsumerCursor cursor = reader.Cursor(FromBegin("t"));
  CHECK(PollOffsets(cursor, {.records_max = 4}) == Offsets{0, 1, 2, 3});
  bench.Append("t", 0, 4, 4, Ack::kDisk);
  REQUIRE_OK(bench.PartitionOf("t").TrimBefore(6));
  const auto records = cursor.Poll();
  CHECK(IsTrimmed(records.status()));
  REQUIRE_OK(cursor.Seek(Start::Begin()));
  CHECK(PollOffsets(cursor) == Offsets{6, 7});
}

TEST_CASE("A cursor of a reading process is told of files it never saw",
          "[cursor_poll]") {
  CursorBench bench;
  TopicOptions small;
  small.segment_bytes = 1024;
  REQUIRE_OK(bench.store->CreateTopic("t", small));
  bench.Append("t", 0, 0, 1, Ack::kDisk);
  Reader reader(bench);
  ConsumerCursor cursor = reader.Cursor(FromBegin("t"));
  CHECK(PollOffsets(cursor) == Offsets{0});
  for (int i = 1; i < 200; ++i) bench.Append("t", 0, i, 1, Ack::kDisk);
  REQUIRE_OK(bench.PartitionOf("t").TrimBefore(190));
  CHECK(IsTrimmed(cursor.Poll().status()));
  REQUIRE_OK(cursor.Seek(Start::Begin()));
  CHECK(PollOffsets(cursor).front() == 190);
}

TEST_CASE("A cursor of a reading process outlives the writer's restart",
          "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 1, Ack::kDisk);
  Reader reader(bench);
  ConsumerCursor cursor = reader.Cursor(FromBegin("t"));
  CHECK(PollOffsets(cursor) == Offsets{0});
  bench.Append("t", 0, 1, 1, Ack::kProcess);
  bench.Open();
  bench.Append("t", 0, 2, 1, Ack::kDisk);
  CHECK(PollOffsets(cursor) == Offsets{1, 2});
}

constexpr auto kDeleted = absl::StatusCode::kFailedPrecondition;

// Deletes "t" and gives its name to a topic with more records.
void Replace(CursorBench& bench) {
  REQUIRE_OK(bench.store->DeleteTopic("t"));
  bench.Create("t");
  bench.Append("t", 0, 100, 20, Ack::kDisk);
}

TEST_CASE("A cursor of a reading process hears that its topic was deleted",
          "[cursor_poll]") {
  for (const bool is_subscribed : {true, false}) {
    for (const int count : {0, 6}) {
      for (const bool is_replaced : {true, false}) {
        CursorBench bench;
        bench.Create("t");
        if (count > 0) bench.Append("t", 0, 0, count, Ack::kDisk);
        Reader reader(bench);
        CursorOptions options = FromBegin("t");
        if (!is_subscribed) {
          options.topics.clear();
          options.partitions = {{"t", 0}};
        }
        ConsumerCursor cursor = reader.Cursor(options);
        CHECK(PollOffsets(cursor).size() == static_cast<size_t>(count));
        if (is_replaced) {
          Replace(bench);
        } else {
          REQUIRE_OK(bench.store->DeleteTopic("t"));
        }
        for (int look = 0; look < 3; ++look) {
          CHECK_STATUS(kDeleted, cursor.Poll().status());
          CHECK_STATUS(kDeleted, cursor.Lag().status());
          bench.clock.Advance(absl::Seconds(1));
        }
        CHECK_OK(reader.store->health().status);
      }
    }
  }
}

TEST_CASE("What a reading process has not read of a deleted topic is not mixed",
          "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 3, Ack::kDisk);
  bench.Append("t", 0, 3, 3, Ack::kDisk);
  Reader reader(bench);
  ConsumerCursor cursor = reader.Cursor(FromBegin("t"));
  CHECK(PollOffsets(cursor, {.records_max = 3}) == Offsets{0, 1, 2});
  Replace(bench);
  for (int look = 0; look < 3; ++look) {
    const auto records = cursor.Poll();
    if (!records.ok()) {
      CHECK_STATUS(kDeleted, records.status());
      break;
    }
    REQUIRE(look < 2);
    for (const RecordView& record : *records) {
      CHECK(*record.value() == fmt::format("{}", record.offset()));
    }
  }
  ConsumerCursor anew = reader.Cursor(FromBegin("t"));
  CHECK(PollOffsets(anew).size() == 20);
}

TEST_CASE("An old partition of a reading process refuses behind a deletion",
          "[cursor_poll]") {
  for (const Offset from : {0, 6}) {
    CursorBench bench;
    bench.Create("t");
    bench.Append("t", 0, 0, 6, Ack::kDisk);
    Reader reader(bench);
    const auto topic = reader.store->OpenTopic("t");
    REQUIRE_OK(topic);
    const auto old = topic->partition(0);
    REQUIRE_OK(old);
    Replace(bench);
    CHECK_STATUS(kDeleted, old->Read(from).status());
    CHECK_STATUS(kDeleted, old->segments().status());
    REQUIRE_OK_AND_ASSIGN(const Topic made_anew, reader.store->OpenTopic("t"));
    REQUIRE_OK_AND_ASSIGN(Partition partition, made_anew.partition(0));
    REQUIRE_OK_AND_ASSIGN(const Records records, partition.Read(0));
    CHECK(records.size() == 20);
    CHECK_STATUS(kDeleted, topic->partition(0).status());
  }
}

}  // namespace
}  // namespace tidemark
