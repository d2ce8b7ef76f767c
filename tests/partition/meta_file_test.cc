#include "partition/meta_file.h"

#include <string>

#include "base/checksum.h"
#include "base/endian.h"
#include "partition/meta_format.h"
#include "partition/recovery_fixture.h"
#include "segment/format_page.h"
#include "support/catch.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

const std::string kPath = "p/META";

PartitionMeta SampleMeta(Offset start) {
  return {.start = start,
          .highest_segment = 200,
          .durable_end = 300,
          .clean_end = 400,
          .clean_incarnation = 5,
          .cut_offset = 250,
          .cut_incarnation = 4};
}

std::unique_ptr<MetaFile> Load(Directory& root) {
  auto file = MetaFile::Load(root, kPartition, TestIdentity());
  REQUIRE_OK(file);
  return *std::move(file);
}

// The bytes of META after storing SampleMeta(1), SampleMeta(2) and so on.
std::string Stored(int count) {
  PartitionWorld world;
  const auto file = Load(*world.root);
  for (int i = 1; i <= count; ++i) REQUIRE_OK(file->Store(SampleMeta(i)));
  return ReadWhole(*world.root, kPath);
}

struct Loaded {
  explicit Loaded(const std::string& bytes) : world({{"META", bytes}}) {
    file = Load(*world.root);
  }
  PartitionWorld world;
  std::unique_ptr<MetaFile> file;
};

void FixChecksum(std::string& bytes, size_t slot) {
  auto* const at = reinterpret_cast<std::byte*>(bytes.data()) + 4096 * slot;
  std::byte position[8];
  StoreLittle(position, uint64_t{4096 * slot});
  StoreLittle(at + 120, Checksum(position, {at, 120}));
}

TEST_CASE("A partition without META is new", "[partition]") {
  PartitionWorld world;
  const auto file = Load(*world.root);
  CHECK(file->state() == MetaState::kMissing);
  CHECK(file->meta() == PartitionMeta{});
  CHECK(file->path() == kPath);
}

TEST_CASE("META has the bytes of its page", "[partition][format]") {
  const std::string bytes = Stored(1);
  CHECK(bytes.size() == 8192);
  CHECK(bytes.substr(0, 8) == "TMTMETA1");
  const auto u64 = [&bytes](size_t at) {
    return LoadLittle<uint64_t>(AsBytes(bytes).data() + at);
  };
  CHECK(u64(8) == (uint64_t{7} << 32 | 1));
  CHECK(bytes.substr(16, 16) == std::string(16, '\xbb'));
  CHECK(u64(32) == 1);
  CHECK(u64(40) == 1);
  CHECK(u64(48) == 200);
  CHECK(u64(56) == 300);
  CHECK(u64(64) == 400);
  CHECK(u64(72) == 5);
  CHECK(u64(80) == 250);
  CHECK(u64(88) == 4);
  CHECK(bytes.substr(96, 24) == std::string(24, '\0'));
  CHECK(bytes.find_first_not_of('\0', 128) == std::string::npos);
}

TEST_CASE("The META of the page is what the code writes",
          "[partition][format]") {
  // docs/format/partition_meta.md says what the code does.
  SegmentIdentity identity;
  identity.topic_id = FilledId(0x22);
  identity.partition = 3;
  PartitionWorld world;
  auto file = MetaFile::Load(*world.root, kPartition, identity);
  REQUIRE_OK(file);
  REQUIRE_OK((*file)->Store(PartitionMeta{}));
  REQUIRE_OK((*file)->Store({.start = 10,
                             .highest_segment = 41,
                             .durable_end = 43,
                             .clean_end = 44,
                             .clean_incarnation = 5,
                             .cut_offset = 40,
                             .cut_incarnation = 4}));
  std::string golden = FormatPage("partition_meta.md").Golden("meta");
  golden.resize(8192, '\0');
  const std::string bytes = ReadWhole(*world.root, kPath);
  INFO(FirstDifference(bytes, golden));
  CHECK((bytes == golden));
}

TEST_CASE("The table of META's page has the places of the code",
          "[partition][format]") {
  using namespace meta_format;
  const FormatPage page("partition_meta.md");
  CHECK(page.HasField(kMagicAt, "8", "magic"));
  CHECK(page.HasField(kVersionAt, "4", "version"));
  CHECK(page.HasField(kPartitionAt, "4", "partition"));
  CHECK(page.HasField(kTopicIdAt, "16", "topic_id"));
  CHECK(page.HasField(kSequenceAt, "8", "sequence"));
  CHECK(page.HasField(kStartAt, "8", "start"));
  CHECK(page.HasField(kHighestSegmentAt, "8", "highest_segment"));
  CHECK(page.HasField(kDurableEndAt, "8", "durable_end"));
  CHECK(page.HasField(kCleanEndAt, "8", "clean_end"));
  CHECK(page.HasField(kCleanIncarnationAt, "8", "clean_incarnation"));
  CHECK(page.HasField(kCutOffsetAt, "8", "cut_offset"));
  CHECK(page.HasField(kCutIncarnationAt, "8", "cut_incarnation"));
  CHECK(page.HasField(kReservedAt, "24", "reserved"));
  CHECK(page.HasField(kChecksumAt, "8", "checksum"));
}

TEST_CASE("META is read as it was stored", "[partition]") {
  for (int count = 1; count <= 5; ++count) {
    Loaded loaded(Stored(count));
    CHECK(loaded.file->state() == MetaState::kValid);
    CHECK(loaded.file->meta() == SampleMeta(count));
    CHECK(loaded.file->damage().empty());
  }
}

TEST_CASE("A store writes the slot that is not the newest", "[partition]") {
  const std::string one = Stored(1);
  const std::string two = Stored(2);
  const std::string three = Stored(3);
  CHECK(two.substr(0, 4096) == one.substr(0, 4096));
  CHECK(two.substr(4096) != one.substr(4096));
  CHECK(three.substr(4096) == two.substr(4096));
  CHECK(three.substr(0, 4096) != two.substr(0, 4096));
}

TEST_CASE("A loaded META is stored into the older slot", "[partition]") {
  Loaded loaded(Stored(2));
  REQUIRE_OK(loaded.file->Store(SampleMeta(3)));
  CHECK((ReadWhole(*loaded.world.root, kPath) == Stored(3)));
}

std::vector<DamagedRange> TornSlot(size_t slot) {
  return {{.file = "META",
           .position = 4096 * slot,
           .size = 128,
           .what = "slot damaged",
           .may_be_torn = true}};
}

TEST_CASE("A damaged slot leaves the other one", "[partition]") {
  for (size_t bit = 0; bit < 8 * 128; ++bit) {
    std::string newest = Stored(2);
    FlipBit(newest, 8 * 4096 + bit);
    Loaded older(newest);
    CHECK(older.file->state() == MetaState::kValid);
    CHECK(older.file->meta() == SampleMeta(1));
    CHECK(older.file->damage() == TornSlot(1));
    std::string oldest = Stored(2);
    FlipBit(oldest, bit);
    Loaded newer(oldest);
    CHECK(newer.file->meta() == SampleMeta(2));
    CHECK(newer.file->damage() == TornSlot(0));
  }
}

TEST_CASE("A slot that was lost is damage unless META may be new",
          "[partition]") {
  for (const size_t slot : {0u, 1u}) {
    for (const int count : {1, 2, 3}) {
      std::string bytes = Stored(count);
      bytes.replace(4096 * slot, 4096, 4096, '\0');
      Loaded loaded(bytes);
      const bool is_only = slot == 0 && count == 1;
      CHECK(loaded.file->state() ==
            (is_only ? MetaState::kMissing : MetaState::kValid));
      CHECK(loaded.file->damage().empty() == (slot == 1 && count <= 2));
    }
  }
}

TEST_CASE("Every byte of META is looked at", "[partition]") {
  for (const int count : {1, 2, 3}) {
    const std::string good = Stored(count);
    for (size_t at = 0; at <= good.size(); ++at) {
      std::string bytes = good;
      bytes.resize(std::max(bytes.size(), at + 1));
      bytes[at] ^= 4;
      const Loaded loaded(bytes);
      REQUIRE(loaded.file->damage().size() == 1);
      const DamagedRange& damage = loaded.file->damage()[0];
      CHECK(damage.position <= at);
      CHECK(damage.position + damage.size > at);
      CHECK(damage.may_be_torn ==
            (at % 4096 < 128 && at < 8192 && (count > 1 || at >= 4096)));
    }
    for (size_t size = 0; size < good.size(); size += 5) {
      CHECK_FALSE(Loaded(good.substr(0, size)).file->damage().empty());
    }
  }
}

TEST_CASE("Every flipped bit of the only slot is found", "[partition]") {
  for (size_t bit = 0; bit < 8 * 128; ++bit) {
    std::string bytes = Stored(1);
    FlipBit(bytes, bit);
    Loaded loaded(bytes);
    CHECK(loaded.file->state() == MetaState::kDamaged);
    CHECK(loaded.file->meta() == PartitionMeta{});
  }
}

TEST_CASE("META can be stored again when both slots are damaged",
          "[partition]") {
  Loaded loaded(std::string(8192, 'x'));
  CHECK(loaded.file->state() == MetaState::kDamaged);
  REQUIRE_OK(loaded.file->Store(SampleMeta(9)));
  CHECK(loaded.file->state() == MetaState::kValid);
  CHECK(Load(*loaded.world.root)->meta() == SampleMeta(9));
}

TEST_CASE("A META that was never written is missing, whatever its size",
          "[partition]") {
  for (const size_t size : {0u, 100u, 4096u, 8192u, 9000u}) {
    Loaded loaded(std::string(size, '\0'));
    CHECK(loaded.file->state() == MetaState::kMissing);
    REQUIRE_OK(loaded.file->Store(SampleMeta(1)));
    CHECK(Load(*loaded.world.root)->meta() == SampleMeta(1));
    CHECK(ReadWhole(*loaded.world.root, kPath).size() >= 8192);
  }
}

TEST_CASE("A slot of another partition or topic does not count",
          "[partition]") {
  const std::string bytes = Stored(1);
  PartitionWorld world({{"META", bytes}});
  SegmentIdentity other = TestIdentity();
  other.partition = 6;
  auto file = MetaFile::Load(*world.root, kPartition, other);
  CHECK((*file)->state() == MetaState::kDamaged);
  other = TestIdentity();
  other.topic_id = FilledId(1);
  file = MetaFile::Load(*world.root, kPartition, other);
  CHECK((*file)->state() == MetaState::kDamaged);
}

TEST_CASE("Slots that trade places do not count", "[partition]") {
  const std::string bytes = Stored(2);
  Loaded loaded(bytes.substr(4096) + bytes.substr(0, 4096));
  CHECK(loaded.file->state() == MetaState::kDamaged);
}

TEST_CASE("Slot fields out of range are refused", "[partition]") {
  const auto state_with = [](size_t at, char value) {
    std::string bytes = Stored(1);
    bytes[at] = value;
    FixChecksum(bytes, 0);
    return Loaded(bytes).file->state();
  };
  CHECK(state_with(40, 3) == MetaState::kValid);
  CHECK(state_with(8, 0) == MetaState::kDamaged);
  CHECK(state_with(47, '\x80') == MetaState::kDamaged);
  CHECK(state_with(55, '\x80') == MetaState::kDamaged);
  CHECK(state_with(63, '\x80') == MetaState::kDamaged);
  CHECK(state_with(71, '\x80') == MetaState::kDamaged);
  CHECK(state_with(87, '\x80') == MetaState::kDamaged);
  CHECK(state_with(119, 1) == MetaState::kDamaged);
}

TEST_CASE("A META of a newer format fails the open", "[partition]") {
  for (const size_t slot : {0u, 1u}) {
    std::string bytes = Stored(2);
    bytes[4096 * slot + 8] = 2;
    FixChecksum(bytes, slot);
    PartitionWorld world({{"META", bytes}});
    const absl::Status status =
        MetaFile::Load(*world.root, kPartition, TestIdentity()).status();
    CHECK(IsNewerFormat(status));
    CHECK(status.message().find("META: format 2, this version reads 1") !=
          std::string::npos);
  }
}

TEST_CASE("What Store returned survives a power cut", "[partition]") {
  PartitionWorld world;
  const auto file = Load(*world.root);
  for (int i = 1; i <= 3; ++i) {
    REQUIRE_OK(file->Store(SampleMeta(i)));
    const auto copy = world.env.CopyDurable();
    const auto root = *copy->OpenDirectory("/store", false);
    CHECK(Load(*root)->meta() == SampleMeta(i));
  }
}

TEST_CASE("A store that stops anywhere leaves the old values or the new ones",
          "[partition]") {
  for (const bool is_new : {false, true}) {
    for (uint64_t index = 0;; ++index) {
      PartitionWorld world;
      if (!is_new) {
        REQUIRE_OK(Load(*world.root)->Store(SampleMeta(1)));
      }
      FaultEnv fault(world.env);
      const auto root = *fault.OpenDirectory("/store", false);
      const auto file = Load(*root);
      fault.ForgetCalls();
      Fault stop;
      stop.index = index;
      stop.is_persistent = true;
      stop.short_size = 60;
      fault.Inject(stop);
      const absl::Status status = file->Store(SampleMeta(2));
      if (fault.injected_count() == 0) {
        CHECK_OK(status);
        break;
      }
      for (const auto& env :
           {world.env.CopyCurrent(), world.env.CopyDurable()}) {
        const auto after = *env->OpenDirectory("/store", false);
        const auto again = Load(*after);
        const bool is_old = is_new ? again->state() != MetaState::kValid
                                   : again->meta() == SampleMeta(1);
        CHECK((is_old || again->meta() == SampleMeta(2)));
        CHECK_OK(again->Store(SampleMeta(3)));
      }
    }
  }
}

TEST_CASE("A failed sync of META is sticky", "[partition]") {
  for (const int error : {EIO, ENOSPC}) {
    PartitionWorld world;
    REQUIRE_OK(Load(*world.root)->Store(SampleMeta(1)));
    FaultEnv fault(world.env);
    const auto root = *fault.OpenDirectory("/store", false);
    const auto file = Load(*root);
    fault.FailKind(EnvCall::kSync, error);
    const absl::Status status = file->Store(SampleMeta(2));
    CHECK_FALSE(status.ok());
    CHECK(file->meta() == SampleMeta(1));
    const uint64_t calls = fault.call_count();
    CHECK(file->Store(SampleMeta(3)) == status);
    CHECK(fault.call_count() == calls);
  }
}

TEST_CASE("A full disk at META passes", "[partition]") {
  PartitionWorld world;
  REQUIRE_OK(Load(*world.root)->Store(SampleMeta(1)));
  FaultEnv fault(world.env);
  const auto root = *fault.OpenDirectory("/store", false);
  const auto file = Load(*root);
  fault.FailKind(EnvCall::kWrite, ENOSPC);
  CHECK(IsDiskFull(file->Store(SampleMeta(2))));
  CHECK_OK(file->Store(SampleMeta(3)));
  CHECK(Load(*root)->meta() == SampleMeta(3));
}

TEST_CASE("A read error of META is tried again once", "[partition]") {
  PartitionWorld world;
  REQUIRE_OK(Load(*world.root)->Store(SampleMeta(1)));
  FaultEnv fault(world.env);
  const auto root = *fault.OpenDirectory("/store", false);
  fault.FailKind(EnvCall::kRead, EIO);
  CHECK(Load(*root)->meta() == SampleMeta(1));
  fault.FailKind(EnvCall::kRead, EIO, /*is_persistent=*/true);
  CHECK(IsIoError(MetaFile::Load(*root, kPartition, TestIdentity()).status()));
}

}  // namespace
}  // namespace tidemark::test
