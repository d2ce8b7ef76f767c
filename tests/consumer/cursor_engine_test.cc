#include "consumer/cursor_engine.h"

#include <memory>
#include <string>

#include "consumer/cursor_fixture.h"
#include "tidemark/error.h"

// What a commit keeps, and what positions are worth.
namespace tidemark::test {
namespace {

CursorOptions Named(Ack commit_level) {
  return {.topics = {"t"},
          .start = Start::Committed(Start::Begin()),
          .name = "g",
          .commit_level = commit_level};
}

// Opens the store as it is behind a loss of power.
Offset CommittedAfterPowerCut(CursorBench& bench) {
  const auto machine = bench.env.CopyDurable();
  REQUIRE_OK_AND_ASSIGN(
      Store store,
      Store::Open("/store", StoreOptions::Test(*machine, bench.clock)));
  REQUIRE_OK_AND_ASSIGN(ConsumerCursor cursor,
                        ConsumerCursor::Open(store, Named(Ack::kDisk)));
  REQUIRE_OK_AND_ASSIGN(const Positions committed, cursor.committed());
  return OffsetIn(committed, "t");
}

TEST_CASE("A durable commit of what the process committed before is durable",
          "[cursor_engine]") {
  // G8
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 5, Ack::kMemory);
  {
    ConsumerCursor cursor = bench.Cursor(Named(Ack::kProcess));
    CHECK(PollOffsets(cursor).size() == 5);
    REQUIRE_OK(cursor.Commit());
  }
  ConsumerCursor cursor = bench.Cursor(Named(Ack::kDisk));
  REQUIRE_OK(cursor.Commit());
  CHECK(bench.PartitionOf("t").marks().durable == 5);
  CHECK(CommittedAfterPowerCut(bench) == 5);
}

TEST_CASE("A commit that the log does not lead to any more may stand",
          "[cursor_engine]") {
  const Ack level = GENERATE(Ack::kProcess, Ack::kDisk);
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 5, Ack::kDisk);
  {
    ConsumerCursor cursor = bench.Cursor(Named(Ack::kProcess));
    CHECK(PollOffsets(cursor, {.records_max = 2}).size() == 2);
    REQUIRE_OK(cursor.Commit());
  }
  REQUIRE_OK(bench.PartitionOf("t").TrimBefore(4));
  ConsumerCursor cursor = bench.Cursor(Named(level));
  CHECK_OK(cursor.Commit());
  CHECK(IsTrimmed(cursor.Poll().status()));
  REQUIRE_OK_AND_ASSIGN(const Positions committed, cursor.committed());
  CHECK(OffsetIn(committed, "t") == 2);
}

TEST_CASE("Cursors of a topic that is deleted fail", "[cursor_engine]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 5);
  ConsumerCursor cursor = bench.Cursor(Named(Ack::kProcess));
  CHECK(PollOffsets(cursor, {.records_max = 2}).size() == 2);
  REQUIRE_OK(cursor.Commit());
  REQUIRE_OK(bench.store->DeleteTopic("t"));
  CHECK(IsClosed(cursor.Poll().status()));
  CHECK(IsClosed(cursor.Poll({.timeout = absl::InfiniteDuration()}).status()));
  CHECK_OK(cursor.Close());
  // The topic of the same name is another one: its commits are its own.
  bench.Create("t");
  bench.Append("t", 0, 100, 3);
  ConsumerCursor fresh = bench.Cursor(Named(Ack::kProcess));
  REQUIRE_OK_AND_ASSIGN(const Positions committed, fresh.committed());
  CHECK(committed.empty());
  CHECK(PollOffsets(fresh) == Offsets{0, 1, 2});
}

TEST_CASE("Positions of a topic that was deleted do not fit the next one",
          "[cursor_engine]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 5);
  CursorOptions options{.topics = {"t"}, .start = Start::Begin()};
  Positions old;
  {
    ConsumerCursor cursor = bench.Cursor(options);
    CHECK(PollOffsets(cursor).size() == 5);
    old = cursor.positions();
  }
  REQUIRE_OK(bench.store->DeleteTopic("t"));
  bench.Create("t");
  bench.Append("t", 0, 0, 9);
  options.start = Start::At(old);
  CHECK_STATUS(absl::StatusCode::kInvalidArgument, bench.TryCursor(options));
  options.start = Start::At(old, Start::Begin());
  ConsumerCursor cursor = bench.Cursor(options);
  CHECK(PollOffsets(cursor).size() == 9);
  REQUIRE_OK(cursor.Close());
  ConsumerCursor named = bench.Cursor(Named(Ack::kProcess));
  CHECK_STATUS(absl::StatusCode::kInvalidArgument, named.Commit(old));
}

TEST_CASE("A commit behind the end is refused", "[cursor_engine]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 5);
  ConsumerCursor cursor = bench.Cursor(Named(Ack::kProcess));
  Positions positions = cursor.positions();
  REQUIRE(positions.Move("t", 0, 6, 1));
  CHECK_STATUS(absl::StatusCode::kOutOfRange, cursor.Commit(positions));
  REQUIRE(positions.Move("t", 0, 5, 1));
  CHECK_OK(cursor.Commit(positions));
}

}  // namespace
}  // namespace tidemark::test
