#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "consumer/cursor_fixture.h"
#include "record/batch_format.h"
#include "segment/segment_format.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

// A cursor in a store that another process is writing, with a partition whose
// files are not well.
namespace tidemark {
namespace {

using test::CursorBench;
using test::Strings;

constexpr std::string_view kBadFile = "topics/t/1/00000000000000000000.log";

// Three partitions with two records each, of which the second proves that the
// first was there, and a cursor over them in a process
// that only reads.
struct Reading {
  Reading() : process(bench.env.StartProcess()), faults(*process) {
    bench.Create("t", 3);
    for (PartitionNumber i = 0; i < 3; ++i) {
      bench.Append("t", i, 0, 1, Ack::kDisk);
      bench.Append("t", i, 1, 1, Ack::kDisk);
    }
  }

  ConsumerCursor Open() {
    StoreOptions options = StoreOptions::Test(faults, bench.clock);
    options.read_only = true;
    auto opened = Store::Open("/store", options);
    REQUIRE_OK(opened);
    store.emplace(*std::move(opened));
    auto cursor = ConsumerCursor::Open(
        *store, {.topics = {"t"}, .start = Start::Begin()});
    REQUIRE_OK(cursor);
    return *std::move(cursor);
  }

  // Every call for a file of the bad partition fails.
  void Fail(EnvCall kind) {
    faults.Inject({.kind = kind, .name_part = "t/1/", .is_persistent = true});
  }

  // Flips a bit of the first record of the bad partition.
  void Damage() {
    auto directory = bench.env.OpenDirectory("/store", false);
    REQUIRE_OK(directory);
    auto file = (*directory)->OpenFile(kBadFile, FileAccess::kReadWrite);
    REQUIRE_OK(file);
    const uint64_t position =
        segment_format::kDataPosition + batch_format::kHeaderSize;
    std::byte byte;
    REQUIRE_OK((*file)->ReadAt(position, {&byte, 1}));
    byte ^= std::byte{1};
    REQUIRE_OK((*file)->WriteAt(position, {&byte, 1}));
  }

  CursorBench bench;
  std::unique_ptr<MemoryEnv> process;
  FaultEnv faults;
  std::optional<Store> store;
};

// Polls often enough for all, each error of which has to be `is_expected`, and
// returns what came, in the order of the partitions.
Strings PollAll(ConsumerCursor& cursor,
                const std::function<bool(const absl::Status&)>& is_expected) {
  Strings places;
  int failures = 0;
  for (int i = 0; i < 20; ++i) {
    const auto records = cursor.Poll({.records_max = 3});
    if (!records.ok()) {
      INFO(records.status().ToString());
      REQUIRE(is_expected(records.status()));
      ++failures;
      continue;
    }
    for (std::string& place : test::Places(*records)) {
      places.push_back(std::move(place));
    }
  }
  // It does not fall silent either.
  CHECK(failures > 2);
  std::sort(places.begin(), places.end());
  return places;
}

TEST_CASE("A reading cursor passes a partition that cannot be read",
          "[cursor_poll]") {
  Reading reading;
  ConsumerCursor cursor = reading.Open();
  reading.Fail(EnvCall::kRead);
  CHECK(PollAll(cursor, IsIoError) ==
        Strings{"t/0:0", "t/0:1", "t/2:0", "t/2:1"});
  // And does not forget it.
  reading.faults.ClearFaults();
  CHECK(test::PollPlaces(cursor) == Strings{"t/1:0", "t/1:1"});
}

TEST_CASE("A reading cursor passes a partition that is damaged",
          "[cursor_poll]") {
  Reading reading;
  ConsumerCursor cursor = reading.Open();
  reading.Damage();
  CHECK(PollAll(cursor, IsDamaged) ==
        Strings{"t/0:0", "t/0:1", "t/2:0", "t/2:1"});
}

TEST_CASE("A reading cursor passes a partition that was damaged before",
          "[cursor_poll]") {
  Reading reading;
  REQUIRE_OK(reading.bench.store->Close());
  reading.Damage();
  ConsumerCursor cursor = reading.Open();
  CHECK(PollAll(cursor, IsDamaged) ==
        Strings{"t/0:0", "t/0:1", "t/2:0", "t/2:1"});
}

TEST_CASE("A reading cursor follows the partitions beside one that it cannot",
          "[cursor_poll]") {
  const EnvCall call = GENERATE(EnvCall::kStatFile, EnvCall::kRead);
  CAPTURE(EnvCallName(call));
  Reading reading;
  ConsumerCursor cursor = reading.Open();
  REQUIRE(test::PollPlaces(cursor).size() == 6);
  for (PartitionNumber i = 0; i < 3; ++i) {
    reading.bench.Append("t", i, 2, 1, Ack::kDisk);
  }
  reading.Fail(call);
  CHECK(PollAll(cursor, IsIoError) == Strings{"t/0:2", "t/2:2"});
  reading.faults.ClearFaults();
  CHECK(test::PollPlaces(cursor) == Strings{"t/1:2"});
}

}  // namespace
}  // namespace tidemark
