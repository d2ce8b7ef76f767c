#include <algorithm>
#include <string>
#include <vector>

#include "partition/recovery.h"
#include "partition/recovery_fixture.h"
#include "support/catch.h"

// Every bit and every length of a small log, above and below its durable mark.
namespace tidemark::test {
namespace {

// The sample log with a META whose both slots were written.
struct Sample : SampleLog {
  Sample() {
    PartitionWorld world(image);
    world.StoreMeta({.highest_segment = 15, .durable_end = 16});
    image = ReadImage(*world.root);
  }
};

struct Result {
  RecoveredPartition log;
  std::vector<Offset> offsets;
  FileImage after;
};

Result RecoverImage(const FileImage& image) {
  PartitionWorld world(image);
  Result result;
  auto log = world.Recover();
  REQUIRE_OK(log);
  result.log = *std::move(log);
  result.offsets = ReadOffsets(*world.root, result.log);
  result.after = ReadImage(*world.root);
  return result;
}

bool Has(const std::vector<Offset>& offsets, Offset offset) {
  return std::binary_search(offsets.begin(), offsets.end(), offset);
}

bool IsInDamage(const RecoveredPartition& log, Offset offset) {
  return std::any_of(log.damage.begin(), log.damage.end(),
                     [offset](const DamagedRange& range) {
                       return range.from <= offset && offset < range.to;
                     });
}

// A file that held durable records was not shortened or changed.
bool IsUntouched(const Result& result, const FileImage& before,
                 const std::string& name) {
  const auto it = result.after.find(name);
  return it != result.after.end() && it->second == before.at(name);
}

// The offsets of the batch at `position` of the file, none outside of a batch.
std::vector<Offset> OffsetsAt(const SampleLog& sample, const std::string& name,
                              uint64_t position) {
  for (const BatchPlace& place : sample.places.at(name)) {
    if (place.position <= position && position < place.end()) {
      return Range(place.base_offset, place.next_offset);
    }
  }
  return {};
}

// Whether all of I1, I2, I6 and I7 hold after the damage of one batch, or of
// none when `touched` is empty. I2 is checked by every read.
void CheckFlip(const FileImage& image, const std::string& name,
               const std::vector<Offset>& touched, const Result& result) {
  const Offset first = touched.empty() ? SampleLog::kEnd : touched.front();
  const bool is_torn =
      name == kFileC && !touched.empty() && first >= SampleLog::kMark;
  const Offset end = is_torn ? first : SampleLog::kEnd;
  REQUIRE(result.log.end == end);
  REQUIRE(result.log.durable == end);
  for (Offset offset = 0; offset < end; ++offset) {
    const bool is_touched = Has(touched, offset);
    REQUIRE(Has(result.offsets, offset) != is_touched);
    // Nothing but the damaged batch is given up.
    if (!is_touched) REQUIRE_FALSE(IsInDamage(result.log, offset));
  }
  REQUIRE((IsUntouched(result, image, kFileA)));
  REQUIRE((IsUntouched(result, image, kFileB)));
  if (!is_torn) return;
  // Torn is quiet.
  REQUIRE(result.log.damage.empty());
  REQUIRE(result.log.report.damage.empty());
}

// Flips one bit in `step` of each byte.
void FlipSegments(size_t step) {
  const Sample sample;
  for (const std::string& name : {kFileA, kFileB, kFileC}) {
    const std::string& good = sample.image.at(name);
    for (size_t position = 0; position < good.size(); ++position) {
      const std::vector<Offset> touched = OffsetsAt(sample, name, position);
      // Headers and reserved zeros are all alike.
      if (touched.empty() && step > 1 && position % 5 != 0) continue;
      for (size_t bit = position % step; bit < 8; bit += step) {
        FileImage image = sample.image;
        FlipBit(image[name], 8 * position + bit);
        INFO(name << " position " << position << " bit " << bit);
        CheckFlip(image, name, touched, RecoverImage(image));
      }
    }
  }
}

TEST_CASE("A flipped bit in any byte of a segment is rot or a torn tail",
          "[partition]") {
  // G4 G5
  FlipSegments(8);
}

TEST_CASE("Every flipped bit of a segment is rot or a torn tail",
          "[partition][.slow]") {
  // G4 G5
  FlipSegments(1);
}

TEST_CASE("Rot in a batch header of the tail is reported with its range",
          "[partition]") {
  const Sample sample;
  const BatchPlace place = sample.PlaceOf(15);
  for (uint64_t at = 0; at < 96; ++at) {
    FileImage image = sample.image;
    FlipBit(image[kFileC], 8 * (place.position + at) + at % 8);
    const Result result = RecoverImage(image);
    REQUIRE(result.log.damage.size() == 1);
    const DamagedRange& range = result.log.damage[0];
    CHECK(range.from == place.base_offset);
    CHECK(range.to == place.next_offset);
    CHECK(range.position == place.position);
    CHECK(range.size == place.size);
    CHECK((IsUntouched(result, image, kFileC)));
  }
}

TEST_CASE("Every flipped bit of META leaves the log whole", "[partition]") {
  const Sample sample;
  for (size_t bit = 0; bit < 8 * sample.image.at("META").size();
       bit += bit % 32768 < 1100 ? 1 : 97) {
    FileImage image = sample.image;
    FlipBit(image["META"], bit);
    const Result result = RecoverImage(image);
    CHECK(result.log.end == SampleLog::kEnd);
    CHECK(result.offsets == Range(0, SampleLog::kEnd));
    CHECK(result.log.damage.empty());
  }
}

TEST_CASE("Every shorter length of a sealed segment costs its records only",
          "[partition]") {
  // G5
  const Sample sample;
  for (const std::string& name : {kFileA, kFileB}) {
    const std::string& good = sample.image.at(name);
    for (size_t size = 0; size < good.size(); ++size) {
      FileImage image = sample.image;
      image[name].resize(size);
      const Result result = RecoverImage(image);
      REQUIRE(result.log.end == SampleLog::kEnd);
      REQUIRE((IsUntouched(result, image, name)));
      for (const BatchPlace& place : sample.places.at(name)) {
        // With a header that is cut off nothing can be verified.
        const bool is_there = place.end() <= size && size >= 128;
        for (Offset o = place.base_offset; o < place.next_offset; ++o) {
          REQUIRE(Has(result.offsets, o) == is_there);
          REQUIRE(IsInDamage(result.log, o) == !is_there);
        }
      }
      REQUIRE(result.offsets.back() == SampleLog::kEnd - 1);
    }
  }
}

TEST_CASE("Every shorter length of the last segment loses what was in it",
          "[partition]") {
  // G4 G5
  const Sample sample;
  const std::string& good = sample.image.at(kFileC);
  for (size_t size = 0; size < good.size(); ++size) {
    FileImage image = sample.image;
    image[kFileC].resize(size);
    const Result result = RecoverImage(image);
    Offset whole = 15;
    for (const BatchPlace& place : sample.places.at(kFileC)) {
      if (place.end() <= size) whole = place.next_offset;
    }
    REQUIRE(result.offsets == Range(0, whole));
    // META says that 15 was durable; the batches that knew more are gone when
    // the file is shorter.
    REQUIRE(result.log.end >= std::max<Offset>(whole, 16));
    const bool has_lost = whole < 16;
    REQUIRE(result.log.damage.size() == (has_lost ? 1 : 0));
    if (has_lost) {
      REQUIRE(result.log.damage[0].from == whole);
      REQUIRE((IsUntouched(result, image, kFileC)));
    }
  }
}

TEST_CASE("Every sector of the log that is zeroed is rot or a torn tail",
          "[partition]") {
  const Sample sample;
  for (const std::string& name : {kFileA, kFileB, kFileC}) {
    const std::string& good = sample.image.at(name);
    for (size_t at = 0; at < good.size(); at += 128) {
      FileImage image = sample.image;
      const size_t size = std::min<size_t>(128, good.size() - at);
      image[name].replace(at, size, size, '\0');
      const Result result = RecoverImage(image);
      for (Offset offset = 0; offset < 15; ++offset) {
        const BatchPlace place = sample.PlaceOf(offset);
        const bool is_in_file =
            sample.places.at(name).front().base_offset <= offset &&
            offset < sample.places.at(name).back().next_offset;
        const bool is_hit =
            is_in_file && place.position < at + size && at < place.end();
        INFO(name << " at " << at << " offset " << offset);
        REQUIRE(Has(result.offsets, offset) != is_hit);
      }
      REQUIRE(result.log.end >= SampleLog::kMark);
      REQUIRE((IsUntouched(result, image, kFileA)));
      REQUIRE((IsUntouched(result, image, kFileB)));
    }
  }
}

TEST_CASE("Each segment that is missing costs its records only",
          "[partition]") {
  const Sample sample;
  for (const std::string& name : {kFileA, kFileB, kFileC}) {
    FileImage image = sample.image;
    image.erase(name);
    const Result result = RecoverImage(image);
    const std::vector<BatchPlace>& lost = sample.places.at(name);
    for (Offset offset = 0; offset < SampleLog::kEnd; ++offset) {
      const bool is_lost = lost.front().base_offset <= offset &&
                           offset < lost.back().next_offset;
      CHECK(Has(result.offsets, offset) != is_lost);
      if (is_lost && offset < result.log.end) {
        CHECK(IsInDamage(result.log, offset));
      }
    }
    CHECK(result.log.report.has_damage());
  }
}

TEST_CASE("Segments that trade names are damage", "[partition]") {
  const Sample sample;
  FileImage image = sample.image;
  std::swap(image[kFileA], image[kFileB]);
  const Result result = RecoverImage(image);
  CHECK(result.offsets == Range(15, 23));
  CHECK(IsInDamage(result.log, 0));
  CHECK(IsInDamage(result.log, 14));
  CHECK((IsUntouched(result, image, kFileA)));
  CHECK((IsUntouched(result, image, kFileB)));
}

TEST_CASE("A second recovery of any damage finds the same log", "[partition]") {
  // I8
  const Sample sample;
  for (const std::string& name : {kFileA, kFileB, kFileC}) {
    const size_t size = sample.image.at(name).size();
    for (size_t position = 0; position < size; position += 11) {
      FileImage image = sample.image;
      FlipBit(image[name], 8 * position + position % 8);
      const Result first = RecoverImage(image);
      const Result second = RecoverImage(first.after);
      INFO(name << " position " << position);
      REQUIRE(second.log.end == first.log.end);
      REQUIRE(second.log.damage == first.log.damage);
      REQUIRE(second.offsets == first.offsets);
      REQUIRE((second.after == first.after));
      REQUIRE_FALSE(second.log.report.cut.has_value());
    }
  }
}

}  // namespace
}  // namespace tidemark::test
