#include "segment/segment_check.h"

#include <algorithm>
#include <memory>
#include <string>

#include "base/checksum.h"
#include "base/endian.h"
#include "segment/segment_fixture.h"
#include "segment/segment_trailer.h"
#include "support/catch.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

const std::string kName = "00000000000000000042.log";

// A segment of four batches, sealed or not.
struct Sample : MemoryWorld {
  explicit Sample(bool is_sealed) {
    SegmentWriter writer(*root, "", TestHeader(42), 3000);
    writer.Append(3, 42).Append(2, 44, 700).Mark(47).Append(4, 47);
    if (is_sealed) writer.Seal(47);
    index = std::make_unique<SegmentIndex>(writer.index());
    places = writer.places;
    bytes = ReadWhole(*root, kName);
  }

  SegmentSnapshot Snapshot(bool is_sealed) {
    SegmentSnapshot snapshot;
    snapshot.file = kName;
    snapshot.header = TestHeader(42);
    snapshot.totals = index->totals();
    snapshot.file_size = bytes.size();
    snapshot.is_sealed = is_sealed;
    return snapshot;
  }

  absl::Status Check(const SegmentSnapshot& snapshot) {
    WriteWhole(*root, kName, bytes);
    auto file =
        SegmentFile::Open(*root, "", TestIdentity(), 42, FileAccess::kReadOnly);
    if (!file.ok()) return file.status();
    return CheckSegment(snapshot, **file);
  }

  std::unique_ptr<SegmentIndex> index;
  std::vector<BatchPlace> places;
  std::string bytes;
};

TEST_CASE("A segment that nobody touched passes the check", "[segment]") {
  for (const bool is_sealed : {false, true}) {
    Sample sample(is_sealed);
    CHECK_OK(sample.Check(sample.Snapshot(is_sealed)));
  }
}

TEST_CASE("Every flipped bit of a segment fails the check", "[segment]") {
  for (const bool is_sealed : {false, true}) {
    Sample sample(is_sealed);
    const std::string good = sample.bytes;
    const SegmentSnapshot snapshot = sample.Snapshot(is_sealed);
    for (size_t bit = 0; bit < 8 * good.size(); bit += bit / 8 < 600 ? 1 : 3) {
      sample.bytes = good;
      sample.bytes[bit / 8] ^= static_cast<char>(1 << (bit % 8));
      const absl::Status status = sample.Check(snapshot);
      if (!IsDamaged(status)) FAIL("bit " << bit << ": " << status.ToString());
    }
  }
}

TEST_CASE("Every shorter length of a sealed segment fails the check",
          "[segment]") {
  Sample sample(true);
  const std::string good = sample.bytes;
  const SegmentSnapshot snapshot = sample.Snapshot(true);
  for (size_t size = 0; size < good.size(); size += 7) {
    sample.bytes = good.substr(0, size);
    CHECK(IsDamaged(sample.Check(snapshot)));
  }
}

TEST_CASE("The damage names its offsets", "[segment]") {
  Sample sample(true);
  const SegmentSnapshot snapshot = sample.Snapshot(true);
  const std::string good = sample.bytes;
  const auto gap = [&](uint64_t position) {
    sample.bytes = good;
    sample.bytes[position] ^= 1;
    return DamagedGap(sample.Check(snapshot)).value();
  };
  const auto range = [](Offset from, Offset to) {
    return OffsetGap{.topic = "", .partition = 7, .from = from, .to = to};
  };
  CHECK(gap(sample.places[1].position + 5) == range(45, 47));
  CHECK(gap(sample.places[1].position + 400) == range(45, 47));
  CHECK(gap(sample.places[3].position + 40) == range(47, 51));
  CHECK(gap(sample.places[2].position + 40) == range(47, 47));
  CHECK(gap(sample.bytes.size() - 20) == range(51, 51));
  CHECK(gap(700) == range(42, 42));
}

std::vector<DamagedRange> FindDamage(Sample& sample,
                                     const SegmentSnapshot& snapshot) {
  WriteWhole(*sample.root, kName, sample.bytes);
  const auto file = *SegmentFile::Open(*sample.root, "", TestIdentity(), 42,
                                       FileAccess::kReadOnly);
  std::vector<DamagedRange> found;
  REQUIRE_OK(FindSegmentDamage(
      snapshot, *file,
      [&found](const DamagedRange& range) { found.push_back(range); }));
  return found;
}

TEST_CASE("One damage does not hide another one", "[segment]") {
  // Every pair of places; each has to be in a range of its own.
  Sample sample(true);
  const SegmentSnapshot snapshot = sample.Snapshot(true);
  const std::string good = sample.bytes;
  const std::vector<uint64_t> places = {20,
                                        532,
                                        sample.places[0].position + 30,
                                        sample.places[1].position + 300,
                                        sample.places[3].position + 60,
                                        snapshot.totals.data_end + 40,
                                        good.size() - 9};
  for (const uint64_t first : places) {
    for (const uint64_t second : places) {
      // Without both headers nothing can be checked; without the trailer
      // nothing leads to the index.
      if (first >= second || second == 532) continue;
      if (first > snapshot.totals.data_end) continue;
      sample.bytes = good;
      sample.bytes[first] ^= 1;
      sample.bytes[second] ^= 1;
      const std::vector<DamagedRange> found = FindDamage(sample, snapshot);
      CAPTURE(first, second);
      for (const uint64_t at : {first, second}) {
        CHECK(std::count_if(found.begin(), found.end(),
                            [at](const DamagedRange& range) {
                              return range.position <= at &&
                                     at < range.position + range.size;
                            }) == 1);
      }
      CHECK(found.size() == 2);
    }
  }
}

TEST_CASE("A live segment is checked up to its snapshot", "[segment]") {
  Sample sample(false);
  SegmentSnapshot snapshot = sample.Snapshot(false);
  snapshot.is_live = true;
  sample.bytes.resize(snapshot.totals.data_end);
  sample.bytes += "something that is being written";
  CHECK_OK(sample.Check(snapshot));
  sample.bytes.resize(snapshot.totals.data_end - 8);
  CHECK(IsDamaged(sample.Check(snapshot)));
  sample.bytes.resize(sample.places[3].position);
  CHECK(IsDamaged(sample.Check(snapshot)));
}

// Seals again with other totals or another index than the batches have.
absl::Status CheckResealed(SegmentTotals totals,
                           std::vector<IndexEntry> entries) {
  Sample sample(false);
  const SegmentIndex index(totals, std::move(entries));
  auto file = SegmentFile::Open(*sample.root, "", TestIdentity(), 42,
                                FileAccess::kReadWrite);
  REQUIRE_OK((*file)->Seal(index, 0));
  sample.bytes = ReadWhole(*sample.root, kName);
  SegmentSnapshot snapshot = sample.Snapshot(true);
  snapshot.totals = totals;
  return sample.Check(snapshot);
}

TEST_CASE("A seal that does not describe its batches fails the check",
          "[segment]") {
  const Sample sample(false);
  const SegmentTotals good = sample.index->totals();
  const std::vector<IndexEntry> entries = sample.index->entries();
  CHECK_OK(CheckResealed(good, entries));
  SegmentTotals totals = good;
  totals.record_count -= 1;
  CHECK(IsDamaged(CheckResealed(totals, entries)));
  totals = good;
  totals.max_time += 1;
  CHECK(IsDamaged(CheckResealed(totals, entries)));
  totals = good;
  totals.next_offset += 1;
  CHECK(IsDamaged(CheckResealed(totals, entries)));
  totals = good;
  totals.incarnation += 1;
  CHECK(IsDamaged(CheckResealed(totals, entries)));
  totals = good;
  totals.durable_end = good.next_offset;
  CHECK_OK(CheckResealed(totals, entries));
}

TEST_CASE("An index entry that points beside a batch fails the check",
          "[segment]") {
  MemoryWorld world;
  SegmentWriter writer(*world.root, "", TestHeader(42));
  for (int i = 0; i < 6; ++i) writer.Append(1, 42, 30'000);
  const std::vector<IndexEntry> good = writer.index().entries();
  REQUIRE(good.size() == 2);
  const auto check = [&](auto change) {
    std::vector<IndexEntry> entries = good;
    change(entries[1]);
    const SegmentIndex index(writer.index().totals(), entries);
    REQUIRE_OK(writer.file().Seal(index, 42));
    SegmentSnapshot snapshot;
    snapshot.header = TestHeader(42);
    snapshot.totals = index.totals();
    snapshot.file_size = writer.file().size();
    snapshot.is_sealed = true;
    return CheckSegment(snapshot, writer.file());
  };
  CHECK_OK(check([](IndexEntry&) {}));
  CHECK(IsDamaged(check([](IndexEntry& e) { e.position += 8; })));
  CHECK(IsDamaged(check([](IndexEntry& e) { e.base_offset += 1; })));
  CHECK(IsDamaged(check([](IndexEntry& e) { e.records_before -= 1; })));
  CHECK(IsDamaged(check([](IndexEntry& e) { e.max_time_before -= 1; })));
}

TEST_CASE("An I/O error of a check is not damage", "[segment]") {
  Sample sample(true);
  const SegmentSnapshot snapshot = sample.Snapshot(true);
  FaultEnv fault(sample.env);
  const auto root = *fault.OpenDirectory("/store", false);
  const auto file =
      *SegmentFile::Open(*root, "", TestIdentity(), 42, FileAccess::kReadOnly);
  for (uint64_t skip_count = 0;; ++skip_count) {
    const uint64_t before = fault.injected_count();
    fault.ClearFaults();
    Fault injected;
    injected.kind = EnvCall::kRead;
    injected.skip_count = skip_count;
    injected.is_persistent = true;
    fault.Inject(injected);
    const absl::Status status = CheckSegment(snapshot, *file);
    if (fault.injected_count() == before) {
      CHECK_OK(status);
      CHECK(skip_count >= 4);
      break;
    }
    CHECK(IsIoError(status));
  }
}

}  // namespace
}  // namespace tidemark::test
