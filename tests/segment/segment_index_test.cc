#include "segment/segment_index.h"

#include <limits>
#include <string>
#include <vector>

#include "base/checksum.h"
#include "base/endian.h"
#include "segment/segment_fixture.h"
#include "support/catch.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

namespace format = segment_format::index;

// A batch of `count` records at `offset` that takes `size` bytes.
BatchHeader Batch(Offset offset, uint32_t count, uint32_t size, int64_t time,
                  Offset durable_end = 0) {
  BatchHeader batch;
  batch.base_offset = offset;
  batch.offset_span = count;
  batch.record_count = count;
  batch.size = size;
  batch.base_time = time;
  batch.max_time = time + 5;
  batch.append_time = time + 7;
  batch.durable_end = durable_end;
  batch.incarnation = 3;
  if (count == 0) batch.attributes = batch_format::kMark;
  return batch;
}

// Ten batches of 40,000 bytes and ten records each from offset 100 on.
SegmentIndex SampleIndex() {
  SegmentIndex index(TestHeader(100));
  uint64_t position = 1024;
  for (int i = 0; i < 10; ++i) {
    index.Add(Batch(100 + 10 * i, 10, 40000, 1000 * i, 90 + i), position);
    position += 40000;
  }
  return index;
}

std::string SampleBlock() {
  const SegmentIndex index = SampleIndex();
  return EncodeIndexBlock(index, TestHeader(100).secret,
                          index.totals().data_end);
}

absl::StatusOr<std::vector<IndexEntry>> Decode(const std::string& block) {
  return DecodeIndexBlock(AsBytes(block), TestHeader(100),
                          SampleIndex().totals());
}

// Makes the checksum of the block hold again.
void FixChecksum(std::string& block) {
  std::string input = std::string(AsText(TestHeader(100).secret));
  const uint64_t position = SampleIndex().totals().data_end;
  std::byte little[8];
  StoreLittle(little, position);
  input += AsText(little);
  input +=
      block.substr(0, format::kChecksumAt) + block.substr(format::kHeadSize);
  StoreLittle(reinterpret_cast<std::byte*>(block.data()) + format::kChecksumAt,
              Checksum(AsBytes(input)));
}

TEST_CASE("An empty index knows where its segment begins", "[segment]") {
  const SegmentIndex index(TestHeader(100));
  CHECK(index.totals().base_offset == 100);
  CHECK(index.totals().next_offset == 100);
  CHECK(index.totals().data_end == 1024);
  CHECK(index.totals().max_time == kNoTime);
  CHECK_FALSE(index.FindOffset(100).has_value());
  CHECK_FALSE(index.FindTime(0).has_value());
  CHECK_FALSE(index.FindBehind(0).has_value());
}

TEST_CASE("An index has one entry for each 64 KiB", "[segment]") {
  const SegmentIndex index = SampleIndex();
  REQUIRE(index.entries().size() == 5);
  CHECK(index.entries()[0] == IndexEntry{100, 1024, kNoTime, 0});
  CHECK(index.entries()[1] == IndexEntry{120, 81024, 1005, 20});
  CHECK(index.entries()[4] == IndexEntry{180, 321024, 7005, 80});
}

TEST_CASE("An index adds up its batches", "[segment]") {
  const SegmentTotals expected{.base_offset = 100,
                               .next_offset = 200,
                               .data_end = 401024,
                               .record_count = 100,
                               .batch_count = 10,
                               .min_time = 0,
                               .max_time = 9005,
                               .min_append_time = 7,
                               .max_append_time = 9007,
                               .durable_end = 99,
                               .incarnation = 3};
  CHECK(SampleIndex().totals() == expected);
}

TEST_CASE("A mark counts as a batch without records or times", "[segment]") {
  SegmentIndex index = SampleIndex();
  const SegmentTotals before = index.totals();
  index.Add(Batch(200, 0, 96, 99'000, 200), before.data_end);
  CHECK(index.totals().batch_count == before.batch_count + 1);
  CHECK(index.totals().record_count == before.record_count);
  CHECK(index.totals().max_time == before.max_time);
  CHECK(index.totals().max_append_time == before.max_append_time);
  CHECK(index.totals().durable_end == 200);
  CHECK(index.totals().next_offset == 200);
  CHECK(index.totals().data_end == before.data_end + 96);
}

TEST_CASE("An offset leads to the last entry at or below it", "[segment]") {
  const SegmentIndex index = SampleIndex();
  CHECK_FALSE(index.FindOffset(99).has_value());
  CHECK(index.FindOffset(100)->position == 1024);
  CHECK(index.FindOffset(119)->position == 1024);
  CHECK(index.FindOffset(120)->position == 81024);
  CHECK(index.FindOffset(121)->position == 81024);
  CHECK(index.FindOffset(std::numeric_limits<Offset>::max())->position ==
        321024);
}

TEST_CASE("An offset behind a mark leads to the mark", "[segment]") {
  SegmentIndex index(TestHeader(0));
  index.Add(Batch(0, 5, 70000, 0), 1024);
  index.Add(Batch(5, 0, 96 + 70000, 0), 71024);
  index.Add(Batch(5, 5, 800, 0), 71024 + 70096);
  REQUIRE(index.entries().size() == 3);
  CHECK(index.FindOffset(5)->position == 71024);
  CHECK(index.FindOffset(4)->position == 1024);
}

TEST_CASE("A time leads to an entry with only earlier times before it",
          "[segment]") {
  const SegmentIndex index = SampleIndex();
  CHECK(index.FindTime(kNoTime)->position == 1024);
  CHECK(index.FindTime(0)->position == 1024);
  CHECK(index.FindTime(1005)->position == 1024);
  CHECK(index.FindTime(1006)->position == 81024);
  CHECK(index.FindTime(std::numeric_limits<int64_t>::max())->position ==
        321024);
}

TEST_CASE("A position leads to the first entry behind it", "[segment]") {
  const SegmentIndex index = SampleIndex();
  CHECK(index.FindBehind(0)->position == 1024);
  CHECK(index.FindBehind(1024)->position == 81024);
  CHECK(index.FindBehind(81023)->position == 81024);
  CHECK_FALSE(index.FindBehind(321024).has_value());
}

TEST_CASE("An index is cut to what is left of its segment", "[segment]") {
  SegmentIndex index(TestHeader(100));
  std::vector<SegmentTotals> totals = {index.totals()};
  const SegmentIndex sample = SampleIndex();
  for (const IndexEntry& entry : sample.entries()) {
    index.Add(Batch(entry.base_offset, 10, 70000, 0), entry.position);
    totals.push_back(index.totals());
  }
  index.CutTo(totals[2]);
  CHECK(index.totals() == totals[2]);
  CHECK(index.entries().size() == 2);
  index.CutTo(totals[0]);
  CHECK(index.entries().empty());
}

TEST_CASE("An index block has the bytes of its page", "[segment][format]") {
  const std::string block = SampleBlock();
  CHECK(block.size() == 32 + 5 * 32);
  CHECK(block.substr(0, 8) == "TMGINDX1");
  CHECK(block.substr(8, 8) == std::string("\x05\0\0\0\x20\0\0\0", 8));
  CHECK(block.substr(16, 8) == std::string(8, '\0'));
  CHECK(block.substr(32, 8) == std::string("\x64\0\0\0\0\0\0\0", 8));
  CHECK(block.substr(40, 8) == std::string("\0\x04\0\0\0\0\0\0", 8));
  CHECK(block.substr(48, 8) == std::string("\0\0\0\0\0\0\0\x80", 8));
  CHECK(block.substr(56, 8) == std::string(8, '\0'));
}

TEST_CASE("An index block is read as it was written", "[segment]") {
  const auto entries = Decode(SampleBlock());
  REQUIRE_OK(entries);
  CHECK(*entries == SampleIndex().entries());
}

TEST_CASE("Every flipped bit of an index block is found", "[segment]") {
  const std::string good = SampleBlock();
  for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    CHECK(IsDamaged(Decode(bad).status()));
  }
}

TEST_CASE("Every length of an index block but its own is refused",
          "[segment]") {
  const std::string good = SampleBlock();
  for (size_t size = 0; size < good.size(); ++size) {
    CHECK(IsDamaged(Decode(good.substr(0, size)).status()));
  }
  CHECK(IsDamaged(Decode(good + std::string(32, '\0')).status()));
}

TEST_CASE("An index block of another segment or place is refused",
          "[segment]") {
  const SegmentIndex index = SampleIndex();
  const uint64_t position = index.totals().data_end;
  CHECK(IsDamaged(
      Decode(EncodeIndexBlock(index, TestHeader(101).secret, position))
          .status()));
  CHECK(IsDamaged(
      Decode(EncodeIndexBlock(index, TestHeader(100).secret, position + 8))
          .status()));
}

TEST_CASE("A hostile count with a valid checksum is refused", "[segment]") {
  for (const uint32_t count : {0u, 4u, 6u, 0xffffffffu}) {
    std::string block = SampleBlock();
    StoreLittle(reinterpret_cast<std::byte*>(block.data()) + 8, count);
    FixChecksum(block);
    CHECK(IsDamaged(Decode(block).status()));
  }
}

TEST_CASE("Entries out of order are refused", "[segment]") {
  // The second entry: offset 120, position 81024, time 1005, 20 records.
  const auto with = [](size_t field, int64_t value) {
    std::string block = SampleBlock();
    StoreLittle(reinterpret_cast<std::byte*>(block.data()) + 64 + field,
                static_cast<uint64_t>(value));
    FixChecksum(block);
    return Decode(block).status();
  };
  CHECK_OK(with(0, 120));
  CHECK(IsDamaged(with(0, 99)));
  CHECK(IsDamaged(with(0, 201)));
  CHECK(IsDamaged(with(0, -1)));
  CHECK(IsDamaged(with(8, 1024 + 65536 - 8)));
  CHECK(IsDamaged(with(8, 81028)));
  CHECK(IsDamaged(with(8, 401024)));
  CHECK(IsDamaged(with(8, -8)));
  CHECK(IsDamaged(with(16, 9006)));
  CHECK(IsDamaged(with(24, 101)));
  CHECK(IsDamaged(with(24, -1)));
}

TEST_CASE("The first entry is the first batch", "[segment]") {
  const auto with = [](size_t field, int64_t value) {
    std::string block = SampleBlock();
    StoreLittle(reinterpret_cast<std::byte*>(block.data()) + 32 + field,
                static_cast<uint64_t>(value));
    FixChecksum(block);
    return Decode(block).status();
  };
  CHECK(IsDamaged(with(0, 101)));
  CHECK(IsDamaged(with(8, 1032)));
  CHECK(IsDamaged(with(16, 0)));
  CHECK(IsDamaged(with(24, 1)));
}

}  // namespace
}  // namespace tidemark::test
