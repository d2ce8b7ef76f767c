#include "consumer/fetcher.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "consumer/cursor_fixture.h"
#include "fmt/core.h"
#include "support/catch.h"
#include "tidemark/env.h"
#include "tidemark/error.h"

// Who gets how much of a fetch, and who is first at the next one.
namespace tidemark::test {
namespace {

// The partitions of one topic in the hands of a fetcher, each at offset 0.
struct FetchBench {
  // Partition i gets counts[i] records, as a batch.
  explicit FetchBench(const std::vector<int>& counts,
                      Visibility visibility = Visibility::kAll)
      : fetcher(visibility) {
    bench.Create("t", static_cast<PartitionNumber>(counts.size()));
    for (size_t i = 0; i < counts.size(); ++i) {
      const auto number = static_cast<PartitionNumber>(i);
      if (counts[i] > 0) bench.Append("t", number, 0, counts[i]);
    }
    Borrow(counts.size());
  }

  void Borrow(size_t count) {
    partitions.clear();
    for (size_t i = 0; i < count; ++i) {
      partitions.emplace_back(
          bench.PartitionOf("t", static_cast<PartitionNumber>(i)).log());
    }
  }

  absl::StatusOr<Records> TryFetch(const PollOptions& limits = {}) {
    return fetcher.Fetch(partitions, limits);
  }

  // "partition:offset" of every record.
  Strings Fetch(const PollOptions& limits = {}) {
    const auto records = TryFetch(limits);
    REQUIRE_OK(records);
    Strings places;
    for (const RecordView& record : *records) {
      places.push_back(
          fmt::format("{}:{}", record.partition(), record.offset()));
    }
    return places;
  }

  // How many records each partition gave.
  std::vector<int> FetchCounts(const PollOptions& limits) {
    const auto records = TryFetch(limits);
    REQUIRE_OK(records);
    std::vector<int> counts(partitions.size());
    for (const RecordView& record : *records) {
      ++counts[static_cast<size_t>(record.partition())];
    }
    return counts;
  }

  Offsets PlaceOffsets() const {
    Offsets offsets;
    for (const CursorPartition& partition : partitions) {
      offsets.push_back(partition.place.offset);
    }
    return offsets;
  }

  // Appends records of 1,000 bytes and a few for each, as one batch.
  void AppendLarge(PartitionNumber number, int count) {
    const std::string value(1000, 'v');
    const std::vector<Record> records(static_cast<size_t>(count),
                                      ValueRecord(value));
    REQUIRE_OK(bench.PartitionOf("t", number).Append(records));
  }

  CursorBench bench;
  std::vector<CursorPartition> partitions;
  Fetcher fetcher;
};

using Counts = std::vector<int>;
using Indexes = std::vector<size_t>;

// Changes the first byte of a value in the files of a partition of "t".
void DamageValue(Env& env, PartitionNumber number, const std::string& value) {
  REQUIRE_OK_AND_ASSIGN(const auto root,
                        env.OpenDirectory("/store", /*is_creating=*/false));
  const std::string path = fmt::format("topics/t/{}", number);
  REQUIRE_OK_AND_ASSIGN(const auto entries, root->List(path));
  int damaged = 0;
  for (const DirectoryEntry& entry : entries) {
    if (!entry.name.ends_with(".log")) continue;
    REQUIRE_OK_AND_ASSIGN(
        const auto file,
        root->OpenFile(path + "/" + entry.name, FileAccess::kReadWrite));
    REQUIRE_OK_AND_ASSIGN(const FileStat stat, file->Stat());
    std::string bytes(stat.size, '\0');
    REQUIRE_OK(file->ReadAt(
        0, {reinterpret_cast<std::byte*>(bytes.data()), bytes.size()}));
    const size_t at = bytes.find(value);
    if (at == std::string::npos) continue;
    REQUIRE_OK(file->WriteAt(at, AsBytes("#")));
    ++damaged;
  }
  REQUIRE(damaged == 1);
}

TEST_CASE("Every partition gets an equal share of the records", "[fetcher]") {
  FetchBench bench({10, 10, 10, 10});
  CHECK(bench.Fetch({.records_max = 8}) ==
        Strings{"0:0", "0:1", "1:0", "1:1", "2:0", "2:1", "3:0", "3:1"});
  CHECK(bench.PlaceOffsets() == Offsets{2, 2, 2, 2});
}

TEST_CASE("A share that is not used goes to those that have more",
          "[fetcher]") {
  FetchBench bench({10, 1, 10});
  CHECK(bench.Fetch({.records_max = 9}) ==
        Strings{"0:0", "0:1", "0:2", "1:0", "2:0", "2:1", "2:2", "0:3", "2:3"});
}

TEST_CASE("The first who was left out is the first of the next fetch",
          "[fetcher]") {
  FetchBench bench({10, 10, 10});
  // Two each, and the two that are left go to the first two.
  CHECK(bench.FetchCounts({.records_max = 8}) == Counts{3, 3, 2});
  CHECK(bench.FetchCounts({.records_max = 7}) == Counts{2, 2, 3});
  CHECK(bench.Fetch({.records_max = 2}) == Strings{"0:5", "1:5"});
  CHECK(bench.Fetch({.records_max = 2}) == Strings{"2:5", "0:6"});
}

TEST_CASE("Behind a fetch that gave to all the same one begins again",
          "[fetcher]") {
  FetchBench bench({9, 9, 9});
  for (Offset i = 0; i < 9; ++i) {
    CHECK(bench.Fetch({.records_max = 3}) == Strings{fmt::format("0:{}", i),
                                                     fmt::format("1:{}", i),
                                                     fmt::format("2:{}", i)});
  }
}

TEST_CASE("No partition starves when a fetch is smaller than their number",
          "[fetcher]") {
  const size_t records_max = GENERATE(1u, 2u, 3u, 4u, 5u, 7u, 49u);
  constexpr size_t kCount = 50;
  constexpr size_t kRecords = 14;
  FetchBench bench(Counts(kCount, kRecords));
  for (size_t total = 0; total < kCount * kRecords;) {
    const Strings places = bench.Fetch({.records_max = records_max});
    REQUIRE_FALSE(places.empty());
    REQUIRE(places.size() <= records_max);
    total += places.size();
    // At no time has one been given two records more than another.
    const Offsets places_now = bench.PlaceOffsets();
    const auto [least, most] =
        std::minmax_element(places_now.begin(), places_now.end());
    REQUIRE(*most - *least <= 1);
  }
}

TEST_CASE("Every partition gets an equal share of the bytes", "[fetcher]") {
  FetchBench bench({0, 0, 0, 0});
  for (PartitionNumber i = 0; i < 4; ++i) bench.AppendLarge(i, 10);
  const auto records = bench.TryFetch({.bytes_max = 8000});
  REQUIRE_OK(records);
  CHECK(bench.PlaceOffsets() == Offsets{2, 2, 2, 2});
  // Behind the record that reaches the limit it is over.
  CHECK(records->byte_size() >= 8000);
  CHECK(records->byte_size() < 8000 + 1100);
}

TEST_CASE("Bytes that are not used go to those that have more", "[fetcher]") {
  FetchBench bench({0, 1, 0});
  bench.AppendLarge(0, 10);
  bench.AppendLarge(2, 10);
  // Three for each share, and the third share is left.
  CHECK(bench.FetchCounts({.bytes_max = 9000}) == Counts{5, 1, 4});
}

TEST_CASE("A record beyond its share ends the fetch at the limit of bytes",
          "[fetcher]") {
  FetchBench bench(Counts(5, 0));
  for (PartitionNumber i = 0; i < 5; ++i) bench.AppendLarge(i, 2);
  for (const char* expected :
       {"0:0", "1:0", "2:0", "3:0", "4:0", "0:1", "1:1", "2:1"}) {
    CHECK(bench.Fetch({.bytes_max = 1000}) == Strings{expected});
  }
  CHECK(bench.Fetch({.bytes_max = 1}) == Strings{"3:1"});
  CHECK(bench.Fetch() == Strings{"4:1"});
}

TEST_CASE("Paused and idle partitions take no share", "[fetcher]") {
  FetchBench bench({10, 10, 0, 10});
  bench.partitions[1].is_paused = true;
  CHECK(bench.FetchCounts({.records_max = 6}) == Counts{3, 0, 0, 3});
  CHECK(bench.fetcher.touched() == Indexes{0, 3});
  bench.partitions[1].is_paused = false;
  bench.partitions[0].is_paused = true;
  CHECK(bench.FetchCounts({.records_max = 6}) == Counts{0, 3, 0, 3});
  CHECK(bench.fetcher.touched() == Indexes{1, 3});
}

TEST_CASE("A fetch is empty when nobody has anything", "[fetcher]") {
  FetchBench bench({2, 0});
  SECTION("left") {
    CHECK(bench.Fetch() == Strings{"0:0", "0:1"});
    CHECK(bench.fetcher.touched() == Indexes{0});
  }
  SECTION("that is not paused") { bench.partitions[0].is_paused = true; }
  SECTION("because there is nobody") { bench.partitions.clear(); }
  CHECK(bench.Fetch().empty());
  CHECK(bench.fetcher.touched().empty());
}

TEST_CASE("A durable-only fetcher returns what is durable", "[fetcher]") {
  FetchBench bench({4, 4}, Visibility::kDurable);
  REQUIRE_OK(bench.partitions[1].log->Sync());
  bench.bench.Append("t", 1, 4, 2);
  // The other partition takes no share.
  CHECK(bench.Fetch({.records_max = 4}) == Strings{"1:0", "1:1", "1:2", "1:3"});
  CHECK(bench.fetcher.touched() == Indexes{1});
  CHECK(bench.Fetch().empty());
  REQUIRE_OK(bench.bench.store->Sync());
  CHECK(bench.FetchCounts({}) == Counts{4, 2});
}

TEST_CASE("A place moves with the incarnation of the last record",
          "[fetcher]") {
  FetchBench bench({2, 2});
  bench.bench.Open();
  bench.Borrow(2);
  bench.bench.Append("t", 0, 2, 1);
  const Incarnation now = bench.partitions[0].log->incarnation();
  bench.partitions[1].place.incarnation = 77;
  CHECK(bench.Fetch({.records_max = 1}) == Strings{"0:0"});
  CHECK(bench.partitions[0].place.incarnation == now - 1);
  // It had its turn, and nothing was left for it.
  CHECK(bench.partitions[1].place.incarnation == 77);
  CHECK(bench.FetchCounts({}) == Counts{2, 2});
  CHECK(bench.partitions[0].place.incarnation == now);
  CHECK(bench.partitions[1].place.incarnation == now - 1);
}

TEST_CASE("A damaged partition hides no record of the others", "[fetcher]") {
  FetchBench bench({4, 2, 4, 4});
  REQUIRE_OK(bench.bench.store->Sync());
  bench.bench.Append("t", 1, 7654321, 1);
  bench.bench.store.reset();
  DamageValue(bench.bench.env, 1, "7654321");
  bench.bench.Open();
  bench.Borrow(4);
  // The two records before the damage stand in a batch of their own.
  CHECK(bench.Fetch({.records_max = 8}) ==
        Strings{"0:0", "0:1", "1:0", "1:1", "2:0", "2:1", "3:0", "3:1"});
  CHECK(bench.Fetch({.records_max = 8}) == Strings{"0:2", "0:3"});
  const Offsets places = bench.PlaceOffsets();
  const absl::Status status = bench.TryFetch().status();
  CHECK(DamagedGap(status) == OffsetGap{"t", 1, 2, 3});
  CHECK(bench.PlaceOffsets() == places);
  CHECK(bench.Fetch() == Strings{"2:2", "2:3", "3:2", "3:3"});
  // It is told again as long as nobody moves the place.
  CHECK(IsDamaged(bench.TryFetch().status()));
  bench.bench.Append("t", 3, 4, 1);
  CHECK(bench.Fetch() == Strings{"3:4"});
  CHECK(IsDamaged(bench.TryFetch().status()));
  bench.partitions[1].place.offset = 3;
  CHECK(bench.Fetch().empty());
}

TEST_CASE("Several bad partitions are told in turn with the others' records",
          "[fetcher]") {
  FetchBench bench({4, 4, 4, 4});
  for (const PartitionNumber bad : {1, 2}) {
    REQUIRE_OK(bench.bench.PartitionOf("t", bad).TrimBefore(2));
  }
  const auto trimmed = [&] {
    const auto gap = TrimmedGap(bench.TryFetch().status());
    REQUIRE(gap.has_value());
    return gap->partition;
  };
  CHECK(bench.Fetch({.records_max = 8}) == Strings{"0:0", "0:1"});
  CHECK(trimmed() == 1);
  CHECK(trimmed() == 2);
  CHECK(bench.Fetch({.records_max = 8}) == Strings{"3:0", "3:1", "0:2", "0:3"});
  CHECK(trimmed() == 1);
  CHECK(trimmed() == 2);
  CHECK(bench.Fetch() == Strings{"3:2", "3:3"});
  CHECK(bench.PlaceOffsets() == Offsets{4, 0, 0, 4});
}

TEST_CASE("A place that is to be checked is checked once, and before a read",
          "[fetcher]") {
  FetchBench bench({4, 4});
  CursorPlace& place = bench.partitions[0].place;
  place.needs_check = true;
  SECTION("and holds") {
    place.offset = 1;
    CHECK(bench.Fetch() ==
          Strings{"0:1", "0:2", "0:3", "1:0", "1:1", "1:2", "1:3"});
    CHECK_FALSE(place.needs_check);
  }
  SECTION("and holds at the end, where nothing is read") {
    place.offset = 4;
    CHECK(bench.Fetch().size() == 4);
    CHECK_FALSE(place.needs_check);
    CHECK(place.offset == 4);
  }
  SECTION("and lies behind the end") {
    place.offset = 6;
    const absl::Status status = bench.TryFetch().status();
    CHECK(TruncatedGap(status) == OffsetGap{"t", 0, 4, 6});
    CHECK(place.needs_check);
    CHECK(bench.Fetch().size() == 4);
  }
  SECTION("and lies below the start") {
    REQUIRE_OK(bench.partitions[0].log->TrimBefore(3));
    place.offset = 2;
    const absl::Status status = bench.TryFetch().status();
    CHECK(TrimmedGap(status) == OffsetGap{"t", 0, 2, 3});
    CHECK(place.needs_check);
    CHECK(bench.Fetch().size() == 4);
  }
}

TEST_CASE("A place that is to be checked is behind the record that was there",
          "[fetcher]") {
  // G8
  FetchBench bench({4, 4});
  bench.bench.Open();
  bench.Borrow(2);
  bench.bench.Append("t", 0, 4, 4);
  CursorPlace& place = bench.partitions[0].place;
  place = {.offset = 6,
           .incarnation = bench.partitions[0].log->incarnation() - 1,
           .needs_check = true};
  const absl::Status status = bench.TryFetch().status();
  CHECK(TruncatedGap(status) == OffsetGap{"t", 0, 4, 6});
  place.incarnation += 1;
  CHECK(bench.FetchCounts({}) == Counts{2, 4});
}

TEST_CASE("A lost place is told, and nothing is read from it", "[fetcher]") {
  FetchBench bench({4, 4});
  bench.partitions[0].place.lost = absl::DataLossError("why");
  for (int i = 0; i < 2; ++i) {
    CHECK(bench.TryFetch().status() == absl::DataLossError("why"));
    CHECK(bench.Fetch({.records_max = 4}).size() == 2);
  }
  CHECK(bench.PlaceOffsets() == Offsets{0, 4});
}

}  // namespace
}  // namespace tidemark::test
