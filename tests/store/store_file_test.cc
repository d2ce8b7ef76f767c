#include "store/store_file.h"

#include <memory>
#include <string>

#include "base/checksum.h"
#include "base/endian.h"
#include "store/layout.h"
#include "store/store_fixture.h"
#include "store/store_format.h"

namespace tidemark {
namespace {

using store_format::kChecksumAt;
using store_format::kFileSize;
using store_format::kPageSize;
using store_format::kSlotSize;

std::unique_ptr<Directory> OpenRoot(Env& env) {
  REQUIRE_OK_AND_ASSIGN(auto directory, env.OpenDirectory("/d", true));
  return directory;
}

StoreRecord ExampleRecord() {
  StoreRecord record;
  for (size_t i = 0; i < 16; ++i) {
    record.store_id.bytes[i] = static_cast<std::byte>(i + 1);
  }
  record.incarnation = 7;
  record.create_micros = 1000000;
  record.arena = {.kind = ArenaKind::kSharedMemory,
                  .name = "tidemark-arena-1",
                  .directory = "/run/arena",
                  .boot = 99};
  return record;
}

// STORE as bytes that a test can spoil.
class StoreBytes {
 public:
  explicit StoreBytes(Env& env) {
    REQUIRE_OK_AND_ASSIGN(
        file_, OpenRoot(env)->OpenFile(kStoreFileName, FileAccess::kReadWrite));
  }
  void Flip(uint64_t position) {
    std::byte byte = {};
    REQUIRE_OK(file_->ReadAt(position, {&byte, 1}));
    byte ^= std::byte{0x10};
    REQUIRE_OK(file_->WriteAt(position, {&byte, 1}));
  }
  void Write(uint64_t position, std::string_view bytes) {
    REQUIRE_OK(file_->WriteAt(position, AsBytes(bytes)));
  }
  void Truncate(uint64_t size) { REQUIRE_OK(file_->Truncate(size)); }

 private:
  std::unique_ptr<File> file_;
};

// Sets the checksum of a slot anew after a test changed it.
std::string Reseal(std::string slot, size_t place = 0) {
  std::byte position[8];
  StoreLittle(position, uint64_t{place * kPageSize});
  const uint64_t checksum =
      Checksum(position, AsBytes(slot).first(slot.size() - 8));
  StoreLittle(reinterpret_cast<std::byte*>(slot.data()) + slot.size() - 8,
              checksum);
  return slot;
}

std::string Page(std::string slot) {
  slot.resize(kPageSize, '\0');
  return slot;
}

TEST_CASE("A slot of STORE keeps what it is given", "[store_file]") {
  StoreRecord record = ExampleRecord();
  record.is_clean = true;
  record.previous_arena = {.kind = ArenaKind::kStoreFile,
                           .name = std::string(128, 'n'),
                           .directory = std::string(256, 'd'),
                           .boot = ~uint64_t{0}};
  const std::string bytes = EncodeStoreSlot(record, 12, 0);
  CHECK(bytes.size() == kSlotSize);
  const StoreSlot slot = DecodeStoreSlot(AsBytes(Page(bytes)), 0);
  CHECK(slot.state == StoreSlotState::kValid);
  CHECK(slot.sequence == 12);
  CHECK(slot.record == record);
}

TEST_CASE("A slot does not pass in the place of the other one",
          "[store_file]") {
  const std::string page = Page(EncodeStoreSlot(ExampleRecord(), 3, 0));
  CHECK(DecodeStoreSlot(AsBytes(page), 0).state == StoreSlotState::kValid);
  CHECK(DecodeStoreSlot(AsBytes(page), 1).state == StoreSlotState::kDamaged);
}

TEST_CASE("No flipped bit of a slot goes unnoticed", "[store_file]") {
  const std::string page = Page(EncodeStoreSlot(ExampleRecord(), 3, 0));
  for (size_t bit = 0; bit < kSlotSize * 8; ++bit) {
    std::string flipped = page;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    if (DecodeStoreSlot(AsBytes(flipped), 0).state !=
        StoreSlotState::kDamaged) {
      FAIL("bit " << bit);
    }
  }
}

TEST_CASE("A slot that is torn at any byte is damaged", "[store_file]") {
  const std::string before = Page(EncodeStoreSlot(ExampleRecord(), 3, 0));
  StoreRecord changed = ExampleRecord();
  changed.incarnation = 8;
  changed.arena.name = "tidemark-arena-22";
  const std::string after = Page(EncodeStoreSlot(changed, 5, 0));
  for (size_t size = 0; size <= kSlotSize; ++size) {
    const std::string torn = after.substr(0, size) + before.substr(size);
    const StoreSlot slot = DecodeStoreSlot(AsBytes(torn), 0);
    if (slot.state == StoreSlotState::kValid) {
      CHECK((slot.record == ExampleRecord() || slot.record == changed));
    }
  }
  CHECK(DecodeStoreSlot(AsBytes(std::string(kPageSize, '\0')), 0).state ==
        StoreSlotState::kBlank);
  CHECK(DecodeStoreSlot({}, 0).state == StoreSlotState::kDamaged);
}

TEST_CASE("A sound checksum does not excuse what no writer writes",
          "[store_file]") {
  using namespace store_format;
  struct Case {
    size_t at;
    char value;
  };
  const Case cases[] = {
      {kFlagsAt, 2},
      {kReservedAt, 1},
      {kReservedTailAt, 1},
      {kChecksumAt - 1, 1},
      {kArenaAt + kArenaKindAt, 3},
      {kArenaAt + kArenaKindAt, 0},  // no arena, but a name
      {kArenaAt + kArenaNameSizeAt + 1, 1},
      {kArenaAt + kArenaNameSizeAt, 15},  // the name goes on behind its end
      {kArenaAt + kArenaDirectorySizeAt + 1, 2},
      {kArenaAt + kArenaReservedAt, 1},
      {kArenaAt + kArenaNameAt, '/'},
      {kArenaAt + kArenaNameAt, 0},
      {kPreviousArenaAt + kArenaNameAt, 'x'},
  };
  for (const Case& one : cases) {
    INFO(one.at << " = " << int{one.value});
    std::string slot = EncodeStoreSlot(ExampleRecord(), 3, 0);
    slot[one.at] = one.value;
    CHECK(DecodeStoreSlot(AsBytes(Page(Reseal(slot))), 0).state ==
          StoreSlotState::kDamaged);
  }
}

TEST_CASE("Updates take turns on the two slots and survive", "[store_file]") {
  MemoryEnv env;
  REQUIRE_OK(StoreFile::Create(*OpenRoot(env), ExampleRecord()));
  for (Incarnation n = 8; n < 12; ++n) {
    REQUIRE_OK_AND_ASSIGN(
        auto file, StoreFile::Open(*OpenRoot(env), FileAccess::kReadWrite));
    CHECK(file->record().incarnation == n - 1);
    CHECK_FALSE(file->is_one_slot_damaged());
    REQUIRE_OK(file->Update([n](StoreRecord& r) { r.incarnation = n; }));
    env.DropUnsynced();
  }
}

TEST_CASE("One damaged slot is told and the other one used", "[store_file]") {
  for (const size_t slot : {0, 1}) {
    MemoryEnv env;
    REQUIRE_OK(StoreFile::Create(*OpenRoot(env), ExampleRecord()));
    StoreBytes(env).Flip(slot * kPageSize + kChecksumAt);
    REQUIRE_OK_AND_ASSIGN(
        auto file, StoreFile::Open(*OpenRoot(env), FileAccess::kReadWrite));
    CHECK(file->is_one_slot_damaged());
    CHECK(file->record() == ExampleRecord());
    // The next update takes the place of the damaged one.
    REQUIRE_OK(file->Update([](StoreRecord& r) { r.is_clean = true; }));
    REQUIRE_OK_AND_ASSIGN(
        file, StoreFile::Open(*OpenRoot(env), FileAccess::kReadWrite));
    CHECK_FALSE(file->is_one_slot_damaged());
    CHECK(file->record().is_clean);
  }
}

TEST_CASE("Every byte of STORE is looked at", "[store_file]") {
  for (const bool is_clean : {false, true}) {
    StoreRecord record = ExampleRecord();
    record.is_clean = is_clean;
    for (uint64_t at = 0; at <= kFileSize;
         at += at % kPageSize < 1024 ? 1 : 7) {
      MemoryEnv env;
      REQUIRE_OK(StoreFile::Create(*OpenRoot(env), record));
      REQUIRE_OK_AND_ASSIGN(
          auto file, StoreFile::Open(*OpenRoot(env), FileAccess::kReadOnly));
      CHECK(file->damage().empty());
      StoreBytes(env).Flip(at);
      REQUIRE_OK_AND_ASSIGN(
          file, StoreFile::Open(*OpenRoot(env), FileAccess::kReadOnly));
      REQUIRE(file->damage().size() == 1);
      const DamagedRange& damage = file->damage()[0];
      CHECK(damage.file == "STORE");
      CHECK(damage.position <= at);
      CHECK(at < damage.position + damage.size);
      const bool is_in_slot = at % kPageSize < kSlotSize && at < kFileSize;
      CHECK(damage.may_be_torn == (is_in_slot && !is_clean));
    }
  }
}

TEST_CASE("Both slots damaged is DataLoss that names the file",
          "[store_file]") {
  MemoryEnv env;
  REQUIRE_OK(StoreFile::Create(*OpenRoot(env), ExampleRecord()));
  StoreBytes(env).Flip(20);
  StoreBytes(env).Flip(kPageSize + 20);
  const auto file = StoreFile::Open(*OpenRoot(env), FileAccess::kReadWrite);
  CHECK_STATUS(absl::StatusCode::kDataLoss, file);
  CHECK(std::string(file.status().message()).find("/d/STORE") !=
        std::string::npos);
}

TEST_CASE("A STORE of any other length is read as far as it goes",
          "[store_file]") {
  for (const uint64_t size : std::initializer_list<uint64_t>{
           0, kSlotSize - 1, kSlotSize, kPageSize - 1}) {
    MemoryEnv env;
    REQUIRE_OK(StoreFile::Create(*OpenRoot(env), ExampleRecord()));
    StoreBytes(env).Truncate(size);
    CHECK_STATUS(absl::StatusCode::kDataLoss,
                 StoreFile::Open(*OpenRoot(env), FileAccess::kReadOnly));
  }
  MemoryEnv env;
  REQUIRE_OK(StoreFile::Create(*OpenRoot(env), ExampleRecord()));
  StoreBytes(env).Truncate(kFileSize - 1);
  CHECK_OK(StoreFile::Open(*OpenRoot(env), FileAccess::kReadOnly));
  StoreBytes(env).Truncate(kFileSize + 5);
  CHECK_OK(StoreFile::Open(*OpenRoot(env), FileAccess::kReadOnly));
}

TEST_CASE("What is written to a STORE that was cut counts at the next opening",
          "[store_file]") {
  for (const uint64_t size : {uint64_t{kPageSize}, uint64_t{kPageSize + 1},
                              uint64_t{kFileSize - 1}}) {
    INFO("cut to " << size);
    MemoryEnv env;
    REQUIRE_OK(StoreFile::Create(*OpenRoot(env), ExampleRecord()));
    StoreBytes(env).Truncate(size);
    for (const Incarnation incarnation : {101, 102, 103}) {
      const auto file = StoreFile::Open(*OpenRoot(env), FileAccess::kReadWrite);
      REQUIRE_OK(file);
      REQUIRE_OK((*file)->Update([incarnation](StoreRecord& record) {
        record.incarnation = incarnation;
      }));
      const auto again = StoreFile::Open(*OpenRoot(env), FileAccess::kReadOnly);
      REQUIRE_OK(again);
      CHECK((*again)->record().incarnation == incarnation);
    }
  }
}

TEST_CASE("A STORE without a number for its next write is not written",
          "[store_file]") {
  // G10: no library writes so often, but the bytes may come from anywhere.
  MemoryEnv env;
  REQUIRE_OK(StoreFile::Create(*OpenRoot(env), ExampleRecord()));
  StoreBytes(env).Write(0, EncodeStoreSlot(ExampleRecord(), ~uint64_t{0}, 0));
  const auto file = StoreFile::Open(*OpenRoot(env), FileAccess::kReadWrite);
  REQUIRE_OK(file);
  const auto change = [](StoreRecord& record) { ++record.incarnation; };
  CHECK_STATUS(absl::StatusCode::kDataLoss, (*file)->Update(change));
  CHECK((*file)->record() == ExampleRecord());
}

TEST_CASE("A slot of a newer version makes the store one of a newer version",
          "[store_file]") {
  for (const size_t place : {0, 1}) {
    MemoryEnv env;
    REQUIRE_OK(StoreFile::Create(*OpenRoot(env), ExampleRecord()));
    // Of another size, as newer versions may be.
    std::string newer = EncodeStoreSlot(ExampleRecord(), 9, place);
    newer.resize(2048, 'x');
    newer[store_format::kVersionAt] = 2;
    StoreLittle(
        reinterpret_cast<std::byte*>(newer.data()) + store_format::kSlotSizeAt,
        uint32_t{2048});
    StoreBytes(env).Write(place * kPageSize, Reseal(newer, place));
    const auto file = StoreFile::Open(*OpenRoot(env), FileAccess::kReadOnly);
    CHECK_STATUS(absl::StatusCode::kUnimplemented, file);
    CHECK(IsNewerFormat(file.status()));
    CHECK(std::string(file.status().message())
              .find("format 2 is of a newer version of the library, this one "
                    "reads format 1") != std::string::npos);
  }
}

TEST_CASE("STORE refuses updates behind the first one that failed",
          "[store_file]") {
  MemoryEnv machine;
  FaultEnv env(machine);
  REQUIRE_OK(StoreFile::Create(*OpenRoot(env), ExampleRecord()));
  REQUIRE_OK_AND_ASSIGN(
      auto file, StoreFile::Open(*OpenRoot(env), FileAccess::kReadWrite));
  env.FailKind(EnvCall::kSync, EIO);
  const auto clean = [](StoreRecord& record) { record.is_clean = true; };
  CHECK_STATUS(absl::StatusCode::kInternal, file->Update(clean));
  CHECK_STATUS(absl::StatusCode::kInternal, file->Update(clean));
  CHECK_FALSE(file->record().is_clean);
}

TEST_CASE("An update that changes nothing writes nothing", "[store_file]") {
  MemoryEnv machine;
  FaultEnv env(machine);
  REQUIRE_OK(StoreFile::Create(*OpenRoot(env), ExampleRecord()));
  REQUIRE_OK_AND_ASSIGN(
      auto file, StoreFile::Open(*OpenRoot(env), FileAccess::kReadWrite));
  env.ForgetCalls();
  CHECK_OK(file->Update([](StoreRecord&) {}));
  CHECK(env.call_count() == 0);
}

TEST_CASE("A place of an arena that is too long is refused", "[store_file]") {
  MemoryEnv env;
  REQUIRE_OK(StoreFile::Create(*OpenRoot(env), ExampleRecord()));
  REQUIRE_OK_AND_ASSIGN(
      auto file, StoreFile::Open(*OpenRoot(env), FileAccess::kReadWrite));
  CHECK_STATUS(absl::StatusCode::kInvalidArgument,
               file->Update([](StoreRecord& record) {
                 record.arena.name = std::string(129, 'n');
               }));
  CHECK_STATUS(absl::StatusCode::kInvalidArgument,
               file->Update([](StoreRecord& record) {
                 record.arena.directory = std::string(257, 'd');
               }));
  CHECK_OK(file->Update([](StoreRecord& record) { record.is_clean = true; }));
}

}  // namespace
}  // namespace tidemark
