// Every system call of the POSIX Env fails once with a real error, given by a
// seccomp filter in a forked child, and leaves what its contract says.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <optional>
#include <string>

#include "io/child.h"
#include "io/limits.h"
#include "io/seccomp.h"
#include "io/world.h"
#include "tidemark/error.h"

namespace tidemark {
namespace {

using test::FailSystemCall;
using test::MustCreate;
using test::MustWriteFile;
using test::RunInChild;
using test::World;
using test::WorldKind;

// Machines of 32 bits have other calls for files above 2 GiB.
#if defined(SYS_ftruncate64)
constexpr long kTruncateCall = SYS_ftruncate64;
constexpr long kSeekCall = SYS__llseek;
constexpr long kStatfsCall = SYS_fstatfs64;
constexpr long kFcntlCall = SYS_fcntl64;
#else
constexpr long kTruncateCall = SYS_ftruncate;
constexpr long kSeekCall = SYS_lseek;
constexpr long kStatfsCall = SYS_fstatfs;
constexpr long kFcntlCall = SYS_fcntl;
#endif

constexpr uint32_t kPopulateWrite = 23;  // MADV_POPULATE_WRITE

// The code that `operation` returns while a system call fails.
absl::StatusCode CodeWhile(long number, int error,
                           const std::function<absl::Status()>& operation,
                           std::optional<uint32_t> third_argument = {}) {
  const int code = RunInChild([&] {
    if (!FailSystemCall(number, error, third_argument)) return 100;
    return static_cast<int>(operation().code());
  });
  REQUIRE(code < 100);
  return static_cast<absl::StatusCode>(code);
}

constexpr auto kInternal = absl::StatusCode::kInternal;
constexpr auto kNoneLeft = absl::StatusCode::kResourceExhausted;
constexpr auto kDenied = absl::StatusCode::kPermissionDenied;
constexpr auto kOk = absl::StatusCode::kOk;

TEST_CASE("A failed sync of a file is not tried again", "[io]") {
  World world(WorldKind::kPosix);
  const auto file = MustCreate(world.directory(), "a");
  for (const int error : {EIO, ENOSPC, EDQUOT, EINTR}) {
    const auto code = error == EIO || error == EINTR ? kInternal : kNoneLeft;
    CHECK(CodeWhile(SYS_fdatasync, error, [&] { return file->Sync(); }) ==
          code);
    CHECK(CodeWhile(SYS_fsync, error, [&] { return file->SyncAll(); }) == code);
  }
}

TEST_CASE("A failed read, write, cut or reserve of a file is told", "[io]") {
  World world(WorldKind::kPosix);
  const auto file = MustCreate(world.directory(), "a");
  test::MustWrite(*file, 0, "tide");
  std::array<std::byte, 4> bytes = {};
  const std::array<std::span<const std::byte>, 1> parts = {bytes};
  CHECK(CodeWhile(SYS_pread64, EIO, [&] {
          return file->ReadAt(0, bytes).status();
        }) == kInternal);
  CHECK(CodeWhile(SYS_pwrite64, EDQUOT,
                  [&] { return file->WriteAt(0, bytes); }) == kNoneLeft);
  CHECK(CodeWhile(SYS_pwritev, ENOSPC,
                  [&] { return file->WriteAtV(0, parts); }) == kNoneLeft);
  CHECK(CodeWhile(kTruncateCall, EIO, [&] { return file->Truncate(0); }) ==
        kInternal);
  CHECK(CodeWhile(SYS_fallocate, EOPNOTSUPP, [&] {
          return file->Allocate(0, 4'096);
        }) == absl::StatusCode::kUnimplemented);
}

TEST_CASE("A write that takes nothing without an error is an I/O error",
          "[io]") {
  World world(WorldKind::kPosix);
  const auto file = MustCreate(world.directory(), "a");
  // An error number of 0 has the kernel return 0.
  CHECK(CodeWhile(SYS_pwrite64, 0, [&] {
          return file->WriteAt(0, AsBytes("tide"));
        }) == kInternal);
}

TEST_CASE("Without SEEK_DATA everything may be data", "[io]") {
  World world(WorldKind::kPosix);
  const auto file = MustCreate(world.directory(), "a");
  REQUIRE_OK(file->Truncate(1 << 20));
  const auto next = [&]() -> absl::Status {
    const auto data = file->NextData(5'000);
    if (!data.ok()) return data.status();
    return *data == 5'000 ? absl::OkStatus() : absl::UnknownError("");
  };
  CHECK(CodeWhile(kSeekCall, EINVAL, next) == kOk);
  CHECK(CodeWhile(kSeekCall, EIO, next) == kInternal);
}

TEST_CASE("A rename goes on where RENAME_NOREPLACE is not known", "[io]") {
  World world(WorldKind::kPosix);
  Directory& directory = world.directory();
  const int error = GENERATE(EINVAL, ENOSYS);
  MustWriteFile(directory, "a", "A");
  MustWriteFile(directory, "b", "B");
  CHECK(CodeWhile(SYS_renameat2, error, [&] {
          return directory.Rename("a", "b", false);
        }) == absl::StatusCode::kAlreadyExists);
  CHECK(CodeWhile(SYS_renameat2, error,
                  [&] { return directory.Rename("a", "c", false); }) == kOk);
  CHECK(test::TextOf(directory, "c") == "A");
  CHECK(test::TextOf(directory, "b") == "B");
}

TEST_CASE("A failed sync of a directory or file system is told", "[io]") {
  World world(WorldKind::kPosix);
  Directory& directory = world.directory();
  REQUIRE_OK(directory.CreateDirectory("d"));
  CHECK(CodeWhile(SYS_fsync, EIO, [&] { return directory.Sync(""); }) ==
        kInternal);
  CHECK(CodeWhile(SYS_fsync, EIO, [&] { return directory.Sync("d"); }) ==
        kInternal);
  CHECK(CodeWhile(SYS_syncfs, ENOSPC,
                  [&] { return directory.SyncFileSystem(); }) == kNoneLeft);
}

TEST_CASE("A failed question about a file system is told", "[io]") {
  World world(WorldKind::kPosix);
  CHECK(CodeWhile(kStatfsCall, EIO, [&] {
          return world.directory().FreeBytes().status();
        }) == kInternal);
  CHECK(CodeWhile(kStatfsCall, EIO, [&] {
          return world.env().OpenDirectory(world.path(), false).status();
        }) == kInternal);
}

TEST_CASE("A listing that breaks off is an error, not an end", "[io]") {
  World world(WorldKind::kPosix);
  MustCreate(world.directory(), "a");
  CHECK(CodeWhile(SYS_getdents64, EIO, [&] {
          return world.directory().List("").status();
        }) == kInternal);
}

TEST_CASE("What cannot get its mode is not left behind", "[io]") {
  World world(WorldKind::kPosix);
  Directory& directory = world.directory();
  // The modes are wrong at first, so that they have to be set.
  const test::ScopedUmask umask(0777);
  CHECK(CodeWhile(SYS_fchmod, EPERM, [&] {
          return directory.CreateFile("a").status();
        }) == kDenied);
  // With AT_SYMLINK_NOFOLLOW glibc goes through /proc with chmod, if the kernel
  // has no fchmodat2.
  CHECK(CodeWhile(SYS_chmod, EPERM,
                  [&] { return directory.CreateDirectory("d"); }) == kDenied);
  CHECK(CodeWhile(SYS_chmod, EPERM, [&] {
          return world.env().OpenDirectory(world.path() + "/e", true).status();
        }) == kDenied);
  CHECK(directory.List("")->empty());
}

TEST_CASE("A parent that cannot be synced fails the creation", "[io]") {
  World world(WorldKind::kPosix);
  CHECK(CodeWhile(SYS_fsync, EIO, [&] {
          return world.env().OpenDirectory(world.path() + "/d", true).status();
        }) == kInternal);
}

TEST_CASE("A system without random bytes or boot id says so", "[io]") {
  World world(WorldKind::kPosix);
  std::array<std::byte, 8> bytes;
  CHECK(CodeWhile(SYS_getrandom, ENOSYS, [&] {
          return world.env().FillRandom(bytes);
        }) == absl::StatusCode::kUnimplemented);
  CHECK(CodeWhile(SYS_pread64, EIO,
                  [&] { return world.env().BootId().status(); }) == kInternal);
}

TEST_CASE("A lock that the system cannot keep is an error", "[io]") {
  World world(WorldKind::kPosix);
  const auto file = MustCreate(world.directory(), "LOCK");
  CHECK(CodeWhile(kFcntlCall, ENOLCK,
                  [&] { return file->TryLock(0, 0).status(); }) == kInternal);
}

TEST_CASE("Shared memory that cannot be mapped leaves no file", "[io]") {
  World world(WorldKind::kPosix);
  const auto create = [&] {
    return world.shared().CreateSharedMemory("arena", {65'536}).status();
  };
  CHECK(CodeWhile(SYS_madvise, ENOMEM, create) == kNoneLeft);
  CHECK(world.shared().List("")->empty());
}

TEST_CASE("Growth that fails at any step leaves the old size", "[io]") {
  World world(WorldKind::kPosix);
  SharedMemoryOptions options;
  options.reserved_size = 1 << 20;
  options.is_zero_written = true;
  options.is_locked_in_memory = true;
  const auto grow = [&](long number, int error,
                        std::optional<uint32_t> third = {}) {
    // A forked child has no mapping, so it makes a memory of its own.
    return CodeWhile(
        number, error,
        [&] {
          auto memory = world.directory().CreateSharedMemory("own", options);
          if (!memory.ok()) return absl::UnknownError("");
          absl::Status status = (*memory)->Grow(8'192);
          if (!(*memory)->bytes().empty() && !status.ok()) {
            status = absl::UnknownError("");
          }
          if (!status.ok() && (*memory)->Stat()->size != 0) {
            status = absl::UnknownError("");
          }
          world.directory().RemoveFile("own").IgnoreError();
          return status;
        },
        third);
  };
  CHECK(grow(SYS_fallocate, ENOSPC) == kNoneLeft);
  CHECK(grow(SYS_pwrite64, EIO) == kInternal);
  CHECK(grow(SYS_fdatasync, EIO) == kInternal);
  CHECK(grow(SYS_mprotect, ENOMEM, PROT_READ | PROT_WRITE) == kNoneLeft);
  CHECK(grow(SYS_madvise, EFAULT, kPopulateWrite) == kNoneLeft);
  CHECK(grow(SYS_madvise, EINVAL, kPopulateWrite) == kOk);
}

TEST_CASE("A range that cannot be released is told", "[io]") {
  World world(WorldKind::kPosix);
  const int code = RunInChild([&] {
    auto memory = world.shared().CreateSharedMemory("own", {65'536});
    if (!memory.ok() || !(*memory)->Grow(8'192).ok()) return 100;
    if (!FailSystemCall(SYS_fallocate, EOPNOTSUPP)) return 101;
    return static_cast<int>((*memory)->Release(0, 4'096).code());
  });
  CHECK(static_cast<absl::StatusCode>(code) ==
        absl::StatusCode::kUnimplemented);
}

TEST_CASE("A sync of a directory that began is told from one that did not",
          "[io]") {
  World world(WorldKind::kPosix);
  Directory& directory = world.directory();
  REQUIRE_OK(directory.CreateDirectory("d"));
  const auto has_begun = [&] {
    const ErrorReason reason = ReasonOf(directory.Sync("d"));
    return reason == ErrorReason::kOutOfFileDescriptors ||
                   reason == ErrorReason::kOutOfMemory
               ? absl::OkStatus()
               : absl::AbortedError("");
  };
  for (const int error : {EMFILE, ENFILE, ENOMEM}) {
    CHECK(CodeWhile(SYS_openat2, error, has_begun) == absl::StatusCode::kOk);
    CHECK(CodeWhile(SYS_fsync, error, has_begun) == absl::StatusCode::kAborted);
  }
}

}  // namespace
}  // namespace tidemark
