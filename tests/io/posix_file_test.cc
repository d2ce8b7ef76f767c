#include "io/posix_file.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "io/limits.h"
#include "io/world.h"
#include "tidemark/error.h"

namespace tidemark {
namespace {

using test::MustCreate;
using test::ScopedLimit;
using test::SmallTmpfs;
using test::TextAt;
using test::World;
using test::WorldKind;

constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;

// A file on something other than a regular file of a disk.
PosixFile FileOn(const char* path) {
  return PosixFile(Descriptor(::open(path, O_RDWR | O_CLOEXEC)), path);
}

TEST_CASE("A write past RLIMIT_FSIZE is refused without a signal", "[io]") {
  World world(WorldKind::kPosix);
  const auto file = MustCreate(world.directory(), "a");
  const ScopedLimit limit(RLIMIT_FSIZE, 10'000);
  const std::string text(4'000, 'x');
  const std::array<std::span<const std::byte>, 1> parts = {AsBytes(text)};
  CHECK_OK(file->WriteAt(6'000, AsBytes(text)));
  CHECK_STATUS(kExhausted, file->WriteAt(6'001, AsBytes(text)));
  CHECK_STATUS(kExhausted, file->WriteAtV(10'000, parts));
  CHECK_STATUS(kExhausted, file->Truncate(10'001));
  const absl::Status refused = file->Allocate(0, 10'001);
  CHECK_STATUS(kExhausted, refused);
  CHECK(IsDiskFull(refused));
  CHECK(std::string(refused.message())
            .ends_with("allocate 10001 bytes at 0: File too large: "
                       "RLIMIT_FSIZE is 10000"));
  CHECK(file->Stat()->size == 10'000);
}

TEST_CASE("A limit that is raised again lets writes go on", "[io]") {
  World world(WorldKind::kPosix);
  const auto file = MustCreate(world.directory(), "a");
  {
    const ScopedLimit limit(RLIMIT_FSIZE, 2);
    CHECK_STATUS(kExhausted, file->WriteAt(0, AsBytes("tide")));
  }
  CHECK_OK(file->WriteAt(0, AsBytes("tide")));
}

TEST_CASE("A full disk is told as such and the same write succeeds later",
          "[io]") {
  const SmallTmpfs tmpfs("size=64k");
  if (!tmpfs.is_mounted()) return;
  REQUIRE_OK_AND_ASSIGN(const auto directory,
                        Env::Posix().OpenDirectory(tmpfs.path(), false));
  const auto file = MustCreate(*directory, "a");
  const auto filler = MustCreate(*directory, "filler");
  REQUIRE_OK(filler->Allocate(0, 32'768));
  const std::string text(40'000, 'x');
  const absl::Status status = file->WriteAt(0, AsBytes(text));
  CHECK(IsDiskFull(status));
  CHECK(std::string(status.message()).find("32768 written") !=
        std::string::npos);
  CHECK(IsDiskFull(file->Allocate(0, 65'536)));
  REQUIRE_OK(filler->Truncate(0));
  CHECK_OK(file->WriteAt(0, AsBytes(text)));
  CHECK(TextAt(*file, 0, text.size()) == text);
}

TEST_CASE("What is allocated can be written on a full disk", "[io]") {
  const SmallTmpfs tmpfs("size=64k");
  if (!tmpfs.is_mounted()) return;
  REQUIRE_OK_AND_ASSIGN(const auto directory,
                        Env::Posix().OpenDirectory(tmpfs.path(), false));
  const auto file = MustCreate(*directory, "a");
  REQUIRE_OK(file->Allocate(0, 16'384));
  const auto filler = MustCreate(*directory, "filler");
  REQUIRE(IsDiskFull(filler->WriteAt(0, AsBytes(std::string(65'536, 'x')))));
  CHECK_OK(file->WriteAt(0, AsBytes(std::string(16'384, 'y'))));
}

TEST_CASE("A failed write names the file, the range and the cause", "[io]") {
  PosixFile file = FileOn("/dev/full");
  const absl::Status status = file.WriteAt(7, AsBytes("tide"));
  CHECK(IsDiskFull(status));
  CHECK(std::string(status.message()) ==
        "/dev/full: write 4 bytes at 7, 0 written: No space left on device");
}

TEST_CASE("A file system without allocation reports Unimplemented", "[io]") {
  PosixFile file = FileOn("/proc/self/comm");
  CHECK_STATUS(absl::StatusCode::kUnimplemented, file.Allocate(0, 4'096));
}

TEST_CASE("Failures of a sync and of a read are I/O errors", "[io]") {
  PosixFile pipe_file = FileOn("/dev/null");
  CHECK(IsIoError(pipe_file.Sync()));
  CHECK(IsIoError(pipe_file.SyncAll()));
  PosixFile directory(
      Descriptor(::open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC)), "/tmp");
  std::array<std::byte, 4> bytes;
  CHECK_STATUS(absl::StatusCode::kFailedPrecondition,
               directory.ReadAt(0, bytes));
}

TEST_CASE("A close that fails reports it once", "[io]") {
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  PosixFile file{Descriptor(fd), "a"};
  REQUIRE(::close(fd) == 0);
  CHECK(IsIoError(file.Close()));
  CHECK_OK(file.Close());
}

TEST_CASE("A big write and a big vector write arrive whole", "[io]") {
  World world(WorldKind::kPosix);
  const auto file = MustCreate(world.directory(), "a");
  const std::string text(3 << 20, 'x');
  const std::vector<std::span<const std::byte>> parts(3, AsBytes(text));
  REQUIRE_OK(file->WriteAtV(1, parts));
  CHECK(file->Stat()->size == 3 * text.size() + 1);
}

}  // namespace
}  // namespace tidemark
