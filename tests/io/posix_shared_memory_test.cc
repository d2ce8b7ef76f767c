#include "io/posix_shared_memory.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "io/child.h"
#include "io/limits.h"
#include "io/posix_directory.h"
#include "io/world.h"
#include "tidemark/error.h"

namespace tidemark {
namespace {

using test::LivingChild;
using test::MustCreate;
using test::MustOpen;
using test::RunInChild;
using test::ScopedLimit;
using test::SmallTmpfs;
using test::World;
using test::WorldKind;

std::unique_ptr<SharedMemory> MustMapArena(Directory& directory,
                                           SharedMemoryOptions options = {
                                               1 << 20}) {
  auto memory = directory.CreateSharedMemory("arena", options);
  REQUIRE_OK(memory);
  return *std::move(memory);
}

std::unique_ptr<Directory> MustOpenDirectory(const std::string& path) {
  auto directory = Env::Posix().OpenDirectory(path, false);
  REQUIRE_OK(directory);
  return *std::move(directory);
}

TEST_CASE("A full tmpfs stops growth and never a store", "[io]") {
  const SmallTmpfs tmpfs("size=256k");
  if (!tmpfs.is_mounted()) return;
  const auto directory = MustOpenDirectory(tmpfs.path());
  const auto memory = MustMapArena(*directory);
  REQUIRE_OK(memory->Grow(128 * 1024));
  CHECK(IsDiskFull(memory->Grow(512 * 1024)));
  CHECK(memory->bytes().size() == 128 * 1024);
  CHECK(memory->Stat()->size == 128 * 1024);
  const auto filler = MustCreate(*directory, "filler");
  REQUIRE_OK(filler->Allocate(0, 128 * 1024));
  CHECK(IsDiskFull(memory->Grow(132 * 1024)));
  std::ranges::fill(memory->mutable_bytes(), std::byte{0xAA});
  REQUIRE_OK(filler->Truncate(0));
  CHECK_OK(memory->Grow(256 * 1024));
}

TEST_CASE("A released range comes back only while there is room", "[io]") {
  const SmallTmpfs tmpfs("size=128k");
  if (!tmpfs.is_mounted()) return;
  const auto directory = MustOpenDirectory(tmpfs.path());
  const auto memory = MustMapArena(*directory);
  REQUIRE_OK(memory->Grow(128 * 1024));
  REQUIRE_OK(memory->Release(0, 64 * 1024));
  const auto filler = MustCreate(*directory, "filler");
  REQUIRE_OK(filler->Allocate(0, 64 * 1024));
  CHECK(IsDiskFull(memory->Reserve(0, 64 * 1024)));
  REQUIRE_OK(filler->Truncate(0));
  CHECK_OK(memory->Reserve(0, 64 * 1024));
  std::ranges::fill(memory->mutable_bytes(), std::byte{0xAA});
}

TEST_CASE("Reading released ranges takes no memory and no signal", "[io]") {
  const SmallTmpfs tmpfs("size=128k");
  if (!tmpfs.is_mounted()) return;
  const auto directory = MustOpenDirectory(tmpfs.path());
  const auto memory = MustMapArena(*directory);
  REQUIRE_OK(memory->Grow(64 * 1024));
  REQUIRE_OK(memory->Release(0, 64 * 1024));
  REQUIRE_OK(MustCreate(*directory, "filler")->Allocate(0, 128 * 1024));
  const auto file = MustOpen(*directory, "arena");
  CHECK(test::TextAt(*file, 0, 65'536) == std::string(65'536, '\0'));
}

TEST_CASE("A file larger than the address space is not mapped", "[io]") {
  const SmallTmpfs tmpfs("size=128k");
  if (!tmpfs.is_mounted()) return;
  const auto directory = MustOpenDirectory(tmpfs.path());
  // The low 32 bits of the size are those of one page.
  const uint64_t size = (uint64_t{1} << 60) + 4096;
  REQUIRE_OK(MustCreate(*directory, "arena")->Truncate(size));
  CHECK_STATUS(absl::StatusCode::kResourceExhausted,
               directory->OpenSharedMemory("arena"));
}

TEST_CASE("Growth past RLIMIT_FSIZE is refused without a signal", "[io]") {
  World world(WorldKind::kPosix);
  const auto memory = MustMapArena(world.shared());
  const ScopedLimit limit(RLIMIT_FSIZE, 8'192);
  CHECK_OK(memory->Grow(8'192));
  CHECK_STATUS(absl::StatusCode::kResourceExhausted, memory->Grow(12'288));
  CHECK(memory->bytes().size() == 8'192);
}

TEST_CASE("Memory above RLIMIT_MEMLOCK is not locked and not grown", "[io]") {
  World world(WorldKind::kPosix);
  // The limit does not hold for root.
  const std::string path = world.path();
  if (::geteuid() == 0) {
    REQUIRE(::chown(path.c_str(), test::kNobody, test::kNobody) == 0);
  }
  CHECK(RunInChild([&] {
          if (::chdir(path.c_str()) != 0 || !test::BecomeNobody()) return 1;
          const struct rlimit limit = {65'536, 65'536};
          if (::setrlimit(RLIMIT_MEMLOCK, &limit) != 0) return 2;
          // Under a sanitizer the call does nothing.
          const std::vector<std::byte> probe(1 << 20);
          if (::mlock(probe.data(), probe.size()) == 0) return 0;
          const auto directory = Env::Posix().OpenDirectory(".", false);
          if (!directory.ok()) return 3;
          SharedMemoryOptions options;
          options.reserved_size = 1 << 20;
          options.is_locked_in_memory = true;
          const auto memory =
              (*directory)->CreateSharedMemory("arena", options);
          if (!memory.ok()) return 4;
          if (!(*memory)->Grow(32'768).ok()) return 5;
          const absl::Status status = (*memory)->Grow(262'144);
          if (ReasonOf(status) != ErrorReason::kOutOfMemory) return 6;
          if ((*memory)->Stat()->size != 32'768) return 7;
          return (*memory)->bytes().size() == 32'768 ? 0 : 8;
        }) == 0);
}

TEST_CASE("A reserve above the address space leaves no file behind", "[io]") {
  World world(WorldKind::kPosix);
  const auto result =
      world.shared().CreateSharedMemory("arena", {uint64_t{1} << 60});
  CHECK(ReasonOf(result.status()) == ErrorReason::kOutOfMemory);
  CHECK(world.shared().List("")->empty());
}

TEST_CASE("A forked child has neither the mapping nor the lock", "[io]") {
  World world(WorldKind::kPosix);
  auto memory = MustMapArena(world.shared());
  REQUIRE_OK(memory->Grow(4'096));
  REQUIRE(*memory->TryLock());
  std::byte* const base = memory->mutable_bytes().data();
  CHECK(RunInChild([&] {
          unsigned char resident = 0;
          // ENOMEM: nothing is mapped at the address.
          return ::mincore(base, 4'096, &resident) != 0 ? 0 : 1;
        }) == 0);
  CHECK(RunInChild([&] {
          memory.reset();
          return 0;
        }) == 0);
  CHECK_FALSE(*MustOpen(world.shared(), "arena")->TryLock(0, 0));
  const LivingChild child;
  memory.reset();
  CHECK(*MustOpen(world.shared(), "arena")->TryLock(0, 0));
}

TEST_CASE("The bytes of a killed owner are found with its lock free", "[io]") {
  World world(WorldKind::kPosix);
  {
    const LivingChild owner([&] {
      auto memory = world.shared().CreateSharedMemory("arena", {1 << 20});
      if (!memory.ok() || !(*memory)->Grow(4'096).ok()) ::_exit(1);
      if (!(*memory)->TryLock().ok()) ::_exit(1);
      const auto text = AsBytes("tide");
      std::ranges::copy(text, (*memory)->mutable_bytes().begin());
      static_cast<void>(memory->release());
    });
    CHECK_FALSE(*MustOpen(world.shared(), "arena")->TryLock(0, 0));
    REQUIRE(::kill(owner.pid(), SIGKILL) == 0);
  }
  const auto file = MustOpen(world.shared(), "arena");
  CHECK(*file->TryLock(0, 0));
  CHECK(test::TextAt(*file, 0, 4) == "tide");
}

TEST_CASE("Memory on a disk is allocated and written with zeros", "[io]") {
  World world(WorldKind::kPosix);
  SharedMemoryOptions options;
  options.reserved_size = 1 << 20;
  options.is_zero_written = true;
  const auto memory = MustMapArena(world.directory(), options);
  REQUIRE_OK(memory->Grow(200 * 1024));
  REQUIRE_OK(memory->Grow(1 << 20));
  CHECK(memory->Stat()->allocated_size >= 1 << 20);
  // Written blocks are data, allocated ones would be holes.
  CHECK(*MustOpen(world.directory(), "arena")->NextData(0) == 0);
}

TEST_CASE("A file system that moves blocks cannot hold shared memory", "[io]") {
  // The only kind at hand that is not known to rewrite in place.
  const int fd = ::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  REQUIRE_OK_AND_ASSIGN(const auto directory,
                        PosixDirectory::Adopt(Descriptor(fd), "/proc"));
  CHECK_STATUS(absl::StatusCode::kUnimplemented,
               directory->CreateSharedMemory("arena", {4'096}));
}

}  // namespace
}  // namespace tidemark
