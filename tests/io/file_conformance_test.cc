// What every Env promises about a File.

#include <array>
#include <string>
#include <thread>
#include <vector>

#include "io/world.h"
#include "tidemark/error.h"

namespace tidemark {
namespace {

using test::AnyWorld;
using test::MustCreate;
using test::MustOpen;
using test::MustWrite;
using test::TextAt;
using test::World;

TEST_CASE("A write is read back at its position", "[io]") {
  World world(AnyWorld());
  const auto file = MustCreate(world.directory(), "a");
  MustWrite(*file, 3, "tide");
  CHECK(TextAt(*file, 0, 100) == std::string("\0\0\0tide", 7));
  MustWrite(*file, 4, "ON");
  CHECK(TextAt(*file, 3, 4) == "tONe");
}

TEST_CASE("A read behind the end of a file returns nothing", "[io]") {
  World world(AnyWorld());
  const auto file = MustCreate(world.directory(), "a");
  MustWrite(*file, 0, "tide");
  CHECK(TextAt(*file, 2, 10) == "de");
  CHECK(TextAt(*file, 4, 10).empty());
  CHECK(TextAt(*file, 1000, 10).empty());
  CHECK(TextAt(*file, uint64_t{1} << 63, 10).empty());
  CHECK(TextAt(*file, ~uint64_t{0}, 10).empty());
}

TEST_CASE("A write across many pages is read back whole", "[io]") {
  World world(AnyWorld());
  const auto file = MustCreate(world.directory(), "a");
  std::string text(100'000, 'x');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i % 251);
  MustWrite(*file, 5'000, text);
  CHECK(TextAt(*file, 5'000, text.size() + 1) == text);
}

TEST_CASE("Parts are written one behind the other", "[io]") {
  World world(AnyWorld());
  const auto file = MustCreate(world.directory(), "a");
  const std::array<std::span<const std::byte>, 4> parts = {
      AsBytes("ti"), AsBytes(""), AsBytes("dem"), AsBytes("ark")};
  REQUIRE_OK(file->WriteAtV(2, parts));
  CHECK(TextAt(*file, 2, 100) == "tidemark");
  REQUIRE_OK(file->WriteAtV(0, {}));
  CHECK(TextAt(*file, 2, 100) == "tidemark");
}

TEST_CASE("More parts than one system call takes are all written", "[io]") {
  World world(AnyWorld());
  const auto file = MustCreate(world.directory(), "a");
  std::string expected;
  std::vector<std::string> texts;
  for (int i = 0; i < 3000; ++i) texts.push_back(std::to_string(i));
  std::vector<std::span<const std::byte>> parts;
  for (const std::string& text : texts) {
    parts.push_back(AsBytes(text));
    expected += text;
  }
  REQUIRE_OK(file->WriteAtV(7, parts));
  CHECK(TextAt(*file, 7, expected.size() + 1) == expected);
}

TEST_CASE("A write above the largest position is too large", "[io]") {
  World world(AnyWorld());
  const auto file = MustCreate(world.directory(), "a");
  CHECK_STATUS(absl::StatusCode::kResourceExhausted,
               file->WriteAt(uint64_t{1} << 63, AsBytes("x")));
  CHECK_STATUS(absl::StatusCode::kResourceExhausted,
               file->WriteAt(~uint64_t{0}, AsBytes("x")));
  CHECK_STATUS(absl::StatusCode::kResourceExhausted,
               file->Truncate(uint64_t{1} << 63));
  CHECK_STATUS(absl::StatusCode::kResourceExhausted,
               file->Allocate(1, ~uint64_t{0}));
}

TEST_CASE("Truncation cuts a file and what it cut does not return", "[io]") {
  World world(AnyWorld());
  const auto file = MustCreate(world.directory(), "a");
  MustWrite(*file, 0, std::string(10'000, 'x'));
  REQUIRE_OK(file->Truncate(5'000));
  CHECK(file->Stat()->size == 5'000);
  REQUIRE_OK(file->Truncate(9'000));
  CHECK(file->Stat()->size == 9'000);
  CHECK(TextAt(*file, 4'999, 3) == std::string("x\0\0", 3));
  CHECK(TextAt(*file, 8'000, 5'000) == std::string(1'000, '\0'));
}

TEST_CASE("Allocation extends a file with zeros and keeps its data", "[io]") {
  World world(AnyWorld());
  const auto file = MustCreate(world.directory(), "a");
  MustWrite(*file, 0, "tide");
  REQUIRE_OK(file->Allocate(0, 65'536));
  REQUIRE_OK_AND_ASSIGN(const FileStat stat, file->Stat());
  CHECK(stat.size == 65'536);
  CHECK(stat.allocated_size >= 65'536);
  CHECK(TextAt(*file, 0, 6) == std::string("tide\0\0", 6));
  REQUIRE_OK(file->Allocate(0, 4'096));
  CHECK(file->Stat()->size == 65'536);
  CHECK_STATUS(absl::StatusCode::kInvalidArgument, file->Allocate(0, 0));
}

TEST_CASE("The search for data skips a hole and ends at the end", "[io]") {
  World world(AnyWorld());
  const auto file = MustCreate(world.directory(), "a");
  const uint64_t far = uint64_t{1} << 40;
  MustWrite(*file, far, "x");
  REQUIRE_OK(file->Truncate(2 * far));
  REQUIRE_OK_AND_ASSIGN(const uint64_t data, file->NextData(0));
  CHECK(data > far - 65'536);
  CHECK(data <= far);
  CHECK(*file->NextData(far) == far);
  CHECK(*file->NextData(far + 1'000'000) == 2 * far);
  CHECK(*file->NextData(2 * far) == 2 * far);
  CHECK(*file->NextData(~uint64_t{0}) == 2 * far);
}

TEST_CASE("A file open for reading refuses every change", "[io]") {
  World world(AnyWorld());
  MustWrite(*MustCreate(world.directory(), "a"), 0, "tide");
  const auto file = MustOpen(world.directory(), "a", FileAccess::kReadOnly);
  CHECK(IsIoError(file->WriteAt(0, AsBytes("x"))));
  CHECK_FALSE(file->Truncate(0).ok());
  CHECK_FALSE(file->Allocate(0, 4'096).ok());
  CHECK_FALSE(file->TryLock(0, 0).ok());
  CHECK(TextAt(*file, 0, 10) == "tide");
}

TEST_CASE("Syncs of a file succeed and change nothing in it", "[io]") {
  World world(AnyWorld());
  const auto file = MustCreate(world.directory(), "a");
  MustWrite(*file, 0, "tide");
  CHECK_OK(file->Sync());
  CHECK_OK(file->SyncAll());
  CHECK(TextAt(*file, 0, 10) == "tide");
}

TEST_CASE("The stat of a file tells its size, type, mode and links", "[io]") {
  World world(AnyWorld());
  const auto file = MustCreate(world.directory(), "a");
  MustWrite(*file, 0, "tide");
  REQUIRE_OK_AND_ASSIGN(const FileStat stat, file->Stat());
  CHECK(stat.size == 4);
  CHECK(stat.type == FileType::kRegular);
  CHECK(stat.mode == 0600);
  CHECK(stat.link_count == 1);
  CHECK(stat.uid == ::geteuid());
  REQUIRE_OK_AND_ASSIGN(const FileStat named, world.directory().Stat("a"));
  CHECK(named.inode == stat.inode);
  CHECK(named.device == stat.device);
}

TEST_CASE("A file that lost its name goes on with link count 0", "[io]") {
  World world(AnyWorld());
  const auto file = MustCreate(world.directory(), "a");
  REQUIRE_OK(world.directory().RemoveFile("a"));
  MustWrite(*file, 0, "tide");
  CHECK(TextAt(*file, 0, 10) == "tide");
  CHECK(file->Stat()->link_count == 0);
}

TEST_CASE("Two opens of a file exclude each other by its lock", "[io]") {
  World world(AnyWorld());
  const auto first = MustCreate(world.directory(), "LOCK");
  const auto second = MustOpen(world.directory(), "LOCK");
  CHECK(*first->TryLock(0, 0));
  CHECK_FALSE(*second->TryLock(0, 0));
  CHECK_FALSE(*second->TryLock(1'000, 1));
  CHECK(*first->TryLock(0, 0));
  REQUIRE_OK(first->Unlock(0, 0));
  CHECK(*second->TryLock(0, 0));
  CHECK_FALSE(*first->TryLock(0, 0));
}

TEST_CASE("An unrelated open and close does not lose a lock", "[io]") {
  World world(AnyWorld());
  const auto first = MustCreate(world.directory(), "LOCK");
  REQUIRE(*first->TryLock(0, 0));
  MustOpen(world.directory(), "LOCK").reset();
  CHECK_FALSE(*MustOpen(world.directory(), "LOCK")->TryLock(0, 0));
}

TEST_CASE("Locks on ranges that do not meet live side by side", "[io]") {
  World world(AnyWorld());
  const auto first = MustCreate(world.directory(), "a");
  const auto second = MustOpen(world.directory(), "a");
  CHECK(*first->TryLock(0, 64));
  CHECK(*second->TryLock(64, 64));
  CHECK_FALSE(*second->TryLock(63, 1));
  CHECK_FALSE(*first->TryLock(127, 1));
  CHECK(*first->TryLock(128, 0));
  CHECK_FALSE(*second->TryLock(1'000'000, 1));
  REQUIRE_OK(first->Unlock(16, 16));
  CHECK(*second->TryLock(16, 16));
  CHECK_FALSE(*second->TryLock(15, 1));
  CHECK_FALSE(*second->TryLock(32, 1));
}

TEST_CASE("Giving up a lock that is not held is no error", "[io]") {
  World world(AnyWorld());
  const auto file = MustCreate(world.directory(), "a");
  CHECK_OK(file->Unlock(10, 10));
}

TEST_CASE("A lock above the largest position is refused", "[io]") {
  World world(AnyWorld());
  const auto file = MustCreate(world.directory(), "a");
  CHECK_STATUS(absl::StatusCode::kInternal,
               file->TryLock(uint64_t{1} << 63, 1));
  CHECK_STATUS(absl::StatusCode::kInternal, file->Unlock(1, ~uint64_t{0} >> 1));
}

TEST_CASE("Closing a file frees its locks", "[io]") {
  World world(AnyWorld());
  const auto first = MustCreate(world.directory(), "LOCK");
  const auto second = MustOpen(world.directory(), "LOCK");
  REQUIRE(*first->TryLock(0, 0));
  CHECK_OK(first->Close());
  CHECK(*second->TryLock(0, 0));
}

TEST_CASE("Destroying a file frees its locks", "[io]") {
  World world(AnyWorld());
  auto first = MustCreate(world.directory(), "LOCK");
  const auto second = MustOpen(world.directory(), "LOCK");
  REQUIRE(*first->TryLock(0, 0));
  first.reset();
  CHECK(*second->TryLock(0, 0));
}

TEST_CASE("A closed file refuses every call but Close", "[io]") {
  World world(AnyWorld());
  const auto file = MustCreate(world.directory(), "a");
  REQUIRE_OK(file->Close());
  CHECK_OK(file->Close());
  constexpr auto kClosed = absl::StatusCode::kFailedPrecondition;
  std::array<std::byte, 1> byte = {};
  CHECK_STATUS(kClosed, file->ReadAt(0, byte));
  CHECK_STATUS(kClosed, file->WriteAt(0, byte));
  CHECK_STATUS(kClosed, file->WriteAtV(0, {}));
  CHECK_STATUS(kClosed, file->Sync());
  CHECK_STATUS(kClosed, file->SyncAll());
  CHECK_STATUS(kClosed, file->Truncate(0));
  CHECK_STATUS(kClosed, file->Allocate(0, 1));
  CHECK_STATUS(kClosed, file->NextData(0));
  CHECK_STATUS(kClosed, file->Stat());
  CHECK_STATUS(kClosed, file->TryLock(0, 0));
  CHECK_STATUS(kClosed, file->Unlock(0, 0));
}

TEST_CASE("Threads read, write and sync one file side by side", "[io]") {
  World world(AnyWorld());
  const auto file = MustCreate(world.directory(), "a");
  const auto work = [&file](uint64_t position, char letter) {
    const std::string text(1'000, letter);
    for (int i = 0; i < 50; ++i) {
      if (!file->WriteAt(position, AsBytes(text)).ok()) return;
      std::array<std::byte, 1'000> bytes;
      if (!file->ReadAt(position, bytes).ok()) return;
      if (!file->Stat().ok()) return;
      if (i % 25 == 0 && !file->Sync().ok()) return;
    }
  };
  {
    const std::jthread first(work, 0, 'a');
    const std::jthread second(work, 1'000, 'b');
    const std::jthread third(work, 2'000, 'c');
  }
  CHECK(TextAt(*file, 0, 4'000) == std::string(1'000, 'a') +
                                       std::string(1'000, 'b') +
                                       std::string(1'000, 'c'));
}

}  // namespace
}  // namespace tidemark
