#include "partition/recovery.h"

#include <string>
#include <vector>

#include "base/checksum.h"
#include "base/endian.h"
#include "partition/recovery_fixture.h"
#include "support/catch.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

// Recovers `image` in a world of its own and reads everything.
struct Outcome {
  explicit Outcome(const FileImage& image, RecoveryOptions options = {})
      : world(image) {
    auto recovered = world.Recover(std::move(options));
    REQUIRE_OK(recovered);
    log = *std::move(recovered);
    offsets = ReadOffsets(*world.root, log);
    after = ReadImage(*world.root);
  }

  PartitionWorld world;
  RecoveredPartition log;
  std::vector<Offset> offsets;  // readable
  FileImage after;
};

std::vector<Offset> Without(const BatchPlace& place) {
  return Range(0, place.base_offset) + Range(place.next_offset, 23);
}

TEST_CASE("A new partition is empty and gets its META", "[partition]") {
  const Outcome outcome(FileImage{});
  CHECK(outcome.log.start == 0);
  CHECK(outcome.log.end == 0);
  CHECK(outcome.log.segments.empty());
  CHECK_FALSE(outcome.log.is_last_appendable);
  CHECK(outcome.log.meta->meta() == PartitionMeta{});
  CHECK(outcome.log.meta->state() == MetaState::kValid);
  CHECK(outcome.log.report.damage.empty());
}

TEST_CASE("A whole log is recovered as it is", "[partition]") {
  const SampleLog sample;
  const Outcome outcome(sample.image);
  const RecoveredPartition& log = outcome.log;
  CHECK(log.start == 0);
  CHECK(log.end == 23);
  CHECK(log.durable == 23);
  CHECK(log.damage.empty());
  CHECK(outcome.offsets == Range(0, 23));
  REQUIRE(log.segments.size() == 3);
  CHECK(log.segments[0].is_sealed);
  CHECK(log.segments[0].next_offset() == 9);
  CHECK(log.segments[1].is_sealed);
  CHECK(log.segments[1].next_offset() == 15);
  CHECK_FALSE(log.segments[2].is_sealed);
  CHECK(log.segments[2].next_offset() == 23);
  CHECK(log.segments[2].data_end() == sample.places.at(kFileC).back().end());
  CHECK(log.segments[2].index->totals() == log.segments[2].totals);
  CHECK(log.is_last_appendable);
  REQUIRE(log.last_index.has_value());
  CHECK(log.last_index->totals() == log.segments[2].totals);
  CHECK(log.last_index->totals().record_count == 8);
  CHECK(log.report.recorded_durable_end == 17);
  CHECK_FALSE(log.report.is_clean);
  CHECK_FALSE(log.report.cut.has_value());
  CHECK(log.report.topic == "topic");
  CHECK(log.report.partition == 7);
  CHECK(log.report.bytes_scanned > 0);
  CHECK(outcome.after == sample.image);
}

TEST_CASE("A torn tail is cut at the last whole batch", "[partition]") {
  // G5
  const SampleLog sample;
  for (const Offset offset : {Offset{17}, Offset{20}, Offset{22}}) {
    const BatchPlace place = sample.PlaceOf(offset);
    FileImage image = sample.image;
    image[kFileC][place.position + 40] ^= 1;
    const Outcome outcome(image);
    CHECK(outcome.log.end == offset);
    CHECK(outcome.log.is_last_appendable);
    CHECK(outcome.log.last_index->totals().next_offset == offset);
    CHECK(outcome.offsets == Range(0, offset));
    CHECK(outcome.log.report.damage.empty());
    CHECK(outcome.log.report.cut ==
          CutTail{.offset = offset,
                  .file = kFileC,
                  .position = place.position,
                  .size = image[kFileC].size() - place.position});
    CHECK(outcome.after.at(kFileC) == image[kFileC].substr(0, place.position));
  }
}

TEST_CASE("A payload that a crash tore above the mark is cut", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image[kFileC][sample.PlaceOf(20).position + 110] ^= 1;
  const Outcome outcome(image);
  CHECK(outcome.log.end == 20);
  CHECK(outcome.offsets == Range(0, 20));
  CHECK(outcome.log.report.damage.empty());
}

TEST_CASE("Rot below the mark is reported and nothing is cut", "[partition]") {
  // G5
  const SampleLog sample;
  const BatchPlace place = sample.PlaceOf(15);
  FileImage image = sample.image;
  image[kFileC][place.position + 40] ^= 1;
  const Outcome outcome(image);
  CHECK(outcome.log.end == 23);
  CHECK_FALSE(outcome.log.is_last_appendable);
  CHECK(outcome.offsets == Without(place));
  const DamagedRange expected{.from = 15,
                              .to = 17,
                              .file = kFileC,
                              .position = place.position,
                              .size = place.size,
                              .what = "batch header checksum mismatch"};
  CHECK(outcome.log.damage == std::vector<DamagedRange>{expected});
  CHECK(outcome.log.report.damage == outcome.log.damage);
  CHECK_FALSE(outcome.log.report.cut.has_value());
  CHECK(outcome.after.at(kFileC) == image[kFileC]);
}

TEST_CASE("Rot in a payload below the mark is left to the reader",
          "[partition]") {
  const SampleLog sample;
  const BatchPlace place = sample.PlaceOf(15);
  FileImage image = sample.image;
  image[kFileC][place.position + 110] ^= 1;
  const Outcome outcome(image);
  CHECK(outcome.log.end == 23);
  CHECK(outcome.log.is_last_appendable);
  CHECK(outcome.log.damage.empty());
  CHECK(outcome.offsets == Without(place));
  CHECK(outcome.after == image);
}

TEST_CASE("Rot and a torn tail in one file leave both and cut nothing",
          "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image[kFileC][sample.PlaceOf(15).position + 40] ^= 1;
  image[kFileC][sample.PlaceOf(20).position + 40] ^= 1;
  const Outcome outcome(image);
  // The mark of 17 stands in the batch at 22 only.
  CHECK(outcome.log.end == 20);
  CHECK_FALSE(outcome.log.is_last_appendable);
  CHECK(outcome.offsets == Range(0, 15) + Range(17, 20));
  REQUIRE(outcome.log.damage.size() == 1);
  CHECK(outcome.log.damage[0].from == 15);
  CHECK(outcome.log.damage[0].to == 17);
  CHECK(outcome.log.segments.back().next_offset() == 20);
  CHECK(outcome.after.at(kFileC) == image[kFileC]);
}

TEST_CASE("A mark found behind the damage decides", "[partition]") {
  // G5
  PartitionWorld world;
  SegmentWriter a(*world.root, kPartition, TestHeader(0));
  a.Append(3, 0).Append(2, 0).Append(2, 0).Mark(5);
  world.StoreMeta({.highest_segment = 0});
  FileImage image = ReadImage(*world.root);
  image[kFileA][a.places[1].position + 50] ^= 1;
  const Outcome rot(image);
  CHECK(rot.log.end == 7);
  CHECK(rot.log.damage.size() == 1);
  CHECK(rot.offsets == Range(0, 3) + Range(5, 7));
  // Without the mark the same damage is a torn tail.
  image[kFileA].resize(a.places[3].position);
  const Outcome torn(image);
  CHECK(torn.log.end == 3);
  CHECK(torn.log.damage.empty());
}

TEST_CASE("A durable mark from elsewhere decides, too", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image[kFileC][sample.PlaceOf(20).position + 40] ^= 1;
  RecoveryOptions options;
  options.durable_end = 22;
  const Outcome outcome(image, options);
  CHECK(outcome.log.end == 23);
  CHECK(outcome.log.damage.size() == 1);
  CHECK(outcome.log.report.recorded_durable_end == 22);
}

TEST_CASE("Everything below the segment that META names was durable",
          "[partition]") {
  for (const bool is_named : {false, true}) {
    PartitionWorld world;
    SegmentWriter a(*world.root, kPartition, TestHeader(0));
    a.Append(3, 0).Append(2, 0).CutReserve();
    SegmentWriter b(*world.root, kPartition, TestHeader(5));
    b.Append(2, 0);
    world.StoreMeta({.highest_segment = is_named ? 5 : 0});
    FileImage image = ReadImage(*world.root);
    image[kFileA][a.places[1].position + 40] ^= 1;
    const Outcome outcome(image);
    CHECK(outcome.log.end == (is_named ? 7 : 3));
    CHECK(outcome.log.damage.size() == (is_named ? 1 : 0));
  }
}

TEST_CASE("A seal tells a durable mark, too", "[partition]") {
  for (const Offset mark : {Offset{0}, Offset{5}}) {
    PartitionWorld world;
    SegmentWriter a(*world.root, kPartition, TestHeader(0));
    a.Append(3, 0).Append(2, 0).Append(2, 0).Seal(mark);
    world.StoreMeta({.highest_segment = 0});
    FileImage image = ReadImage(*world.root);
    image[kFileA][a.places[1].position + 40] ^= 1;
    const Outcome outcome(image);
    CHECK(outcome.log.end == (mark == 5 ? 7 : 3));
    CHECK(outcome.log.damage.size() == (mark == 5 ? 1 : 0));
  }
}

TEST_CASE("A seal that was torn is no damage before the next segment counts",
          "[partition]") {
  for (const Offset mark : {Offset{5}, Offset{7}}) {
    PartitionWorld world;
    SegmentWriter a(*world.root, kPartition, TestHeader(0));
    a.Append(3, 0).Append(2, 0).Seal(5);
    SegmentWriter b(*world.root, kPartition, TestHeader(5));
    b.Append(2, 5).Mark(mark);
    world.StoreMeta({.highest_segment = 5, .durable_end = 5});
    FileImage image = ReadImage(*world.root);
    image[kFileA].back() ^= 1;
    const Outcome outcome(image);
    CHECK(outcome.log.end == 7);
    CHECK(outcome.log.damage.empty());
    CHECK(outcome.log.report.has_damage() == (mark == 7));
    const bool is_sealed_again =
        outcome.world.RecoverIn(*outcome.world.root, {})->segments[0].is_sealed;
    CHECK(is_sealed_again == (mark == 5));
  }
}

TEST_CASE("A file that ends below the mark has lost records", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image[kFileC].resize(sample.PlaceOf(17).position);
  PartitionWorld world(image);
  world.StoreMeta({.highest_segment = 15, .durable_end = 19});
  const auto log = world.Recover();
  REQUIRE_OK(log);
  CHECK(log->end == 19);
  CHECK_FALSE(log->is_last_appendable);
  REQUIRE(log->damage.size() == 1);
  CHECK(log->damage[0].from == 17);
  CHECK(log->damage[0].to == 19);
  CHECK(log->damage[0].what == "records missing at the end of the segment");
}

TEST_CASE("A missing newest segment is damage", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image.erase(kFileC);
  const Outcome outcome(image);
  CHECK(outcome.log.end == 16);
  CHECK(outcome.offsets == Range(0, 15));
  REQUIRE(outcome.log.damage.size() == 1);
  CHECK(outcome.log.damage[0] == DamagedRange{.from = 15,
                                              .to = 16,
                                              .file = kFileC,
                                              .position = 0,
                                              .size = 0,
                                              .what = "segment missing"});
}

TEST_CASE("A missing middle segment is damage", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image.erase(kFileB);
  const Outcome outcome(image);
  CHECK(outcome.log.end == 23);
  CHECK(outcome.log.is_last_appendable);
  CHECK(outcome.offsets == Range(0, 9) + Range(15, 23));
  REQUIRE(outcome.log.damage.size() == 1);
  CHECK(outcome.log.damage[0] == DamagedRange{.from = 9,
                                              .to = 15,
                                              .file = kFileB,
                                              .position = 0,
                                              .size = 0,
                                              .what = "segment missing"});
}

TEST_CASE("A missing oldest segment is damage", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image.erase(kFileA);
  const Outcome outcome(image);
  CHECK(outcome.log.start == 0);
  CHECK(outcome.log.end == 23);
  REQUIRE(outcome.log.damage.size() == 1);
  CHECK(outcome.log.damage[0].from == 0);
  CHECK(outcome.log.damage[0].to == 9);
}

TEST_CASE("All segments missing is damage", "[partition]") {
  const SampleLog sample;
  const FileImage image = {{"META", sample.image.at("META")}};
  const Outcome outcome(image);
  CHECK(outcome.log.end == 16);
  REQUIRE(outcome.log.damage.size() == 1);
  CHECK(outcome.log.damage[0].from == 0);
  CHECK(outcome.log.damage[0].to == 16);
  CHECK(outcome.log.damage[0].file == kFileC);
}

TEST_CASE("A newest segment that was never written is removed", "[partition]") {
  const SampleLog sample;
  for (const size_t size : {0u, 100u, 4096u}) {
    FileImage image = sample.image;
    image["00000000000000000023.log"] = std::string(size, '\0');
    const Outcome outcome(image);
    CHECK(outcome.log.end == 23);
    CHECK(outcome.log.is_last_appendable);
    CHECK(outcome.log.report.damage.empty());
    CHECK(outcome.log.report.files_removed ==
          std::vector<std::string>{"00000000000000000023.log"});
    CHECK_FALSE(outcome.after.contains("00000000000000000023.log"));
  }
}

TEST_CASE(
    "A newest segment that held durable records is damage without its "
    "header",
    "[partition]") {
  const SampleLog sample;
  for (const bool is_blank : {false, true}) {
    FileImage image = sample.image;
    std::string& bytes = image[kFileC];
    bytes[20] ^= 1;
    bytes[532] ^= 1;
    if (is_blank) bytes.assign(bytes.size(), '\0');
    const Outcome outcome(image);
    CHECK(outcome.log.end == 16);
    CHECK_FALSE(outcome.log.is_last_appendable);
    REQUIRE(outcome.log.damage.size() == 1);
    CHECK(outcome.log.damage[0].from == 15);
    CHECK(outcome.log.damage[0].to == 16);
    CHECK(outcome.log.damage[0].size == bytes.size());
    CHECK(outcome.after.at(kFileC) == bytes);
  }
}

TEST_CASE("A middle segment without its header is damage", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image[kFileB][20] ^= 1;
  image[kFileB][532] ^= 1;
  const Outcome outcome(image);
  CHECK(outcome.log.end == 23);
  CHECK(outcome.offsets == Range(0, 9) + Range(15, 23));
  REQUIRE(outcome.log.damage.size() == 1);
  CHECK(outcome.log.damage[0].from == 9);
  CHECK(outcome.log.damage[0].to == 15);
  CHECK(outcome.log.damage[0].what == "segment header checksum mismatch");
}

TEST_CASE("One damaged header of two is reported and costs no record",
          "[partition]") {
  const SampleLog sample;
  for (const std::string& name : {kFileA, kFileB, kFileC}) {
    FileImage image = sample.image;
    image[name][20] ^= 1;
    const Outcome outcome(image);
    CHECK(outcome.offsets == Range(0, 23));
    CHECK(outcome.log.damage.empty());
    REQUIRE(outcome.log.report.damage.size() == 1);
    CHECK(outcome.log.report.damage[0].file == name);
    // Nothing is appended to a file of which one more bit may cost everything.
    CHECK(outcome.log.is_last_appendable == (name != kFileC));
  }
}

TEST_CASE("Later segments behind a torn tail are removed", "[partition]") {
  const SampleLog sample;
  PartitionWorld world(sample.image);
  SegmentWriter d(*world.root, kPartition, TestHeader(23));
  d.Append(2, 17).Append(1, 17).Seal(17);
  SegmentWriter e(*world.root, kPartition, TestHeader(26));
  e.Append(2, 17);
  FileImage image = ReadImage(*world.root);
  const Outcome whole(image);
  CHECK(whole.log.end == 28);
  image[kFileC][sample.PlaceOf(20).position + 40] ^= 1;
  const Outcome torn(image);
  CHECK(torn.log.end == 20);
  CHECK(torn.log.is_last_appendable);
  CHECK(torn.offsets == Range(0, 20));
  CHECK(torn.log.report.damage.empty());
  CHECK(torn.log.report.files_removed ==
        std::vector<std::string>{"00000000000000000026.log",
                                 "00000000000000000023.log"});
  CHECK(torn.after.size() == 4);
}

TEST_CASE("Later segments behind a tear in a rotten log are set aside",
          "[partition]") {
  const SampleLog sample;
  PartitionWorld world(sample.image);
  SegmentWriter d(*world.root, kPartition, TestHeader(23));
  d.Append(2, 17);
  FileImage image = ReadImage(*world.root);
  image[kFileC][sample.PlaceOf(15).position + 40] ^= 1;
  image[kFileC][sample.PlaceOf(22).position + 40] ^= 1;
  const Outcome outcome(image);
  CHECK(outcome.log.end == 22);
  CHECK_FALSE(outcome.log.is_last_appendable);
  const std::string aside = "00000000000000000023.log.aside-2";
  CHECK(outcome.log.report.files_set_aside ==
        std::vector<std::string>{"00000000000000000023.log -> " + aside});
  CHECK(outcome.after.at(aside) == image["00000000000000000023.log"]);
  CHECK(outcome.after.at(kFileC) == image[kFileC]);
  // META keeps the mark that the file set aside may have told.
  CHECK(outcome.log.meta->meta().durable_end >= 17);
}

TEST_CASE("A log goes on in the last segment when only an earlier one rots",
          "[partition]") {
  const SampleLog sample;
  PartitionWorld world(sample.image);
  SegmentWriter d(*world.root, kPartition, TestHeader(23));
  d.Append(2, 22).Append(1, 22);
  FileImage image = ReadImage(*world.root);
  image[kFileC][sample.PlaceOf(20).position + 40] ^= 1;
  const Outcome outcome(image);
  CHECK(outcome.log.end == 26);
  CHECK(outcome.log.is_last_appendable);
  CHECK(outcome.offsets == Range(0, 20) + Range(22, 26));
  CHECK(outcome.log.damage.size() == 1);
}

TEST_CASE("Records at or above the next segment's base do not exist",
          "[partition]") {
  const SampleLog sample;
  PartitionWorld world(sample.image);
  // Recovery went on at 20 although the older file holds more.
  SegmentWriter d(*world.root, kPartition, TestHeader(20));
  d.incarnation = 2;
  d.Append({.salt = "new "}).Append({.durable_end = 20, .salt = "new "});
  world.StoreMeta({.highest_segment = 20, .durable_end = 20});
  const auto log = world.Recover();
  REQUIRE_OK(log);
  CHECK(log->end == 22);
  CHECK(log->damage.empty());
  CHECK(log->segments[2].next_offset() == 20);
  CHECK(log->segments[2].data_end() == sample.PlaceOf(20).position);
  const auto records = ReadRecords(*world.root, *log);
  CHECK(records.at(19).starts_with("value 19"));
  CHECK(records.at(20).starts_with("new value 20"));
}

TEST_CASE("Segments below the start are garbage", "[partition]") {
  const SampleLog sample;
  PartitionWorld world(sample.image);
  world.StoreMeta({.start = 10, .highest_segment = 15, .durable_end = 15});
  auto log = world.Recover();
  REQUIRE_OK(log);
  CHECK(log->start == 10);
  CHECK(log->segments.size() == 2);
  CHECK(ReadOffsets(*world.root, *log) == Range(10, 23));
  CHECK(log->report.files_removed == std::vector<std::string>{kFileA});
  world.StoreMeta({.start = 15, .highest_segment = 15, .durable_end = 15});
  log = world.Recover();
  REQUIRE_OK(log);
  CHECK(log->segments.size() == 1);
  CHECK(log->report.files_removed == std::vector<std::string>{kFileB});
  CHECK(log->report.damage.empty());
}

TEST_CASE("A log that was trimmed beyond what is left starts anew",
          "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image[kFileC].resize(sample.PlaceOf(20).position);
  PartitionWorld world(image);
  world.StoreMeta({.start = 23, .highest_segment = 15, .durable_end = 15});
  const auto log = world.Recover();
  REQUIRE_OK(log);
  CHECK(log->start == 23);
  CHECK(log->end == 23);
  CHECK(log->report.damage.empty());
  // Offsets would not follow one another in the old file.
  CHECK_FALSE(log->is_last_appendable);
  CHECK(log->segments.size() == 1);
}

TEST_CASE("Damage below the start concerns nobody", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image[kFileC][sample.PlaceOf(15).position + 40] ^= 1;
  PartitionWorld world(image);
  world.StoreMeta({.start = 17, .highest_segment = 15, .durable_end = 15});
  const auto log = world.Recover();
  REQUIRE_OK(log);
  CHECK(log->end == 23);
  CHECK(log->damage.empty());
  CHECK(ReadOffsets(*world.root, *log) == Range(17, 23));
}

TEST_CASE("A hole that begins below the start is torn above it",
          "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image[kFileC][sample.PlaceOf(17).position + 40] ^= 1;
  // Without the batches that tell of a mark at 17.
  image[kFileC].resize(sample.PlaceOf(20).position);
  PartitionWorld world(image);
  world.StoreMeta({.start = 18, .highest_segment = 15, .durable_end = 15});
  const auto log = world.Recover();
  REQUIRE_OK(log);
  CHECK(log->start == 18);
  CHECK(log->end == 18);
  CHECK(log->report.damage.empty());
  CHECK(log->report.cut.has_value());
}

TEST_CASE("Unknown files are left alone", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image["notes.txt"] = "mine";
  image["23.log"] = "short name";
  image["00000000000000000023.log.aside-1"] = "aside";
  const Outcome outcome(image);
  CHECK(outcome.log.end == 23);
  CHECK(outcome.after == image);
}

TEST_CASE("A segment of another log is left alone until its name is needed",
          "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  SegmentHeader foreign = TestHeader(23);
  foreign.identity.topic_id = FilledId(1);
  const std::string name = "00000000000000000023.log";
  image[name] = EncodeSegmentHeader(foreign);
  const Outcome unneeded(image);
  CHECK(unneeded.log.end == 23);
  CHECK(unneeded.log.is_last_appendable);
  CHECK(unneeded.after == image);
  // A rotten last segment makes the log go on in a new one at 23.
  image[kFileC][sample.PlaceOf(15).position + 40] ^= 1;
  const Outcome needed(image);
  CHECK(needed.log.end == 23);
  CHECK_FALSE(needed.log.is_last_appendable);
  CHECK(needed.after.at(name + ".aside-2") == image[name]);
  CHECK_FALSE(needed.after.contains(name));
}

TEST_CASE("A stale segment with another secret never passes", "[partition]") {
  const SampleLog sample;
  // The file of the same base offset from an earlier life of the partition.
  PartitionWorld old;
  SegmentHeader header = TestHeader(15);
  header.secret = FilledId(0x33).bytes;
  SegmentWriter writer(*old.root, kPartition, header);
  writer.Append({.salt = "old "}).Append({.salt = "old "});
  const std::string stale = ReadImage(*old.root).at(kFileC);
  // Its blocks come back in the place of the never synced ones, from the batch
  // at offset 17 on.
  FileImage image = sample.image;
  const size_t at = sample.PlaceOf(17).position;
  image[kFileC].replace(at, stale.size() - at, stale.substr(at));
  const Outcome outcome(image);
  CHECK(outcome.log.end == 17);
  CHECK(outcome.offsets == Range(0, 17));
}

TEST_CASE("A log that was closed cleanly needs no walk if it is sealed",
          "[partition]") {
  const SampleLog sample;
  PartitionWorld world(sample.image);
  const auto first = world.Recover();
  auto file = SegmentFile::Open(*world.root, kPartition, TestIdentity(), 15,
                                FileAccess::kReadWrite);
  REQUIRE_OK((*file)->Seal(*first->last_index, 23));
  world.StoreMeta({.highest_segment = 15,
                   .durable_end = 23,
                   .clean_end = 23,
                   .clean_incarnation = 2});
  const FileImage before = ReadImage(*world.root);
  const auto log = world.Recover();
  REQUIRE_OK(log);
  CHECK(log->report.is_clean);
  CHECK(log->report.bytes_scanned == 0);
  CHECK(log->end == 23);
  CHECK(log->is_last_appendable);
  CHECK(log->segments.back().is_sealed);
  CHECK(log->last_index->entries() == first->last_index->entries());
  CHECK(ReadImage(*world.root) == before);
}

TEST_CASE("A clean log that is not sealed is walked by its headers",
          "[partition]") {
  const SampleLog sample;
  PartitionWorld world(sample.image);
  world.StoreMeta({.highest_segment = 15, .clean_end = 23});
  const auto log = world.Recover();
  REQUIRE_OK(log);
  CHECK(log->report.is_clean);
  CHECK(log->is_last_appendable);
  CHECK(log->last_index->totals().next_offset == 23);
}

TEST_CASE("A clean mark that the log does not reach is damage", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image[kFileC].resize(sample.PlaceOf(22).position);
  PartitionWorld world(image);
  world.StoreMeta({.highest_segment = 15, .clean_end = 23});
  const auto log = world.Recover();
  REQUIRE_OK(log);
  CHECK_FALSE(log->report.is_clean);
  CHECK(log->end == 23);
  CHECK(log->damage.size() == 1);
  CHECK(log->meta->meta().clean_end == 23);
}

TEST_CASE("A seal above the mark is not believed", "[partition]") {
  const SampleLog sample;
  PartitionWorld world(sample.image);
  const auto first = world.Recover();
  auto file = SegmentFile::Open(*world.root, kPartition, TestIdentity(), 15,
                                FileAccess::kReadWrite);
  REQUIRE_OK((*file)->Seal(*first->last_index, 17));
  FileImage image = ReadImage(*world.root);
  const Outcome whole(image);
  CHECK(whole.log.end == 23);
  CHECK_FALSE(whole.log.is_last_appendable);
  // The seal arrived, a payload before it did not.
  image[kFileC][sample.PlaceOf(20).position + 110] ^= 1;
  const Outcome torn(image);
  CHECK(torn.log.end == 20);
  CHECK(torn.log.is_last_appendable);
  CHECK_FALSE(torn.log.segments.back().is_sealed);
}

TEST_CASE("A damaged index of a cleanly closed log is replaced by a walk",
          "[partition]") {
  const SampleLog sample;
  PartitionWorld world(sample.image);
  const auto first = world.Recover();
  auto file = SegmentFile::Open(*world.root, kPartition, TestIdentity(), 15,
                                FileAccess::kReadWrite);
  const uint64_t data_end = first->segments.back().data_end();
  REQUIRE_OK((*file)->Seal(*first->last_index, 23));
  const ByteSpan part = AsBytes("x");
  REQUIRE_OK((*file)->Write(data_end + 40, {&part, 1}));
  world.StoreMeta({.highest_segment = 15, .clean_end = 23});
  const auto log = world.Recover();
  REQUIRE_OK(log);
  CHECK(log->is_last_appendable);
  CHECK(log->last_index->totals().next_offset == 23);
  REQUIRE(log->report.damage.size() == 1);
  CHECK(log->report.damage[0].what == "index block damaged");
}

TEST_CASE("A seal that a crash took away is written again", "[partition]") {
  PartitionWorld world;
  SegmentWriter a(*world.root, kPartition, TestHeader(0));
  a.Append(3, 0).Append(2, 0).CutReserve();
  SegmentWriter b(*world.root, kPartition, TestHeader(5));
  b.Append(2, 0);
  world.StoreMeta({.highest_segment = 0});
  for (const char* const garbage : {"", "torn index block"}) {
    FileImage image = ReadImage(*world.root);
    image[kFileA] += garbage;
    const Outcome outcome(image);
    CHECK(outcome.log.end == 7);
    CHECK(outcome.log.report.damage.empty());
    CHECK(outcome.log.segments[0].next_offset() == 5);
    const auto again = outcome.world.RecoverIn(*outcome.world.root, {});
    REQUIRE_OK(again);
    CHECK(again->segments[0].is_sealed);
    CHECK(again->report.damage.empty());
  }
}

TEST_CASE("A trailer below the mark that is damaged is reported",
          "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image[kFileA].back() ^= 1;
  const Outcome outcome(image);
  CHECK(outcome.log.end == 23);
  CHECK(outcome.offsets == Range(0, 23));
  CHECK(outcome.log.damage.empty());
  REQUIRE(outcome.log.report.damage.size() == 1);
  CHECK(outcome.log.report.damage[0].what == "no valid trailer");
  CHECK(outcome.log.segments[0].index != nullptr);
}

TEST_CASE("Without META the log starts at its oldest segment", "[partition]") {
  const SampleLog sample;
  for (const bool is_missing : {false, true}) {
    FileImage image = sample.image;
    image.erase(kFileA);
    if (is_missing) {
      image.erase("META");
    } else {
      image["META"].assign(8192, 'x');
    }
    const Outcome outcome(image);
    CHECK(outcome.log.start == 9);
    CHECK(outcome.log.end == 23);
    CHECK(outcome.log.damage.empty());
    REQUIRE(outcome.log.report.damage.size() == 1);
    CHECK(outcome.log.report.damage[0].file == "META");
    const PartitionMeta expected{
        .start = 9, .highest_segment = 15, .durable_end = 23};
    CHECK(outcome.log.meta->meta() == expected);
  }
}

TEST_CASE("Without META nothing is ever cut", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image["META"].assign(8192, 'x');
  image[kFileC][sample.PlaceOf(20).position + 40] ^= 1;
  const Outcome outcome(image);
  CHECK_FALSE(outcome.log.report.cut.has_value());
  CHECK(outcome.after.at(kFileC) == image[kFileC]);
  CHECK(outcome.offsets == Range(0, 20) + Range(22, 23));
  CHECK(outcome.log.end == 23);
}

TEST_CASE("A segment of a newer format fails the open", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  std::string& bytes = image[kFileB];
  auto* const to = reinterpret_cast<std::byte*>(bytes.data());
  for (const size_t at : {size_t{0}, size_t{512}}) {
    StoreLittle(to + at + 8, uint32_t{2});
    StoreLittle(to + at + 120, Checksum({to + at, 120}));
  }
  PartitionWorld world(image);
  const absl::Status status = world.Recover().status();
  CHECK(IsNewerFormat(status));
  CHECK(status.message().find("segment format 2, this version reads 1") !=
        std::string::npos);
  CHECK(IsNewerFormat(world.Recover(ReadOnly()).status()));
}

TEST_CASE("A partition that is not there is not found", "[partition]") {
  MemoryWorld world;
  CHECK_STATUS(absl::StatusCode::kNotFound,
               PartitionWorld::RecoverIn(*world.root, {}));
  CHECK_STATUS(absl::StatusCode::kNotFound,
               PartitionWorld::RecoverIn(*world.root, ReadOnly()));
}

TEST_CASE("A budget that runs out is never followed by a cut", "[partition]") {
  PartitionWorld world;
  SegmentWriter a(*world.root, kPartition, TestHeader(0));
  a.Append(3, 0);
  world.StoreMeta({.highest_segment = 0});
  FileImage image = ReadImage(*world.root);
  std::string& bytes = image[kFileA];
  const uint64_t end = a.places[0].end();
  bytes.resize(end);
  bytes.append(300'000, 'x');
  bytes.resize(AlignUp(bytes.size(), 8), 'x');
  BatchHeader batch;
  batch.payload_size = batch.plain_size = 150'000;
  batch.size = 96 + 150'000;
  batch.offset_span = batch.record_count = 1;
  batch.incarnation = 1;
  for (uint64_t at = end + 96; at + batch.size + 64 < bytes.size(); at += 96) {
    batch.base_offset = static_cast<Offset>(at);
    EncodeBatchHeader(batch, TestHeader(0).secret, at,
                      reinterpret_cast<std::byte*>(bytes.data()) + at);
  }
  const Outcome outcome(image);
  CHECK((outcome.after.at(kFileA) == bytes));
  CHECK_FALSE(outcome.log.report.cut.has_value());
  CHECK(outcome.log.report.has_damage());
  CHECK(outcome.log.end == 3);
  CHECK_FALSE(outcome.log.is_last_appendable);
}

TEST_CASE("Bytes that a final cut took away do not come back", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image[kFileC][sample.PlaceOf(17).position + 40] ^= 1;
  PartitionWorld world(image);
  RecoveryOptions options;
  options.is_cut_final = true;
  REQUIRE_OK(world.Recover(options));
  CHECK(world.LoadMeta().cut_offset == 17);
  CHECK(world.LoadMeta().cut_incarnation == 2);
  // The old tail is there again, whole this time.
  WriteWhole(*world.root, world.Path(kFileC), sample.image.at(kFileC));
  options.incarnation = 3;
  const auto log = world.Recover(options);
  REQUIRE_OK(log);
  CHECK(log->end == 17);
}

TEST_CASE("A segment that a final cut removed does not come back",
          "[partition]") {
  const SampleLog sample;
  PartitionWorld world(sample.image);
  SegmentWriter d(*world.root, kPartition, TestHeader(23));
  d.Append(2, 17);
  const std::string name = "00000000000000000023.log";
  const std::string bytes = ReadImage(*world.root).at(name);
  std::string torn = sample.image.at(kFileC);
  torn[sample.PlaceOf(22).position] ^= 1;
  WriteWhole(*world.root, world.Path(kFileC), torn);
  RecoveryOptions options;
  options.is_cut_final = true;
  REQUIRE_OK(world.Recover(options));
  WriteWhole(*world.root, world.Path(name), bytes);
  const auto log = world.Recover(options);
  REQUIRE_OK(log);
  CHECK(log->end == 22);
  CHECK(log->report.files_removed == std::vector<std::string>{name});
}

TEST_CASE("A read-only recovery writes nothing", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image[kFileC][sample.PlaceOf(20).position + 40] ^= 1;
  image["00000000000000000023.log"] = "";
  const Outcome outcome(image, ReadOnly());
  CHECK(outcome.log.end == 20);
  CHECK(outcome.log.durable == 17);
  CHECK(outcome.log.meta == nullptr);
  CHECK(outcome.log.damage.empty());
  CHECK(outcome.after == image);
}

TEST_CASE("A read-only recovery reports rot", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  const BatchPlace place = sample.PlaceOf(15);
  image[kFileC][place.position + 40] ^= 1;
  const Outcome outcome(image, ReadOnly());
  CHECK(outcome.log.end == 23);
  REQUIRE(outcome.log.damage.size() == 1);
  CHECK(outcome.offsets == Without(place));
  CHECK(outcome.after == image);
}

}  // namespace
}  // namespace tidemark::test
