#include "partition/takeover.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/checksum.h"
#include "base/endian.h"
#include "fmt/core.h"
#include "partition/arena_format.h"
#include "partition/arena_setup.h"
#include "partition/log_fixture.h"
#include "record/record_codec.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

// A process with an arena in the shared memory of a MemoryEnv.
class ArenaProcess {
 public:
  explicit ArenaProcess(Env& env, Incarnation incarnation = 1)
      : env_(env), fixture_(env) {
    for (Incarnation i = 1; i < incarnation; ++i) fixture_.Share();
    shared_ = fixture_.Share();
    if (incarnation == 1) {
      REQUIRE_OK(PartitionLog::Create(*shared_, fixture_.address()));
      REQUIRE_OK(shared_->directory->Sync(""));
    }
    identity_.store_id = shared_->store_id;
    identity_.lock_inode = 42;
  }

  LogFixture& fixture() { return fixture_; }
  LogShared& shared() { return *shared_; }

  void MakeArena(uint64_t size = 1 << 20) {
    ArenaWish wish;
    wish.size_max = size;
    wish.durability = ProcessDurability::kSharedMemory;
    auto made = tidemark::MakeArena(env_, *shared_->directory, wish, identity_,
                                    shared_->incarnation,
                                    [this](const ArenaPlace& place) {
                                      place_ = place;
                                      return absl::OkStatus();
                                    });
    REQUIRE_OK(made);
    shared_->arena = std::move(made->arena);
    shared_->arena_lock = std::move(made->lock);
    shared_->process_durability = made->durability;
  }

  std::shared_ptr<PartitionLog> Open(bool is_taking_over = false) {
    auto log = PartitionLog::Open(
        shared_, fixture_.address(), fixture_.options,
        {.is_file_system_synced = false, .is_taking_over = is_taking_over});
    REQUIRE_OK(log);
    return *std::move(log);
  }

  const ArenaPlace& place() const { return place_; }
  const ArenaIdentity& identity() const { return identity_; }

  std::unique_ptr<DeadArena> OpenDead(const ArenaPlace& place) {
    auto arena = DeadArena::Open(env_, *shared_->directory, place, identity_);
    REQUIRE_OK(arena);
    return *std::move(arena);
  }

 private:
  Env& env_;
  LogFixture fixture_;
  std::shared_ptr<LogShared> shared_;
  ArenaIdentity identity_;
  ArenaPlace place_;
};

void AppendNumbers(PartitionLog& log, int from, int to) {
  for (int i = from; i < to; ++i) {
    REQUIRE_OK(AppendText(log, fmt::format("value {}", i), Ack::kProcess));
  }
}

void CheckNumbers(const std::shared_ptr<PartitionLog>& log, int to) {
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
  REQUIRE(values.size() == static_cast<size_t>(to));
  for (int i = 0; i < to; ++i) CHECK(values[i] == fmt::format("value {}", i));
}

TEST_CASE("Records in the arena of a dead process are taken over",
          "[partition]") {
  // G2
  for (const int written : {0, 1, 50, 99, 100}) {
    CAPTURE(written);
    MemoryEnv env;
    ArenaProcess dead(env);
    dead.MakeArena();
    const auto before = dead.Open();
    AppendNumbers(*before, 0, written);
    REQUIRE_OK(before->WriteOut(/*is_everything=*/true));
    AppendNumbers(*before, written, 100);
    CHECK(before->marks().written == written);
    const auto after = env.CopyCurrent();
    ArenaProcess heir(*after, 2);
    const auto arena = heir.OpenDead(dead.place());
    INFO(arena->detail());
    REQUIRE(arena->outcome() == ArenaOutcome::kTakenOver);
    const auto log = heir.Open(/*is_taking_over=*/true);
    CHECK(log->marks().end == written);
    for (const TakenBatch& batch : arena->batches()) {
      REQUIRE_OK(log->AppendTaken(batch));
    }
    REQUIRE_OK(log->FinishTakeOver());
    CHECK(log->marks().durable == 100);
    CHECK(log->recovery().records_taken_over == 100u - written);
    CheckNumbers(log, 100);
    // Records taken over keep the incarnation under which readers saw them.
    CHECK_OK(log->CheckPosition(100, 1));
    REQUIRE_OK(arena->Remove());
    CHECK(heir.OpenDead(dead.place())->outcome() == ArenaOutcome::kMissing);
  }
}

TEST_CASE("A batch that the files hold in part is taken from where they end",
          "[partition]") {
  MemoryEnv env;
  ArenaProcess dead(env);
  dead.MakeArena();
  const auto log = dead.Open();
  AppendNumbers(*log, 0, 10);
  const auto arena = [&] {
    const auto after = env.CopyCurrent();
    ArenaProcess heir(*after, 2);
    return heir.OpenDead(dead.place());
  }();
  REQUIRE(arena->batches().size() == 1);
  for (Offset end = 0; end <= 10; ++end) {
    BatchHeader part;
    ByteSpan records;
    std::string storage;
    REQUIRE_OK(arena->batches()[0].From(end, &part, &records, &storage));
    if (end == 10) {
      CHECK(records.empty());
      continue;
    }
    CHECK(part.base_offset == end);
    CHECK(part.next_offset() == 10);
    PayloadShape shape;
    REQUIRE(MeasurePayload(records, part.base_time, &shape));
    CHECK(shape.record_count == part.record_count);
    CHECK(shape.record_count == 10 - end);
  }
}

TEST_CASE("A batch behind a hole is refused with the gap", "[partition]") {
  TakenBatch batch;
  batch.header.base_offset = 20;
  batch.header.offset_span = 5;
  BatchHeader part;
  ByteSpan records;
  std::string storage;
  const absl::Status status = batch.From(10, &part, &records, &storage);
  CHECK(IsDamaged(status));
  CHECK(DamagedGap(status)->from == 10);
  CHECK(DamagedGap(status)->to == 20);
}

TEST_CASE("An arena of another store, boot or owner is left alone",
          "[partition]") {
  MemoryEnv env;
  ArenaProcess dead(env);
  dead.MakeArena();
  const auto log = dead.Open();
  AppendNumbers(*log, 0, 10);

  SECTION("of a living owner") {
    const auto process = env.StartProcess();
    ArenaProcess heir(*process, 2);
    CHECK(heir.OpenDead(dead.place())->outcome() == ArenaOutcome::kLocked);
  }
  SECTION("of another store") {
    const auto after = env.CopyCurrent();
    ArenaProcess heir(*after, 2);
    ArenaIdentity other = heir.identity();
    other.store_id.bytes[3] = std::byte{1};
    REQUIRE_OK_AND_ASSIGN(
        auto arena,
        DeadArena::Open(*after, *heir.shared().directory, dead.place(), other));
    CHECK(arena->outcome() == ArenaOutcome::kForeign);
    REQUIRE_OK(arena->Remove());
    arena = nullptr;  // gives up its lock
    CHECK(heir.OpenDead(dead.place())->outcome() == ArenaOutcome::kTakenOver);
  }
  SECTION("of a copy of the store") {
    const auto after = env.CopyCurrent();
    ArenaProcess heir(*after, 2);
    ArenaIdentity copy = heir.identity();
    copy.lock_inode = 43;
    REQUIRE_OK_AND_ASSIGN(
        const auto arena,
        DeadArena::Open(*after, *heir.shared().directory, dead.place(), copy));
    CHECK(arena->outcome() == ArenaOutcome::kForeign);
  }
  SECTION("of another boot") {
    const auto after = env.CopyDurable();
    ArenaProcess heir(*after, 2);
    CHECK(heir.OpenDead(dead.place())->outcome() == ArenaOutcome::kOtherBoot);
  }
  SECTION("gone though the boot is the same") {
    const auto after = env.CopyCurrent();
    after->LoseSharedMemory();
    ArenaProcess heir(*after, 2);
    CHECK(heir.OpenDead(dead.place())->outcome() == ArenaOutcome::kMissing);
  }
}

TEST_CASE("An arena whose owner died while making it is empty and removed",
          "[partition]") {
  MemoryEnv env;
  ArenaProcess dead(env);
  dead.MakeArena();
  const auto after = env.CopyCurrent();
  ArenaProcess heir(*after, 2);
  auto directory = after->OpenSharedMemoryDirectory("");
  REQUIRE_OK(directory);
  for (const uint64_t size : {uint64_t{0}, uint64_t{8192}}) {
    ArenaPlace place = dead.place();
    place.name.back() = place.name.back() == '0' ? '1' : '0';
    {
      SharedMemoryOptions options;
      options.reserved_size = 1 << 20;
      auto made = (*directory)->CreateSharedMemory(place.name, options);
      REQUIRE_OK(made);
      if (size > 0) REQUIRE_OK((*made)->Grow(size));
    }
    {
      const auto arena = heir.OpenDead(place);
      CHECK(arena->outcome() == ArenaOutcome::kTakenOver);
      CHECK(arena->batches().empty());
      REQUIRE_OK(arena->Remove());
    }
    CHECK(heir.OpenDead(place)->outcome() == ArenaOutcome::kMissing);
  }
}

TEST_CASE("What has not the name of an own arena is neither opened nor removed",
          "[partition]") {
  // G10: STORE may come from anywhere, and names any file of the user.
  MemoryEnv env;
  ArenaProcess owner(env);
  owner.MakeArena();
  const std::string own = owner.place().name;
  REQUIRE_OK_AND_ASSIGN(const auto outside,
                        env.OpenDirectory("/outside", /*is_creating=*/true));
  for (const std::string& name :
       {std::string("notes"), "x" + own, own + "0",
        own.substr(0, own.size() - 1), own.substr(0, own.size() - 1) + "g",
        own.substr(0, 15) + "0000000000000001" + own.substr(31)}) {
    INFO(name);
    REQUIRE_OK(outside->CreateFile(name));
    const ArenaPlace place = {ArenaKind::kSharedMemory, name, "/outside", 1};
    const auto arena = owner.OpenDead(place);
    CHECK(arena->outcome() == ArenaOutcome::kForeign);
    REQUIRE_OK(arena->Remove());
    CHECK_OK(outside->Stat(name));
  }
}

// An arena of `blocks` blocks of 1 KiB, in zeros of which records without bytes
// are made: each two bytes of a chunk are one.
class HostileArena {
 public:
  explicit HostileArena(uint64_t blocks) {
    using namespace arena_format;
    header_.block_size = 1024;
    header_.block_count = blocks;
    header_.first_slab = AlignUp(kHeaderSize + blocks * kDescriptorSize, 4096);
    bytes_.resize(header_.first_slab + blocks * header_.block_size);
  }

  void OpenChunk(uint64_t block, uint32_t size, Offset base_offset) {
    using namespace arena_format;
    std::byte* const at = bytes_.data() + kHeaderSize + block * kDescriptorSize;
    StoreLittle(at + kStateAt, kOpen);
    StoreLittle(at + kPublishedAt, size);
    StoreLittle(at + kChunkSizeAt, size);
    StoreLittle(
        at + kDescriptorChecksumAt,
        Checksum({at + kChunkSizeAt, kDescriptorChecksumAt - kChunkSizeAt}));
    StoreLittle(bytes_.data() + header_.first_slab +
                    block * header_.block_size + batch_format::kBaseOffsetAt,
                base_offset);
  }

  std::vector<TakenBatch> Collect(uint64_t* damaged) const {
    return CollectTaken(header_, bytes_, damaged);
  }

 private:
  ArenaHeader header_;
  std::vector<std::byte> bytes_;
};

TEST_CASE("Chunks of an arena that overlap are not walked twice",
          "[partition]") {
  // G10
  HostileArena arena(64);
  for (uint64_t block = 0; block < 64; ++block) {
    const auto blocks =
        static_cast<uint32_t>(std::min<uint64_t>(16, 64 - block));
    arena.OpenChunk(block, blocks * 1024, 0);
  }
  uint64_t damaged = 0;
  CHECK(arena.Collect(&damaged).size() == 4);
  CHECK(damaged == 60);
}

TEST_CASE("Records of an arena do not pass the last offset", "[partition]") {
  // G10
  constexpr Offset kRecords = (1024 - batch_format::kHeaderSize) / 2;
  for (const Offset over : {0, 1}) {
    HostileArena arena(1);
    arena.OpenChunk(0, 1024, kOffsetMax - kRecords + over);
    uint64_t damaged = 0;
    CHECK(arena.Collect(&damaged).size() == (over == 0 ? 1 : 0));
    CHECK(damaged == (over == 0 ? 0 : 1));
  }
}

TEST_CASE("Any byte of the arena may be wrong without harm", "[partition]") {
  // G10
  MemoryEnv env;
  ArenaProcess dead(env);
  dead.MakeArena(64 << 10);
  const auto log = dead.Open();
  AppendNumbers(*log, 0, 20);
  const auto after = env.CopyCurrent();
  ArenaProcess heir(*after, 2);
  auto directory = after->OpenSharedMemoryDirectory("");
  REQUIRE_OK(directory);
  REQUIRE_OK_AND_ASSIGN(const auto memory,
                        (*directory)->OpenSharedMemory(dead.place().name));
  std::vector<std::byte> bytes(memory->bytes().begin(), memory->bytes().end());
  REQUIRE_OK_AND_ASSIGN(const ArenaHeader header, DecodeArenaHeader(bytes));
  uint64_t damaged = 0;
  const auto whole = CollectTaken(header, bytes, &damaged);
  REQUIRE(whole.size() == 1);
  REQUIRE(whole[0].header.record_count == 20);
  for (size_t i = 0; i < bytes.size(); ++i) {
    // Beyond the header and the first pages of the slab nothing was touched.
    if (i == arena_format::kHeaderSize + 256) i = header.first_slab;
    if (i == header.first_slab + 1024) break;
    for (const int flip : {0x01, 0x80, 0xff}) {
      const std::byte before = bytes[i];
      bytes[i] ^= static_cast<std::byte>(flip);
      const absl::StatusOr<ArenaHeader> decoded = DecodeArenaHeader(bytes);
      if (decoded.ok()) {
        for (const TakenBatch& batch :
             CollectTaken(*decoded, bytes, &damaged)) {
          PayloadShape shape;
          CHECK(MeasurePayload(batch.records, batch.header.base_time, &shape));
        }
      } else {
        CHECK(i < arena_format::kHeaderSize);
      }
      bytes[i] = before;
    }
  }
}

}  // namespace
}  // namespace tidemark::test
