// What every Env promises about SharedMemory.

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "io/world.h"

namespace tidemark {
namespace {

using test::AnyWorld;
using test::MustOpen;
using test::MustWriteFile;
using test::TextAt;
using test::World;

constexpr auto kInvalidMemory = absl::StatusCode::kInvalidArgument;

std::unique_ptr<SharedMemory> MustMap(Directory& directory,
                                      SharedMemoryOptions options = {65'536}) {
  auto memory = directory.CreateSharedMemory("arena", options);
  REQUIRE_OK(memory);
  return *std::move(memory);
}

void Put(SharedMemory& memory, size_t position, std::string_view text) {
  const auto bytes = AsBytes(text);
  std::copy(bytes.begin(), bytes.end(),
            memory.mutable_bytes().begin() + static_cast<ptrdiff_t>(position));
}

bool IsZero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](std::byte byte) { return byte == std::byte{0}; });
}

TEST_CASE("Shared memory starts empty and grows with zeros", "[io]") {
  World world(AnyWorld());
  const auto memory = MustMap(world.shared());
  CHECK(memory->bytes().empty());
  CHECK(memory->reserved_size() == 65'536);
  REQUIRE_OK(memory->Grow(8'192));
  CHECK(memory->bytes().size() == 8'192);
  CHECK(IsZero(memory->bytes()));
}

TEST_CASE("Growing keeps address and content", "[io]") {
  World world(AnyWorld());
  const auto memory = MustMap(world.shared());
  REQUIRE_OK(memory->Grow(4'096));
  const std::byte* base = memory->bytes().data();
  Put(*memory, 4'090, "tide");
  REQUIRE_OK(memory->Grow(65'536));
  CHECK(memory->bytes().data() == base);
  CHECK(AsText(memory->bytes().subspan(4'090, 4)) == "tide");
  CHECK(IsZero(memory->bytes().subspan(4'096)));
  CHECK_OK(memory->Grow(65'536));
}

TEST_CASE("Growing back, beyond the reserve or by odd bytes is refused",
          "[io]") {
  World world(AnyWorld());
  const auto memory = MustMap(world.shared());
  REQUIRE_OK(memory->Grow(8'192));
  CHECK_STATUS(kInvalidMemory, memory->Grow(4'096));
  CHECK_STATUS(kInvalidMemory, memory->Grow(8'193));
  CHECK_STATUS(kInvalidMemory, memory->Grow(65'536 + 4'096));
  CHECK_STATUS(kInvalidMemory, memory->Grow(~uint64_t{0} & ~uint64_t{4'095}));
  CHECK(memory->bytes().size() == 8'192);
}

TEST_CASE("A reserve of no or of odd bytes is refused", "[io]") {
  World world(AnyWorld());
  CHECK_STATUS(kInvalidMemory, world.shared().CreateSharedMemory("arena", {0}));
  CHECK_STATUS(kInvalidMemory,
               world.shared().CreateSharedMemory("arena", {1'000}));
  CHECK(world.shared().List("")->empty());
}

TEST_CASE("The name of new shared memory must be free", "[io]") {
  World world(AnyWorld());
  const auto memory = MustMap(world.shared());
  CHECK_STATUS(absl::StatusCode::kAlreadyExists,
               world.shared().CreateSharedMemory("arena", {4'096}));
  CHECK_OK(world.shared().Stat("arena"));
}

TEST_CASE("A file sees what was stored through the mapping", "[io]") {
  World world(AnyWorld());
  auto memory = MustMap(world.shared());
  REQUIRE_OK(memory->Grow(8'192));
  Put(*memory, 5'000, "tide");
  const auto file = MustOpen(world.shared(), "arena");
  CHECK(TextAt(*file, 5'000, 4) == "tide");
  CHECK(file->Stat()->size == 8'192);
  memory.reset();
  CHECK(TextAt(*file, 5'000, 4) == "tide");
}

TEST_CASE("Shared memory stays when its owner is gone", "[io]") {
  World world(AnyWorld());
  auto memory = MustMap(world.shared());
  REQUIRE_OK(memory->Grow(4'096));
  Put(*memory, 0, "tide");
  memory.reset();
  const auto file = MustOpen(world.shared(), "arena", FileAccess::kReadOnly);
  CHECK(TextAt(*file, 0, 4) == "tide");
}

TEST_CASE("A released range reads as zero and can be reserved", "[io]") {
  World world(AnyWorld());
  const auto memory = MustMap(world.shared());
  REQUIRE_OK(memory->Grow(16'384));
  Put(*memory, 0, "kept");
  Put(*memory, 8'192, "gone");
  const uint64_t before = memory->Stat()->allocated_size;
  REQUIRE_OK(memory->Release(8'192, 8'192));
  CHECK(memory->Stat()->allocated_size == before - 8'192);
  std::array<std::byte, 4> bytes;
  CHECK(*memory->ReadAt(8'192, bytes) == 4);
  CHECK(IsZero(bytes));
  CHECK(memory->Stat()->allocated_size == before - 8'192);
  REQUIRE_OK(memory->Reserve(8'192, 8'192));
  CHECK(memory->Stat()->allocated_size == before);
  CHECK(IsZero(memory->bytes().subspan(8'192)));
  Put(*memory, 8'192, "back");
  CHECK(AsText(memory->bytes().first(4)) == "kept");
  CHECK(memory->Stat()->size == 16'384);
}

TEST_CASE("Only whole blocks within the size are released", "[io]") {
  World world(AnyWorld());
  const auto memory = MustMap(world.shared());
  REQUIRE_OK(memory->Grow(8'192));
  CHECK_STATUS(kInvalidMemory, memory->Release(0, 0));
  CHECK_STATUS(kInvalidMemory, memory->Release(1, 4'096));
  CHECK_STATUS(kInvalidMemory, memory->Release(4'096, 8'192));
  CHECK_STATUS(kInvalidMemory, memory->Reserve(8'192, 4'096));
  CHECK_STATUS(kInvalidMemory, memory->Reserve(0, 1));
  CHECK_STATUS(kInvalidMemory, memory->Reserve(~uint64_t{4'095}, 8'192));
}

TEST_CASE("Another owner reads shared memory but cannot change it", "[io]") {
  World world(AnyWorld());
  const auto memory = MustMap(world.shared());
  REQUIRE_OK(memory->Grow(4'096));
  Put(*memory, 0, "tide");
  REQUIRE_OK_AND_ASSIGN(const auto reader,
                        world.shared().OpenSharedMemory("arena"));
  CHECK(AsText(std::as_const(*reader).bytes().first(4)) == "tide");
  Put(*memory, 0, "TIDE");
  CHECK(AsText(std::as_const(*reader).bytes().first(4)) == "TIDE");
  CHECK(reader->mutable_bytes().empty());
  CHECK(reader->reserved_size() == 4'096);
  constexpr auto kReadOnly = absl::StatusCode::kFailedPrecondition;
  CHECK_STATUS(kReadOnly, reader->Grow(8'192));
  CHECK_STATUS(kReadOnly, reader->Release(0, 4'096));
  CHECK_STATUS(kReadOnly, reader->Reserve(0, 4'096));
  CHECK_STATUS(kReadOnly, reader->TryLock());
  REQUIRE_OK(memory->Grow(8'192));
  CHECK(std::as_const(*reader).bytes().size() == 4'096);
  std::array<std::byte, 8> bytes;
  CHECK(*reader->ReadAt(8'188, bytes) == 4);
}

TEST_CASE("A plain file of whole blocks can be mapped for reading", "[io]") {
  World world(AnyWorld());
  MustWriteFile(world.directory(), "a", std::string(4'096, 'x'));
  MustWriteFile(world.directory(), "odd", "x");
  REQUIRE_OK_AND_ASSIGN(const auto reader,
                        world.directory().OpenSharedMemory("a"));
  CHECK(AsText(std::as_const(*reader).bytes().first(2)) == "xx");
  CHECK_STATUS(kInvalidMemory, world.directory().OpenSharedMemory("odd"));
}

TEST_CASE("The lock of shared memory is that of its file", "[io]") {
  World world(AnyWorld());
  auto memory = MustMap(world.shared());
  REQUIRE(*memory->TryLock());
  CHECK(*memory->TryLock());
  const auto file = MustOpen(world.shared(), "arena");
  CHECK_FALSE(*file->TryLock(0, 0));
  memory.reset();
  CHECK(*file->TryLock(0, 0));
}

TEST_CASE("Shared memory tells when its name is gone", "[io]") {
  World world(AnyWorld());
  const auto memory = MustMap(world.shared());
  REQUIRE_OK(memory->Grow(4'096));
  CHECK(memory->Stat()->link_count == 1);
  REQUIRE_OK(world.shared().RemoveFile("arena"));
  CHECK(memory->Stat()->link_count == 0);
  Put(*memory, 0, "tide");
  REQUIRE_OK(memory->Grow(8'192));
  CHECK(AsText(memory->bytes().first(4)) == "tide");
}

TEST_CASE("Zero-written memory locked in memory works on a disk", "[io]") {
  World world(AnyWorld());
  SharedMemoryOptions options;
  options.reserved_size = 1 << 20;
  options.is_zero_written = true;
  options.is_locked_in_memory = true;
  const auto memory = MustMap(world.directory(), options);
  REQUIRE_OK(memory->Grow(256 * 1024));
  Put(*memory, 200'000, "tide");
  REQUIRE_OK(memory->Release(0, 4'096));
  REQUIRE_OK(memory->Reserve(0, 4'096));
  CHECK(AsText(memory->bytes().subspan(200'000, 4)) == "tide");
  CHECK(memory->Stat()->allocated_size >= 256 * 1024);
}

}  // namespace
}  // namespace tidemark
