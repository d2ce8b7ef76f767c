#include <poll.h>

#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include "consumer/cursor_fixture.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

// When a Poll returns, and with what. Assertions of two threads must not meet:
// a test looks at what a Poll returned when the other thread has ended.
namespace tidemark {
namespace {

using test::CursorBench;
using test::OffsetIn;
using test::Offsets;
using test::Places;
using test::PollOffsets;
using test::PollPlaces;
using test::Strings;

constexpr absl::Duration kForever = absl::InfiniteDuration();

CursorOptions PolledFromBegin(const std::string& topic) {
  return {.topics = {topic}, .start = Start::Begin()};
}

TEST_CASE("A poll returns what is there", "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 3);
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  CHECK(PollOffsets(cursor) == Offsets{0, 1, 2});
  CHECK(PollOffsets(cursor).empty());
  bench.Append("t", 0, 3, 1);
  CHECK(PollOffsets(cursor, {.timeout = kForever}) == Offsets{3});
}

TEST_CASE("A poll keeps the limit of records", "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 5);
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  CHECK(PollOffsets(cursor, {.records_max = 2}) == Offsets{0, 1});
  CHECK(PollOffsets(cursor, {.records_max = 2}) == Offsets{2, 3});
  CHECK(PollOffsets(cursor, {.records_max = 2}) == Offsets{4});
}

TEST_CASE("A poll stops behind the record that reaches the limit of bytes",
          "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 10, 5);
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  CHECK(PollOffsets(cursor, {.bytes_max = 1}) == Offsets{0});
  // Four bytes each.
  CHECK(PollOffsets(cursor, {.bytes_max = 5}) == Offsets{1, 2});
  CHECK(PollOffsets(cursor, {.bytes_max = 100}) == Offsets{3, 4});
}

TEST_CASE("Polling without arguments uses the options of the cursor",
          "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 5);
  CursorOptions options = PolledFromBegin("t");
  options.poll.records_max = 4;
  ConsumerCursor cursor = bench.Cursor(options);
  const auto records = cursor.Poll();
  REQUIRE_OK(records);
  CHECK(records->size() == 4);
}

TEST_CASE("Poll options out of range are refused", "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  for (const PollOptions& wrong :
       {PollOptions{.timeout = absl::Seconds(-1)},
        PollOptions{.records_max = 0}, PollOptions{.bytes_max = 0}}) {
    CHECK_STATUS(absl::StatusCode::kInvalidArgument, cursor.Poll(wrong));
  }
}

TEST_CASE("A poll of a closed cursor or store fails", "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  SECTION("the cursor") {
    CHECK_OK(cursor.Close());
    CHECK_OK(cursor.Close());
  }
  SECTION("the store") { CHECK_OK(bench.store->Close()); }
  SECTION("the store is gone") { bench.store.reset(); }
  const auto records = cursor.Poll({.timeout = kForever});
  CHECK_STATUS(absl::StatusCode::kFailedPrecondition, records);
  CHECK(IsClosed(records.status()));
}

TEST_CASE("A poll ends empty at its timeout", "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  bench.clock.JumpOverWaits();
  const absl::Duration before = bench.clock.Monotonic();
  CHECK(PollOffsets(cursor, {.timeout = absl::Seconds(5)}).empty());
  CHECK(bench.clock.Monotonic() - before == absl::Seconds(5));
}

TEST_CASE("A waiting poll returns when a record comes", "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t", 3);
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  std::thread appender([&] {
    bench.clock.AwaitWait(0);
    bench.Append("t", 2, 0, 1);
  });
  const auto records = cursor.Poll({.timeout = kForever});
  appender.join();
  REQUIRE_OK(records);
  CHECK(Places(*records) == Strings{"t/2:0"});
}

TEST_CASE("A wake ends the poll that waits", "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  std::thread waker([&] {
    bench.clock.AwaitWait(0);
    cursor.Wake();
  });
  const auto records = cursor.Poll({.timeout = kForever});
  waker.join();
  REQUIRE_OK(records);
  CHECK(records->empty());
}

TEST_CASE("A wake ends the next poll when none waits", "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  cursor.Wake();
  CHECK(PollOffsets(cursor, {.timeout = kForever}).empty());
  // It counts once.
  bench.clock.JumpOverWaits();
  const absl::Duration before = bench.clock.Monotonic();
  CHECK(PollOffsets(cursor, {.timeout = absl::Seconds(1)}).empty());
  CHECK(bench.clock.Monotonic() - before == absl::Seconds(1));
}

TEST_CASE("A woken poll brings what is there", "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 2);
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  cursor.Wake();
  CHECK(PollOffsets(cursor, {.timeout = kForever}) == Offsets{0, 1});
}

TEST_CASE("The close of the store cancels the poll that waits",
          "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  std::thread closer([&] {
    bench.clock.AwaitWait(0);
    CHECK_OK(bench.store->Close());
  });
  const auto records = cursor.Poll({.timeout = kForever});
  closer.join();
  CHECK_STATUS(absl::StatusCode::kCancelled, records);
  CHECK(IsClosed(records.status()));
}

TEST_CASE("A trimmed position is reported until it is moved", "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 10);
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  CHECK(PollOffsets(cursor, {.records_max = 2}) == Offsets{0, 1});
  REQUIRE_OK(bench.PartitionOf("t").TrimBefore(6));
  for (int i = 0; i < 2; ++i) {
    const auto records = cursor.Poll({.timeout = kForever});
    CHECK_STATUS(absl::StatusCode::kOutOfRange, records);
    REQUIRE(IsTrimmed(records.status()));  // G8
    CHECK(*TrimmedGap(records.status()) == OffsetGap{"t", 0, 2, 6});
    CHECK(OffsetIn(cursor.positions(), "t") == 2);
  }
  REQUIRE_OK(cursor.Seek({"t", 0}, Start::AtOffset(6)));
  CHECK(PollOffsets(cursor) == Offsets{6, 7, 8, 9});
}

TEST_CASE("A position behind the end is reported", "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 3);
  ConsumerCursor cursor =
      bench.Cursor({.topics = {"t"}, .start = Start::AtOffset(5)});
  const auto records = cursor.Poll({.timeout = kForever});
  CHECK_STATUS(absl::StatusCode::kOutOfRange, records);
  CHECK_FALSE(IsTrimmed(records.status()));
  // It is no position any more once the log has come there.
  bench.Append("t", 0, 3, 4);
  CHECK(PollOffsets(cursor) == Offsets{5, 6});
}

TEST_CASE("A deleted topic is reported, and the others go on",
          "[cursor_poll]") {
  CursorBench bench;
  bench.Create("a");
  bench.Create("b");
  bench.Append("b", 0, 0, 1);
  ConsumerCursor cursor =
      bench.Cursor({.topics = {"a", "b"}, .start = Start::Begin()});
  REQUIRE_OK(bench.store->DeleteTopic("a"));
  int failures = 0;
  Strings seen;
  for (int i = 0; i < 4; ++i) {
    const auto records = cursor.Poll();
    if (records.ok()) {
      for (const std::string& place : test::Places(*records)) {
        seen.push_back(place);
      }
    } else {
      CHECK_STATUS(absl::StatusCode::kFailedPrecondition, records);
      ++failures;
    }
  }
  CHECK(seen == Strings{"b/0:0"});
  CHECK(failures >= 2);
}

TEST_CASE("A deleted topic ends the poll that waits", "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  std::thread deleter([&] {
    bench.clock.AwaitWait(0);
    CHECK_OK(bench.store->DeleteTopic("t"));
  });
  const auto records = cursor.Poll({.timeout = kForever});
  deleter.join();
  CHECK_STATUS(absl::StatusCode::kFailedPrecondition, records);
}

TEST_CASE("One bad partition starves none of the others", "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t", 3);
  for (PartitionNumber i = 0; i < 3; ++i) bench.Append("t", i, 0, 4);
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  REQUIRE_OK(bench.PartitionOf("t", 1).TrimBefore(2));
  int failures = 0;
  Strings seen;
  for (int i = 0; i < 30; ++i) {
    const auto records = cursor.Poll({.records_max = 1});
    if (!records.ok()) {
      REQUIRE(IsTrimmed(records.status()));
      ++failures;
      continue;
    }
    for (const std::string& place : test::Places(*records)) {
      seen.push_back(place);
    }
  }
  CHECK(failures > 5);
  CHECK(seen.size() == 8);
  // Out of the way, it is silent.
  REQUIRE_OK(cursor.Pause(std::vector<TopicPartition>{{"t", 1}}));
  for (int i = 0; i < 5; ++i) CHECK_OK(cursor.Poll());
}

TEST_CASE("Durable-only cursors see what is synced", "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 2, Ack::kDisk);
  bench.Append("t", 0, 2, 2, Ack::kMemory);
  CursorOptions options = PolledFromBegin("t");
  options.visibility = Visibility::kDurable;
  ConsumerCursor cursor = bench.Cursor(options);
  ConsumerCursor all = bench.Cursor(PolledFromBegin("t"));
  CHECK(PollOffsets(all) == Offsets{0, 1, 2, 3});
  CHECK(PollOffsets(cursor) == Offsets{0, 1});
  CHECK(PollOffsets(cursor).empty());
  // Polling does the sync that is due in a store without threads.
  bench.clock.Advance(absl::Seconds(1));
  CHECK(PollOffsets(cursor) == Offsets{2, 3});
}

TEST_CASE("A durable-only poll wakes with the sync", "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 1, Ack::kProcess);
  CursorOptions options = PolledFromBegin("t");
  options.visibility = Visibility::kDurable;
  ConsumerCursor cursor = bench.Cursor(options);
  SECTION("of another thread") {
    std::thread syncer([&] {
      bench.clock.AwaitWait(0);
      CHECK_OK(bench.store->Sync());
    });
    const auto records = cursor.Poll({.timeout = kForever});
    syncer.join();
    REQUIRE_OK(records);
    CHECK(Places(*records) == Strings{"t/0:0"});
  }
  SECTION("of its own, when that is due") {
    bench.clock.JumpOverWaits();
    CHECK(PollOffsets(cursor, {.timeout = absl::Hours(1)}) == Offsets{0});
    CHECK(bench.clock.Monotonic() <= absl::Seconds(1));
  }
}

TEST_CASE("The close of the store cancels a poll behind a sync that failed",
          "[cursor_poll]") {
  CursorBench bench;
  FaultEnv env(bench.env);
  bench.Open(StoreOptions::Test(env, bench.clock));
  bench.Create("t");
  CursorOptions options = PolledFromBegin("t");
  options.visibility = Visibility::kDurable;
  ConsumerCursor cursor = bench.Cursor(options);
  bench.Append("t", 0, 0, 1, Ack::kProcess);
  std::thread closer([&] {
    bench.clock.AwaitWait(0);
    env.FailKind(EnvCall::kSync, EIO, /*is_persistent=*/true);
    env.FailKind(EnvCall::kSyncAll, EIO, /*is_persistent=*/true);
    const int waits = bench.clock.wait_count();
    CHECK_FALSE(bench.PartitionOf("t").Sync().ok());
    bench.clock.AwaitWait(waits);
    CHECK_FALSE(bench.store->Close().ok());
  });
  const auto records = cursor.Poll({.timeout = kForever});
  closer.join();
  CHECK_STATUS(absl::StatusCode::kCancelled, records);
}

TEST_CASE("A poll picks up the partitions that a topic gets", "[cursor_poll]") {
  CursorBench bench;
  Topic topic = bench.Create("t", 1);
  bench.Append("t", 0, 0, 1);
  // Even when it began at the end: they are read from their first record.
  ConsumerCursor cursor =
      bench.Cursor({.topics = {"t"}, .start = Start::End()});
  REQUIRE_OK(topic.IncreasePartitions(3));
  bench.Append("t", 2, 0, 2);
  CHECK(PollPlaces(cursor) == Strings{"t/2:0", "t/2:1"});
  CHECK(cursor.partitions().size() == 3);
  CHECK(OffsetIn(cursor.positions(), "t", 1) == 0);
  CHECK(OffsetIn(cursor.positions(), "t", 2) == 2);
}

TEST_CASE("A waiting poll looks for new partitions, too", "[cursor_poll]") {
  CursorBench bench;
  Topic topic = bench.Create("t", 1);
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  std::thread changer([&] {
    bench.clock.AwaitWait(0);
    CHECK_OK(topic.IncreasePartitions(2));
    bench.Append("t", 1, 0, 1);
    bench.clock.Advance(absl::Seconds(1));
  });
  const auto records = cursor.Poll({.timeout = kForever});
  changer.join();
  REQUIRE_OK(records);
  CHECK(Places(*records) == Strings{"t/1:0"});
}

TEST_CASE("Chosen partitions do not grow", "[cursor_poll]") {
  CursorBench bench;
  Topic topic = bench.Create("t", 1);
  ConsumerCursor cursor =
      bench.Cursor({.partitions = {{"t", 0}}, .start = Start::Begin()});
  REQUIRE_OK(topic.IncreasePartitions(2));
  bench.Append("t", 1, 0, 1);
  CHECK(PollPlaces(cursor).empty());
  CHECK(cursor.partitions().size() == 1);
}

bool IsReadable(int descriptor) {
  pollfd entry{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, /*timeout=*/0) == 1;
}

TEST_CASE("The event descriptor is readable while there is something",
          "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t", 2);
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  const int descriptor = cursor.event_fd();
  REQUIRE(descriptor >= 0);
  CHECK(cursor.event_fd() == descriptor);
  CHECK_FALSE(IsReadable(descriptor));
  bench.Append("t", 1, 0, 3);
  CHECK(IsReadable(descriptor));
  CHECK(PollOffsets(cursor, {.records_max = 2}).size() == 2);
  CHECK(IsReadable(descriptor));
  CHECK(PollOffsets(cursor).size() == 1);
  CHECK_FALSE(IsReadable(descriptor));
  bench.Append("t", 0, 0, 1);
  CHECK(IsReadable(descriptor));
}

TEST_CASE("The event descriptor tells what was there before it",
          "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 1);
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  CHECK(IsReadable(cursor.event_fd()));
}

TEST_CASE("A wake makes the event descriptor readable until the next poll",
          "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  const int descriptor = cursor.event_fd();
  cursor.Wake();
  CHECK(IsReadable(descriptor));
  CHECK(PollOffsets(cursor).empty());
  CHECK_FALSE(IsReadable(descriptor));
}

TEST_CASE("The event descriptor follows errors, seeks and pauses",
          "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 4);
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  const int descriptor = cursor.event_fd();
  CHECK(PollOffsets(cursor, {.records_max = 1}) == Offsets{0});
  REQUIRE_OK(bench.PartitionOf("t").TrimBefore(3));
  CHECK_FALSE(cursor.Poll().ok());
  CHECK(IsReadable(descriptor));
  const std::vector<TopicPartition> all = {{"t", 0}};
  REQUIRE_OK(cursor.Pause(all));
  CHECK_FALSE(IsReadable(descriptor));
  REQUIRE_OK(cursor.Resume(all));
  CHECK(IsReadable(descriptor));
  REQUIRE_OK(cursor.Seek(Start::End()));
  CHECK_FALSE(IsReadable(descriptor));
  REQUIRE_OK(cursor.Seek(Start::Begin()));
  CHECK(IsReadable(descriptor));
}

TEST_CASE("The close of the store makes the event descriptor readable",
          "[cursor_poll]") {
  CursorBench bench;
  bench.Create("t");
  ConsumerCursor cursor = bench.Cursor(PolledFromBegin("t"));
  const int descriptor = cursor.event_fd();
  CHECK_FALSE(IsReadable(descriptor));
  REQUIRE_OK(bench.store->Close());
  CHECK(IsReadable(descriptor));
}

}  // namespace
}  // namespace tidemark
