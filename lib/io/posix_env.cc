#include <fcntl.h>
#include <fmt/core.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "io/descriptor.h"
#include "io/errno_status.h"
#include "io/posix_directory.h"
#include "io/posix_stat.h"
#include "io/transfer.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {
namespace {

constexpr std::string_view kSharedMemoryPath = "/dev/shm";
constexpr const char* kBootIdPath = "/proc/sys/kernel/random/boot_id";
constexpr size_t kBootIdSize = 36;
// PROC_PID_INIT_INO of the kernel: the number that the first namespace has on
// every machine.
constexpr std::string_view kInitialPidNamespace = "pid:[4026531836]";

OpenResult OpenPath(int directory, const char* path) {
  int fd;
  do {
    fd = ::openat(directory, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  return TakeDescriptor(fd);
}

absl::StatusOr<std::string> CheckedPath(std::string_view path) {
  if (path.empty()) return absl::InvalidArgumentError("directory path: empty");
  if (path.find('\0') != std::string_view::npos) {
    return absl::InvalidArgumentError("directory path: holds a NUL");
  }
  return std::string(path);
}

// Creates a directory with mode 0700; false if there is something already.
absl::StatusOr<bool> MakeDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0) {
    if (errno == EEXIST) return false;
    return ErrnoStatus(errno, fmt::format("{}: create directory", path));
  }
  struct stat stat;
  if (::lstat(path.c_str(), &stat) == 0 &&
      ((stat.st_mode & 0777) == 0700 ||
       // The umask took bits away; without them it could not even be opened.
       ::fchmodat(AT_FDCWD, path.c_str(), 0700, AT_SYMLINK_NOFOLLOW) == 0)) {
    return true;
  }
  const int error = errno;
  ::rmdir(path.c_str());
  return ErrnoStatus(error, fmt::format("{}: set mode 0700", path));
}

// Makes the entry of an open directory in its parent durable. The parent is
// found through the directory, so a link in the path cannot mislead.
absl::Status SyncParent(const Descriptor& directory, const std::string& path,
                        bool is_new) {
  OpenResult parent = OpenPath(directory.get(), "..");
  // Who could not read the parent did not create this entry, and whoever did
  // had to sync it.
  if (parent.error == EACCES && !is_new) return absl::OkStatus();
  int error = parent.error;
  if (error == 0 && ::fsync(parent.descriptor.get()) != 0) error = errno;
  if (error == 0) return absl::OkStatus();
  return ErrnoStatus(error, fmt::format("{}: sync parent", path));
}

absl::Status CheckTrustedDirectory(const FileStat& stat,
                                   const std::string& path,
                                   bool is_sticky_enough) {
  TIDEMARK_RETURN_IF_ERROR(CheckTrustedOwner(stat, path));
  if ((stat.mode & 022) == 0) return absl::OkStatus();
  if (is_sticky_enough && (stat.mode & S_ISVTX) != 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("{}: open: mode {:04o} lets others write, expected 0700",
                  path, stat.mode));
}

// The Linux system. Stateless, so thread-safe.
class PosixEnv final : public Env {
 public:
  absl::StatusOr<std::unique_ptr<Directory>> OpenDirectory(
      std::string_view path, bool is_creating) override {
    TIDEMARK_ASSIGN_OR_RETURN(std::string name, CheckedPath(path));
    bool is_new = false;
    if (is_creating) {
      TIDEMARK_ASSIGN_OR_RETURN(is_new, MakeDirectory(name));
    }
    OpenResult opened = OpenPath(AT_FDCWD, name.c_str());
    if (opened.error != 0) {
      return ErrnoStatus(opened.error, fmt::format("{}: open directory", name));
    }
    const int fd = opened.descriptor.get();
    TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat, StatDescriptor(fd, name));
    TIDEMARK_RETURN_IF_ERROR(CheckTrustedDirectory(stat, name, false));
    if (is_creating) {
      TIDEMARK_RETURN_IF_ERROR(SyncParent(opened.descriptor, name, is_new));
    }
    return PosixDirectory::Adopt(std::move(opened.descriptor), std::move(name));
  }

  absl::StatusOr<std::unique_ptr<Directory>> OpenSharedMemoryDirectory(
      std::string_view path) override {
    if (path.empty()) path = kSharedMemoryPath;
    TIDEMARK_ASSIGN_OR_RETURN(std::string name, CheckedPath(path));
    OpenResult opened = OpenPath(AT_FDCWD, name.c_str());
    if (opened.error != 0) {
      return ErrnoStatus(opened.error, fmt::format("{}: open directory", name));
    }
    TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat,
                              StatDescriptor(opened.descriptor.get(), name));
    TIDEMARK_RETURN_IF_ERROR(CheckTrustedDirectory(stat, name, true));
    return PosixDirectory::Adopt(std::move(opened.descriptor), std::move(name));
  }

  absl::StatusOr<std::string> BootId() override {
    const OpenResult opened =
        TakeDescriptor(::open(kBootIdPath, O_RDONLY | O_CLOEXEC));
    std::array<std::byte, kBootIdSize> text;
    int error = opened.error;
    if (error == 0) {
      const TransferResult result = ReadFully(opened.descriptor.get(), 0, text);
      error = result.error;
      if (error == 0 && result.moved < text.size()) error = EIO;
    }
    if (error == 0) return std::string(AsText(text));
    return ErrnoStatus(error, fmt::format("{}: read", kBootIdPath));
  }

  bool IsInInitialPidNamespace() override {
    std::array<char, 64> target;
    const ssize_t size =
        ::readlink("/proc/self/ns/pid", target.data(), target.size());
    return size > 0 &&
           std::string_view(target.data(), static_cast<size_t>(size)) ==
               kInitialPidNamespace;
  }

  absl::Status FillRandom(std::span<std::byte> out) override {
    const TransferResult result =
        TransferAll(out.size(), [&](uint64_t done, size_t count) {
          return ::getrandom(out.data() + done, count, 0);
        });
    if (result.error == 0) return absl::OkStatus();
    return ErrnoStatus(result.error,
                       fmt::format("random: read {} bytes", out.size()));
  }
};

}  // namespace

Env& Env::Posix() {
  // Never destroyed: a static destructor of the host may still use a store.
  static PosixEnv& env = *std::make_unique<PosixEnv>().release();
  return env;
}

}  // namespace v0
}  // namespace tidemark
