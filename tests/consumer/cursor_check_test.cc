#include "consumer/cursor_check.h"

#include <functional>
#include <string>

#include "consumer/cursor_file_fixture.h"
#include "support/catch.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

namespace format = cursor_file_format;

// A closed file with a commit of partition 0 and a claim of partition 1.
struct Sample {
  explicit Sample(PartitionNumber claims = 2) {
    const auto file = directory.Take(claims);
    REQUIRE_OK(Commit(*file, 0, 5));
    REQUIRE_OK(Commit(*file, 0, 6));
    REQUIRE_OK(file->Close());
    bytes = directory.ReadFile();
  }

  absl::StatusOr<std::vector<DamagedRange>> Check() {
    directory.WriteFile(bytes);
    return CheckCursorFile(directory.directory(), kStoreId, kCursorName);
  }

  std::vector<DamagedRange> Damage() {
    auto damage = Check();
    REQUIRE_OK(damage);
    return *std::move(damage);
  }

  void Fill(uint64_t at, uint64_t size, char value) {
    bytes.replace(at, size, size, value);
  }

  MemoryEnv env;
  CursorDirectory directory{env};
  std::string bytes;
};

TEST_CASE("A cursor file that nobody touched is sound", "[cursor_check]") {
  CHECK(Sample().Damage().empty());
  CHECK(Sample(64).Damage().empty());
  CHECK(Sample(65).Damage().empty());
}

TEST_CASE("Without a file there is nothing to check", "[cursor_check]") {
  MemoryEnv env;
  CursorDirectory directory(env);
  CHECK_STATUS(absl::StatusCode::kNotFound,
               CheckCursorFile(directory.directory(), kStoreId, kCursorName));
}

TEST_CASE("Every byte of a cursor file is looked at", "[cursor_check]") {
  Sample sample;
  const std::string good = sample.bytes;
  for (size_t at = 0; at < good.size(); ++at) {
    sample.bytes = good;
    sample.bytes[at] ^= static_cast<char>(1 << at % 8);
    const std::vector<DamagedRange> damage = sample.Damage();
    REQUIRE(damage.size() == 1);
    CHECK(damage[0].file == kCursorPath);
    CHECK(damage[0].position <= at);
    CHECK(at < damage[0].position + damage[0].size);
  }
}

TEST_CASE("Every other length of a cursor file is damage", "[cursor_check]") {
  Sample sample;
  const std::string good = sample.bytes;
  for (size_t size = 0; size < good.size(); size += 9) {
    sample.bytes = good.substr(0, size);
    const auto damage = sample.Check();
    CHECK((IsDamaged(damage.status()) || !damage->empty()));
  }
  sample.bytes = good + "x";
  REQUIRE(sample.Damage().size() == 1);
  CHECK(sample.Damage()[0].position == good.size());
}

TEST_CASE("A growth that was not finished is no damage", "[cursor_check]") {
  Sample sample;
  sample.bytes += std::string(format::kPairSize, '\0');
  CHECK(sample.Damage().empty());
  sample.bytes.back() = 'x';
  REQUIRE(sample.Damage().size() == 1);
  CHECK(sample.Damage()[0].may_be_torn);
}

TEST_CASE("A crash can tear one of two slots, and leaves no commit lost",
          "[cursor_check]") {
  Sample sample;
  const std::string good = sample.bytes;
  const uint64_t commits[] = {CursorSlotPosition(0, 0),
                              CursorSlotPosition(0, 1)};
  const auto torn = [&](std::initializer_list<uint64_t> places, char value) {
    sample.bytes = good;
    for (const uint64_t at : places) sample.Fill(at, format::kSlotSize, value);
    const std::vector<DamagedRange> damage = sample.Damage();
    REQUIRE(damage.size() == places.size());
    for (const DamagedRange& range : damage) {
      CHECK(range.may_be_torn == damage[0].may_be_torn);
    }
    return damage[0].may_be_torn;
  };
  for (const uint64_t commit : commits) {
    CHECK(torn({commit}, 'x'));
    CHECK(torn({commit}, '\0'));
  }
  CHECK_FALSE(torn({commits[0], commits[1]}, 'x'));
  // The second slot of a claim.
  CHECK(torn({CursorSlotPosition(1, 1)}, 'x'));
  // The first slot of a claim is not written again but by a commit.
  CHECK_FALSE(torn({CursorSlotPosition(1, 0)}, 'x'));
  // Of an entry that is free.
  CHECK(torn({CursorSlotPosition(9, 0)}, 'x'));
  CHECK(torn({CursorExtentPosition(1)}, 'x'));
}

TEST_CASE("Slots that do not belong together are damage", "[cursor_check]") {
  Sample sample;
  CursorSlot slot;
  slot.sequence = 7;
  slot.key = KeyOf(3);
  CursorFileIdentity identity;
  REQUIRE(DecodeCursorHeader(AsBytes(sample.bytes), 0, &identity) ==
          CursorBytes::kValid);
  const uint64_t at = CursorSlotPosition(0, 1);
  EncodeCursorSlot(slot, identity, at,
                   reinterpret_cast<std::byte*>(sample.bytes.data()) + at);
  const std::vector<DamagedRange> damage = sample.Damage();
  REQUIRE(damage.size() == 2);
  CHECK_FALSE(damage[0].may_be_torn);
}

TEST_CASE("A file of zeros is damage as a whole", "[cursor_check]") {
  Sample sample;
  sample.Fill(0, sample.bytes.size(), '\0');
  CHECK(IsDamaged(sample.Check().status()));
}

}  // namespace
}  // namespace tidemark::test
