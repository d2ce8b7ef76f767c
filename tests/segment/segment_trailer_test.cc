#include "segment/segment_trailer.h"

#include <string>
#include <vector>

#include "base/checksum.h"
#include "base/endian.h"
#include "segment/segment_fixture.h"
#include "support/catch.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

namespace format = segment_format::trailer;

constexpr uint64_t kPosition = 2000 + 32 + 32;

SegmentTrailer SampleTrailer() {
  SegmentTrailer trailer;
  trailer.totals = {.base_offset = 42,
                    .next_offset = 52,
                    .data_end = 2000,
                    .record_count = 9,
                    .batch_count = 3,
                    .min_time = 100,
                    .max_time = 200,
                    .min_append_time = 300,
                    .max_append_time = 400,
                    .durable_end = 50,
                    .incarnation = 6};
  trailer.index_position = 2000;
  trailer.index_size = 64;
  return trailer;
}

std::string Encode(const SegmentTrailer& trailer,
                   uint64_t position = kPosition) {
  return EncodeTrailer(trailer, TestHeader(42), position);
}

std::optional<SegmentTrailer> Decode(const std::string& text,
                                     uint64_t position = kPosition) {
  return DecodeTrailer(AsBytes(text), TestHeader(42), position);
}

bool IsAccepted(const SegmentTrailer& trailer, uint64_t position = kPosition) {
  return Decode(Encode(trailer, position), position).has_value();
}

TEST_CASE("A trailer has the bytes of its page", "[segment][format]") {
  const std::string text = Encode(SampleTrailer());
  CHECK(text.size() == 160);
  CHECK(text.substr(0, 8) == "TMTRAIL1");
  const auto at = [&text](size_t position) {
    return LoadLittle<uint64_t>(AsBytes(text).data() + position);
  };
  CHECK(at(8) == 2000);
  CHECK(at(16) == 64);
  CHECK(at(24) == 2000);
  CHECK(at(32) == 42);
  CHECK(at(40) == 52);
  CHECK(at(48) == 9);
  CHECK(at(56) == 3);
  CHECK(at(64) == 100);
  CHECK(at(72) == 200);
  CHECK(at(80) == 300);
  CHECK(at(88) == 400);
  CHECK(at(96) == 50);
  CHECK(at(104) == 6);
  CHECK(at(112) == 0);
  CHECK(at(120) == 0);
  CHECK(text.substr(128, 16) == std::string(16, '\x3a'));
  CHECK(at(144) == 0);
}

TEST_CASE("A trailer is read as it was written", "[segment]") {
  CHECK(Decode(Encode(SampleTrailer())) == SampleTrailer());
}

TEST_CASE("Every flipped bit of a trailer is found", "[segment]") {
  const std::string good = Encode(SampleTrailer());
  for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    CHECK_FALSE(Decode(bad).has_value());
  }
}

TEST_CASE("A trailer in another place or segment is refused", "[segment]") {
  const std::string text = Encode(SampleTrailer());
  CHECK_FALSE(Decode(text, kPosition + 8).has_value());
  CHECK_FALSE(
      DecodeTrailer(AsBytes(text), TestHeader(43), kPosition).has_value());
  SegmentHeader same_secret = TestHeader(42);
  same_secret.segment_id = FilledId(1);
  CHECK_FALSE(DecodeTrailer(AsBytes(text), same_secret, kPosition).has_value());
  CHECK_FALSE(Decode(text.substr(0, 159)).has_value());
}

TEST_CASE("Totals that contradict each other are refused", "[segment]") {
  const auto with = [](auto change) {
    SegmentTrailer trailer = SampleTrailer();
    change(trailer);
    return IsAccepted(trailer);
  };
  CHECK(with([](SegmentTrailer&) {}));
  CHECK_FALSE(with([](auto& t) { t.totals.base_offset = 41; }));
  CHECK_FALSE(with([](auto& t) { t.totals.next_offset = 41; }));
  CHECK_FALSE(with([](auto& t) { t.totals.durable_end = 53; }));
  CHECK_FALSE(with([](auto& t) { t.totals.durable_end = -1; }));
  CHECK_FALSE(with([](auto& t) { t.totals.record_count = 11; }));
  CHECK_FALSE(with([](auto& t) { t.totals.batch_count = 11; }));
  CHECK_FALSE(with([](auto& t) { t.totals.batch_count = 0; }));
  CHECK_FALSE(with([](auto& t) { t.totals.data_end = 1992; }));
  CHECK_FALSE(with([](auto& t) { t.index_position = 1992; }));
  CHECK_FALSE(with([](auto& t) { t.index_size = 56; }));
  CHECK_FALSE(with([](auto& t) { t.index_size = ~uint64_t{0}; }));
  CHECK_FALSE(with([](auto& t) { t.snapshot_size = 8; }));
  CHECK_FALSE(with([](auto& t) { t.snapshot_position = 8; }));
}

TEST_CASE("An index larger than its data can need is refused", "[segment]") {
  SegmentTrailer trailer = SampleTrailer();
  trailer.index_size = 32 + 2 * 32;
  CHECK_FALSE(IsAccepted(trailer, 2000 + trailer.index_size));
}

TEST_CASE("A snapshot between index and trailer is accepted", "[segment]") {
  SegmentTrailer trailer = SampleTrailer();
  trailer.snapshot_position = kPosition;
  trailer.snapshot_size = 40;
  CHECK(IsAccepted(trailer, kPosition + 40));
  CHECK_FALSE(IsAccepted(trailer, kPosition + 48));
}

TEST_CASE("A sealed file leads to its trailer and index", "[segment]") {
  MemoryWorld world;
  SegmentWriter writer(*world.root, "", TestHeader(42));
  writer.Append(3, 42).Append(4, 45).Mark(49).Seal(49);
  const SegmentFile& file = writer.file();
  const auto trailer =
      ReadTrailer(file.file(), file.header(), file.size()).value();
  REQUIRE(trailer.has_value());
  CHECK(trailer->totals == writer.index().totals());
  const auto index = ReadIndex(file.file(), "name", file.header(), *trailer);
  REQUIRE_OK(index);
  CHECK(index->entries() == writer.index().entries());
  CHECK(index->totals() == trailer->totals);
}

TEST_CASE("A file that is not sealed has no trailer", "[segment]") {
  MemoryWorld world;
  SegmentWriter writer(*world.root, "", TestHeader(42));
  const SegmentFile& file = writer.file();
  const auto at = [&file](uint64_t size) {
    return ReadTrailer(file.file(), file.header(), size).value().has_value();
  };
  CHECK_FALSE(at(file.size()));
  CHECK_FALSE(at(0));
  CHECK_FALSE(at(1024 + 159));
  CHECK_FALSE(at(file.size() - 4));
  CHECK_FALSE(at(segment_format::kSegmentSizeCap + 8));
}

TEST_CASE("A damaged index block is an error with the file's name",
          "[segment]") {
  MemoryWorld world;
  SegmentWriter writer(*world.root, "", TestHeader(42));
  writer.Append(3, 42).Seal(42);
  const SegmentFile& file = writer.file();
  const auto trailer =
      ReadTrailer(file.file(), file.header(), file.size()).value();
  const ByteSpan part = AsBytes("x");
  REQUIRE_OK(writer.file().Write(trailer->index_position + 33, {&part, 1}));
  const absl::Status status =
      ReadIndex(file.file(), "some/file", file.header(), *trailer).status();
  CHECK(IsDamaged(status));
  CHECK_THAT(status.ToString(),
             Catch::Matchers::ContainsSubstring("some/file: index block"));
}

TEST_CASE("Errors of reading a trailer or index are passed on", "[segment]") {
  MemoryWorld world;
  SegmentWriter writer(*world.root, "", TestHeader(42));
  writer.Append(3, 42).Seal(42);
  const uint64_t size = writer.file().size();
  const auto trailer =
      ReadTrailer(writer.file().file(), writer.file().header(), size).value();
  FaultEnv fault(world.env);
  const auto root = *fault.OpenDirectory("/store", false);
  const auto file =
      *root->OpenFile(writer.file().path(), FileAccess::kReadOnly);
  fault.FailKind(EnvCall::kRead, EIO, /*is_persistent=*/true);
  CHECK(IsIoError(ReadTrailer(*file, TestHeader(42), size).status()));
  CHECK(IsIoError(ReadIndex(*file, "", TestHeader(42), *trailer).status()));
}

}  // namespace
}  // namespace tidemark::test
