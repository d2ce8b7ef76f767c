#include "consumer/start_resolver.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "consumer/cursor_file_fixture.h"
#include "consumer/cursor_fixture.h"
#include "support/catch.h"
#include "tidemark/error.h"

// Which place each kind of Start is in a partition, and what becomes of a place
// that the log does not lead to.
namespace tidemark::test {
namespace {

// The topic "t" of two partitions with ten records each, of which the second
// half is not durable, and a file of commits.
struct StartBench {
  StartBench() {
    StoreOptions options = StoreOptions::Test(bench.env, bench.clock);
    options.sync_interval = absl::InfiniteDuration();
    bench.Open(options);
    bench.Create("t", 2);
    for (PartitionNumber i = 0; i < 2; ++i) {
      bench.Append("t", i, 0, 5, Ack::kDisk);
      bench.clock.Advance(absl::Seconds(10));
      bench.Append("t", i, 5, 5, Ack::kMemory);
    }
  }

  CursorPartition At(PartitionNumber number, bool is_subscribed = false) {
    CursorPartition partition(bench.PartitionOf("t", number).log());
    partition.is_subscribed = is_subscribed;
    return partition;
  }

  // Opens the file of commits for both partitions.
  void OpenFile() {
    file.reset();
    auto opened = directory.Open();
    REQUIRE_OK(opened);
    file = *std::move(opened);
    REQUIRE_OK(file->Take(std::vector<CursorKey>{At(0).key, At(1).key}));
    resolver.file = file.get();
  }

  void Commit(PartitionNumber number, Offset offset, Incarnation incarnation) {
    if (file == nullptr) OpenFile();
    const CursorCommit commit{At(number).key, offset, incarnation};
    REQUIRE_OK(file->Write({&commit, 1}, Ack::kProcess, /*time=*/0));
  }

  // Leaves nothing of what was committed first.
  void LoseFirstCommit() {
    file.reset();
    directory.DamageSlot(0, 0);
    directory.DamageSlot(0, 1);
    OpenFile();
  }

  CursorPlace Resolve(const Start& start, const CursorPartition& partition) {
    auto place = resolver.Resolve(start, partition);
    REQUIRE_OK(place);
    return *std::move(place);
  }
  CursorPlace Resolve(const Start& start) { return Resolve(start, At(0)); }

  CursorPlace ResolveNew(const Start& start, PartitionNumber number) {
    auto place = resolver.ResolveNew(start, At(number, true));
    REQUIRE_OK(place);
    return *std::move(place);
  }

  // Positions that hold the partition of this number alone.
  Positions PositionsOf(PartitionNumber number, Offset offset,
                        Incarnation incarnation) {
    const CursorPartition partition = At(number);
    Positions positions;
    positions.Set(
        {"t", partition.key.topic_id.bytes, number, offset, incarnation});
    return positions;
  }

  Incarnation incarnation() { return At(0).log->incarnation(); }

  // A place that this open of the store vouches for.
  bool IsKnown(const CursorPlace& place, Offset offset) {
    return place.lost.ok() && !place.needs_check && place.offset == offset &&
           place.incarnation == incarnation();
  }

  CursorBench bench;
  CursorDirectory directory{bench.env};
  std::unique_ptr<CursorFile> file;
  StartResolver resolver;
};

// A place that somebody remembers and the log is asked about.
bool IsRemembered(const CursorPlace& place, Offset offset,
                  Incarnation incarnation) {
  return place.lost.ok() && place.needs_check && place.offset == offset &&
         place.incarnation == incarnation;
}

TEST_CASE("Begin is the oldest record that is kept", "[start_resolver]") {
  StartBench bench;
  CHECK(bench.IsKnown(bench.Resolve(Start::Begin()), 0));
  REQUIRE_OK(bench.At(0).log->TrimBefore(3));
  CHECK(bench.IsKnown(bench.Resolve(Start::Begin()), 3));
}

TEST_CASE("End lies behind the last record that may be seen",
          "[start_resolver]") {
  StartBench bench;
  CHECK(bench.IsKnown(bench.Resolve(Start::End()), 10));
  bench.resolver.visibility = Visibility::kDurable;
  CHECK(bench.IsKnown(bench.Resolve(Start::End()), 5));
}

TEST_CASE("AtOffset is that offset, wherever the log is", "[start_resolver]") {
  StartBench bench;
  for (const Offset offset : {0, 7, 10, 11, 1000}) {
    const CursorPlace place = bench.Resolve(Start::AtOffset(offset));
    CHECK(place.offset == offset);
    CHECK(place.incarnation == 0);
    CHECK_FALSE(place.needs_check);
    CHECK_OK(place.lost);
  }
}

TEST_CASE("AtTime is the first record of that time or a later one",
          "[start_resolver]") {
  StartBench bench;
  // The first five of partition 1 are as old as the last five of partition 0.
  const absl::Time later = bench.bench.clock.Now() - absl::Seconds(10);
  const auto resolve = [&](absl::Time time, PartitionNumber number) {
    return bench.Resolve(Start::AtTime(time), bench.At(number));
  };
  const absl::Duration step = absl::Microseconds(1);
  CHECK(bench.IsKnown(resolve(absl::InfinitePast(), 0), 0));
  CHECK(bench.IsKnown(resolve(later - step, 0), 5));
  CHECK(bench.IsKnown(resolve(later, 0), 5));
  CHECK(bench.IsKnown(resolve(later + step, 0), 10));
  CHECK(bench.IsKnown(resolve(later, 1), 0));
  CHECK(bench.IsKnown(resolve(later + step, 1), 5));
  CHECK(bench.IsKnown(resolve(absl::InfiniteFuture(), 1), 10));
}

TEST_CASE("A log that cannot be asked for a time fails the start",
          "[start_resolver]") {
  StartBench bench;
  const CursorPartition partition = bench.At(0);
  REQUIRE_OK(bench.bench.store->Close());
  const Start start = Start::AtTime(bench.bench.clock.Now());
  CHECK(IsClosed(bench.resolver.Resolve(start, partition).status()));
}

TEST_CASE("A place beside the writing process vouches for no incarnation",
          "[start_resolver]") {
  StartBench bench;
  const auto process = bench.bench.env.StartProcess();
  StoreOptions options = StoreOptions::Test(*process, bench.bench.clock);
  options.read_only = true;
  REQUIRE_OK_AND_ASSIGN(Store store, Store::Open("/store", options));
  REQUIRE_OK_AND_ASSIGN(const Topic topic, store.OpenTopic("t"));
  REQUIRE_OK_AND_ASSIGN(const Partition partition, topic.partition(0));
  for (const Start& start :
       {Start::Begin(), Start::End(), Start::AtTime(bench.bench.clock.Now())}) {
    const CursorPlace place =
        bench.Resolve(start, CursorPartition(partition.log()));
    CHECK(place.incarnation == 0);
    CHECK_FALSE(place.needs_check);
  }
}

TEST_CASE("Positions say where a partition begins", "[start_resolver]") {
  StartBench bench;
  const Start start = Start::At(bench.PositionsOf(1, 4, 9), Start::End());
  CHECK(IsRemembered(bench.Resolve(start, bench.At(1)), 4, 9));
  CHECK(IsRemembered(bench.Resolve(start, bench.At(1, true)), 4, 9));
}

TEST_CASE("A partition that the positions do not name begins elsewhere",
          "[start_resolver]") {
  StartBench bench;
  const Positions others = bench.PositionsOf(1, 4, 9);
  SECTION("at its first record if its topic got it later") {
    for (const Start& start :
         {Start::At(others), Start::At(others, Start::End())}) {
      CHECK(bench.IsKnown(bench.Resolve(start, bench.At(0, true)), 0));
    }
  }
  SECTION("where the fallback says if it was chosen") {
    const Start start = Start::At(others, Start::AtOffset(7));
    CHECK(bench.Resolve(start).offset == 7);
  }
  SECTION("where the fallback says if its topic is not named") {
    const Start start = Start::At(Positions(), Start::AtOffset(7));
    CHECK(bench.Resolve(start, bench.At(0, true)).offset == 7);
  }
  SECTION("nowhere without a fallback") {
    const absl::Status chosen =
        bench.resolver.Resolve(Start::At(others), bench.At(0)).status();
    CHECK_STATUS(absl::StatusCode::kInvalidArgument, chosen);
    CHECK(chosen.message() ==
          "start: topic t partition 0 is not in the positions");
    CHECK_STATUS(
        absl::StatusCode::kInvalidArgument,
        bench.resolver.Resolve(Start::At(Positions()), bench.At(0, true)));
  }
}

TEST_CASE("Positions of an earlier topic are of another one",
          "[start_resolver]") {
  StartBench bench;
  Positions old;
  old.Set({"t", IdOf(77).bytes, 0, 4, 9});
  const bool is_subscribed = GENERATE(false, true);
  const absl::Status status =
      bench.resolver.Resolve(Start::At(old), bench.At(0, is_subscribed))
          .status();
  CHECK_STATUS(absl::StatusCode::kInvalidArgument, status);
  CHECK(status.message() ==
        "start: topic t partition 0 is in the positions of an earlier topic of "
        "that name");
  const Start start = Start::At(old, Start::End());
  CHECK(bench.IsKnown(bench.Resolve(start, bench.At(0, is_subscribed)), 10));
}

TEST_CASE("Committed goes on behind the commit", "[start_resolver]") {
  StartBench bench;
  const Start start = Start::Committed(Start::End());
  bench.Commit(0, 3, 8);
  CHECK(IsRemembered(bench.Resolve(start), 3, 8));
  bench.Commit(0, 6, 9);
  CHECK(IsRemembered(bench.Resolve(start), 6, 9));
  // Also as the fallback of other kinds.
  CHECK(IsRemembered(bench.Resolve(Start::At(Positions(), start)), 6, 9));
  CHECK(IsRemembered(bench.Resolve(Start::Committed(start)), 6, 9));
}

TEST_CASE("Without a commit the fallback says where to begin",
          "[start_resolver]") {
  StartBench bench;
  const Start start = Start::Committed(Start::AtOffset(7));
  SECTION("without a file") {}
  SECTION("with a file that has none") { bench.OpenFile(); }
  for (const bool is_subscribed : {false, true}) {
    CHECK(bench.Resolve(start, bench.At(0, is_subscribed)).offset == 7);
  }
}

TEST_CASE("A partition without a commit beside others that have one is new",
          "[start_resolver]") {
  StartBench bench;
  bench.Commit(1, 4, 1);
  const Start start = Start::Committed(Start::End());
  CHECK(bench.IsKnown(bench.Resolve(start, bench.At(0, true)), 0));
  // Of a topic that is not read as a whole it may have been left out.
  CHECK(bench.IsKnown(bench.Resolve(start, bench.At(0, false)), 10));
}

TEST_CASE("A commit that cannot be read is a lost place", "[start_resolver]") {
  StartBench bench;
  bench.Commit(0, 3, 1);
  bench.LoseFirstCommit();
  const Start start = Start::Committed(Start::Begin());
  const CursorPlace place = bench.Resolve(start);
  CHECK_STATUS(absl::StatusCode::kDataLoss, place.lost);
  CHECK(IsDamaged(place.lost));
  CHECK(place.lost.message() ==
        "topic t partition 0: its commit cannot be read");
  CHECK(IsDamaged(bench.ResolveNew(start, 0).lost));
  // Who does not ask for it begins as ever.
  CHECK(bench.IsKnown(bench.Resolve(Start::End()), 10));
}

TEST_CASE("A partition that came later begins at its first record",
          "[start_resolver]") {
  StartBench bench;
  const Positions other = bench.PositionsOf(0, 3, 1);
  for (const Start& start :
       {Start::End(), Start::AtOffset(7), Start::AtTime(absl::InfiniteFuture()),
        Start::At(other), Start::At(Positions()),
        Start::Committed(Start::End())}) {
    CHECK(bench.IsKnown(bench.ResolveNew(start, 1), 0));
  }
}

TEST_CASE("A partition that came later goes on behind its commit",
          "[start_resolver]") {
  StartBench bench;
  bench.Commit(1, 4, 2);
  const Start committed = Start::Committed(Start::End());
  CHECK(IsRemembered(bench.ResolveNew(committed, 1), 4, 2));
  CHECK(bench.IsKnown(bench.ResolveNew(committed, 0), 0));
  CHECK(bench.IsKnown(bench.ResolveNew(Start::End(), 1), 0));
}

// What the first read is told of a place.
absl::Status FirstRead(StartBench& bench, const Start& start) {
  auto cursor =
      bench.bench.TryCursor({.partitions = {{"t", 0}}, .start = start});
  REQUIRE_OK(cursor);
  return cursor->Poll().status();
}

TEST_CASE("The first read tells what is wrong with a place",
          "[start_resolver]") {
  // G8
  StartBench bench;
  REQUIRE_OK(bench.At(0).log->TrimBefore(3));
  const auto kept = [&](Offset offset) {
    return Start::At(bench.PositionsOf(0, offset, bench.incarnation()));
  };
  SECTION("below the start") {
    for (const Start& start : {Start::AtOffset(2), kept(2)}) {
      const absl::Status status = FirstRead(bench, start);
      CHECK_STATUS(absl::StatusCode::kOutOfRange, status);
      CHECK(TrimmedGap(status) == OffsetGap{"t", 0, 2, 3});
    }
  }
  SECTION("behind the end, where a record was once") {
    const absl::Status status = FirstRead(bench, kept(11));
    CHECK_STATUS(absl::StatusCode::kOutOfRange, status);
    CHECK(TruncatedGap(status) == OffsetGap{"t", 0, 10, 11});
  }
  SECTION("behind the end, where there may never have been one") {
    const absl::Status status = FirstRead(bench, Start::AtOffset(11));
    CHECK_STATUS(absl::StatusCode::kOutOfRange, status);
    CHECK(ReasonOf(status) == ErrorReason::kNone);
  }
  SECTION("nothing at either end") {
    for (const Start& start :
         {Start::AtOffset(3), kept(3), Start::AtOffset(10), kept(10)}) {
      CHECK_OK(FirstRead(bench, start));
    }
  }
}

TEST_CASE("The first read tells of a record that a crash replaced",
          "[start_resolver]") {
  // G8
  StartBench bench;
  const Incarnation before = bench.incarnation();
  const Start start = Start::At(bench.PositionsOf(0, 8, before));
  bench.bench.env.DropUnsynced();
  bench.bench.Open();
  bench.bench.Append("t", 0, 500, 5);
  const absl::Status status = FirstRead(bench, start);
  CHECK(TruncatedGap(status) == OffsetGap{"t", 0, 5, 8});
  // A position below what was lost still holds.
  CHECK_OK(FirstRead(bench, Start::At(bench.PositionsOf(0, 5, before))));
}

}  // namespace
}  // namespace tidemark::test
