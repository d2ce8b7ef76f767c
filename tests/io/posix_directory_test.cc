#include "io/posix_directory.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "io/child.h"
#include "io/limits.h"
#include "io/world.h"
#include "tidemark/error.h"

namespace tidemark {
namespace {

using test::BecomeNobody;
using test::MustCreate;
using test::MustWriteFile;
using test::RunInChild;
using test::ScopedLimit;
using test::ScopedUmask;
using test::SmallTmpfs;
using test::World;
using test::WorldKind;

constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;

class PosixWorld : public World {
 public:
  PosixWorld() : World(WorldKind::kPosix) {}
  std::string operator/(const std::string& name) const {
    return path() + "/" + name;
  }
};

void CheckRefused(Directory& directory, const std::string& name) {
  CHECK_STATUS(kRefused, directory.OpenFile(name, FileAccess::kReadOnly));
  CHECK_STATUS(kRefused, directory.OpenFile(name, FileAccess::kReadWrite));
  CHECK_STATUS(kRefused, directory.OpenSharedMemory(name));
}

TEST_CASE("A symbolic link is not opened, listed as other, and removed itself",
          "[io]") {
  PosixWorld world;
  Directory& directory = world.directory();
  MustWriteFile(directory, "target", "t");
  std::filesystem::create_symlink("target", world / "link");
  CheckRefused(directory, "link");
  CHECK(directory.Stat("link")->type == FileType::kOther);
  CHECK((*directory.List(""))[0] == DirectoryEntry{"link", FileType::kOther});
  REQUIRE_OK(directory.RemoveFile("link"));
  CHECK_OK(directory.Stat("target"));
}

TEST_CASE("A directory behind a symbolic link is not entered", "[io]") {
  PosixWorld world;
  Directory& directory = world.directory();
  const test::TempDir outside;
  MustWriteFile(directory, "a", "A");
  std::filesystem::create_directory_symlink(outside.path(), world / "link");
  CHECK_STATUS(kRefused, directory.CreateFile("link/a"));
  CHECK_STATUS(kRefused, directory.CreateDirectory("link/d"));
  CHECK_STATUS(kRefused, directory.List("link"));
  CHECK_STATUS(kRefused, directory.Stat("link/a"));
  CHECK_STATUS(kRefused, directory.Rename("a", "link/a", true));
  CHECK_STATUS(kRefused, directory.RemoveFile("link/a"));
  CHECK_STATUS(kRefused, directory.Sync("link"));
  CHECK(std::filesystem::is_empty(outside.path()));
}

TEST_CASE("A FIFO, a socket and a device are refused and do not hang", "[io]") {
  PosixWorld world;
  REQUIRE(::mkfifo((world / "fifo").c_str(), 0600) == 0);
  CheckRefused(world.directory(), "fifo");
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  // The path of the test may be too long for an address.
  REQUIRE(RunInChild([&] {
            std::string("socket").copy(address.sun_path, 7);
            return ::chdir(world.path().c_str()) == 0 &&
                           ::bind(socket,
                                  reinterpret_cast<struct sockaddr*>(&address),
                                  sizeof(address)) == 0
                       ? 0
                       : 1;
          }) == 0);
  ::close(socket);
  CheckRefused(world.directory(), "socket");
  if (::mknod((world / "null").c_str(), S_IFCHR | 0600, 0x103) == 0) {
    CheckRefused(world.directory(), "null");
  }
}

TEST_CASE("A file with a hard link is refused", "[io]") {
  PosixWorld world;
  MustWriteFile(world.directory(), "a", "A");
  std::filesystem::create_hard_link(world / "a", world / "b");
  CheckRefused(world.directory(), "a");
  CheckRefused(world.directory(), "b");
}

TEST_CASE("A file that others may write to is not opened", "[io]") {
  PosixWorld world;
  MustWriteFile(world.directory(), "a", "A");
  REQUIRE(::chmod((world / "a").c_str(), 0644) == 0);
  CHECK_OK(world.directory().OpenFile("a", FileAccess::kReadWrite));
  REQUIRE(::chmod((world / "a").c_str(), 0666) == 0);
  CheckRefused(world.directory(), "a");
}

TEST_CASE("A file of another user is not opened", "[io]") {
  PosixWorld world;
  MustWriteFile(world.directory(), "a", "A");
  if (::geteuid() != 0) return;  // only root can give it away
  REQUIRE(::chown((world / "a").c_str(), test::kNobody, test::kNobody) == 0);
  CheckRefused(world.directory(), "a");
}

TEST_CASE("Modes do not depend on the umask", "[io]") {
  PosixWorld world;
  const ScopedUmask umask(GENERATE(as<mode_t>(), 0, 0077, 0777));
  CHECK(MustCreate(world.directory(), "a")->Stat()->mode == 0600);
  REQUIRE_OK(world.directory().CreateDirectory("d"));
  CHECK(world.directory().Stat("d")->mode == 0700);
  MustCreate(world.directory(), "d/a");
  REQUIRE_OK(Env::Posix().OpenDirectory(world / "e", true));
  CHECK(world.directory().Stat("e")->mode == 0700);
}

TEST_CASE("Opens beyond RLIMIT_NOFILE name their reason and leave nothing",
          "[io]") {
  PosixWorld world;
  MustWriteFile(world.directory(), "a", "A");
  const auto reason = ErrorReason::kOutOfFileDescriptors;
  const ScopedLimit limit(RLIMIT_NOFILE, 3);
  Directory& directory = world.directory();
  CHECK(ReasonOf(directory.OpenFile("a", FileAccess::kReadOnly).status()) ==
        reason);
  CHECK(ReasonOf(directory.CreateFile("b").status()) == reason);
  CHECK(ReasonOf(directory.List("").status()) == reason);
  CHECK(ReasonOf(world.env().OpenDirectory(world.path(), false).status()) ==
        reason);
  CHECK(ReasonOf(world.env().BootId().status()) == reason);
  CHECK_STATUS(absl::StatusCode::kNotFound, directory.Stat("b"));
}

TEST_CASE("A directory without rights denies every change", "[io]") {
  const test::TempDir directory;
  const std::string path = directory.path();
  REQUIRE(::chmod(path.c_str(), 0500) == 0);
  if (::geteuid() == 0) {
    REQUIRE(::chown(path.c_str(), test::kNobody, test::kNobody) == 0);
  }
  constexpr auto kDenied = absl::StatusCode::kPermissionDenied;
  CHECK(RunInChild([&] {
          if (::chdir(path.c_str()) != 0 || !BecomeNobody()) return 1;
          const auto opened = Env::Posix().OpenDirectory(".", false);
          if (!opened.ok()) return 2;
          if ((*opened)->CreateFile("a").status().code() != kDenied) return 3;
          if ((*opened)->CreateDirectory("a").code() != kDenied) return 4;
          return Env::Posix().OpenDirectory("./d", true).status().code() ==
                         kDenied
                     ? 0
                     : 5;
        }) == 0);
}

TEST_CASE("An unprivileged user works in a directory of its own", "[io]") {
  const test::TempDir directory;
  const std::string path = directory.path();
  if (::geteuid() == 0) {
    REQUIRE(::chown(path.c_str(), test::kNobody, test::kNobody) == 0);
  }
  const ScopedUmask umask(0777);
  CHECK(RunInChild([&] {
          if (::chdir(path.c_str()) != 0 || !BecomeNobody()) return 1;
          const auto opened = Env::Posix().OpenDirectory("./new", true);
          if (!opened.ok()) return 2;
          if (!(*opened)->CreateDirectory("d").ok()) return 3;
          if (!(*opened)->CreateFile("d/a").ok()) return 4;
          return (*opened)->OpenFile("d/a", FileAccess::kReadWrite).ok() ? 0
                                                                         : 5;
        }) == 0);
}

TEST_CASE("A directory that was renamed stays the same tree", "[io]") {
  PosixWorld world;
  REQUIRE_OK(world.directory().CreateDirectory("before"));
  REQUIRE_OK_AND_ASSIGN(const auto opened,
                        world.env().OpenDirectory(world / "before", false));
  REQUIRE_OK(world.directory().Rename("before", "after", false));
  MustCreate(*opened, "a");
  CHECK_OK(world.directory().Stat("after/a"));
}

TEST_CASE("A tmpfs warns, a disk does not", "[io]") {
  PosixWorld world;
  CHECK(world.directory().Warnings().empty());
  REQUIRE(world.shared().Warnings().size() == 1);
  CHECK(world.shared().Warnings()[0].find("tmpfs") != std::string::npos);
}

TEST_CASE("A read-only file system denies changes and can be read", "[io]") {
  const SmallTmpfs tmpfs("size=64k");
  if (!tmpfs.is_mounted()) return;
  REQUIRE_OK_AND_ASSIGN(const auto directory,
                        Env::Posix().OpenDirectory(tmpfs.path(), false));
  MustWriteFile(*directory, "a", "tide");
  REQUIRE(::mount(nullptr, tmpfs.path().c_str(), nullptr,
                  MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  constexpr auto kDenied = absl::StatusCode::kPermissionDenied;
  CHECK_STATUS(kDenied, directory->CreateFile("b"));
  CHECK_STATUS(kDenied, directory->OpenFile("a", FileAccess::kReadWrite));
  CHECK_STATUS(kDenied, directory->RemoveFile("a"));
  CHECK(test::TextOf(*directory, "a") == "tide");
}

TEST_CASE("A rename to another file system is refused", "[io]") {
  const SmallTmpfs tmpfs("size=64k");
  if (!tmpfs.is_mounted()) return;
  const std::string inner = tmpfs.path() + "/inner";
  REQUIRE(::mkdir(inner.c_str(), 0700) == 0);
  REQUIRE(::mount("tmpfs", inner.c_str(), "tmpfs", 0, "size=64k") == 0);
  {
    REQUIRE_OK_AND_ASSIGN(const auto directory,
                          Env::Posix().OpenDirectory(tmpfs.path(), false));
    MustWriteFile(*directory, "a", "tide");
    CHECK_STATUS(kRefused, directory->Rename("a", "inner/a", false));
  }
  ::umount2(inner.c_str(), MNT_DETACH);
}

TEST_CASE("A full file system has no free bytes", "[io]") {
  const SmallTmpfs tmpfs("size=64k");
  if (!tmpfs.is_mounted()) return;
  REQUIRE_OK_AND_ASSIGN(const auto directory,
                        Env::Posix().OpenDirectory(tmpfs.path(), false));
  CHECK(*directory->FreeBytes() == 65'536);
  const auto file = MustCreate(*directory, "a");
  REQUIRE_OK(file->Allocate(0, 65'536));
  CHECK(*directory->FreeBytes() == 0);
}

TEST_CASE("A file system without room for a name is full", "[io]") {
  const SmallTmpfs tmpfs("size=64k,nr_inodes=3");
  if (!tmpfs.is_mounted()) return;
  REQUIRE_OK_AND_ASSIGN(const auto directory,
                        Env::Posix().OpenDirectory(tmpfs.path(), false));
  MustCreate(*directory, "a");
  MustCreate(*directory, "b");
  CHECK(IsDiskFull(directory->CreateFile("c").status()));
  CHECK(IsDiskFull(directory->CreateDirectory("d")));
}

}  // namespace
}  // namespace tidemark
