#include "io/posix_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/guard.h"
#include "base/status_macros.h"
#include "io/errno_status.h"
#include "io/open_beneath.h"
#include "io/posix_file.h"
#include "io/posix_shared_memory.h"
#include "io/posix_stat.h"
#include "io/relative_name.h"
#include "io/shared_memory_rules.h"

namespace tidemark {
inline namespace v0 {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kPermissionBits = 0777;

FileType TypeOfEntry(int directory, const struct dirent& entry) {
  switch (entry.d_type) {
    case DT_REG:
      return FileType::kRegular;
    case DT_DIR:
      return FileType::kDirectory;
    case DT_UNKNOWN: {
      struct stat stat;
      if (::fstatat(directory, entry.d_name, &stat, AT_SYMLINK_NOFOLLOW) != 0) {
        return FileType::kOther;
      }
      return FileStatOf(stat).type;
    }
    default:
      return FileType::kOther;
  }
}

// Reads all entries but "." and ".."; returns 0 or the error number.
int ReadEntries(DIR* stream, std::vector<DirectoryEntry>& entries) {
  for (;;) {
    errno = 0;
    const struct dirent* entry = ::readdir(stream);
    if (entry == nullptr) return errno;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    entries.push_back(
        {std::string(name), TypeOfEntry(::dirfd(stream), *entry)});
  }
}

// What the system says about opening something that is no regular file.
bool IsWrongType(int error) {
  return error == ENXIO || error == ENODEV || error == EISDIR || error == ELOOP;
}

int RenameEntryAt(int from_parent, const char* from, int to_parent,
                  const char* to, bool is_replacing) {
  if (!is_replacing) {
    if (::renameat2(from_parent, from, to_parent, to, RENAME_NOREPLACE) == 0) {
      return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) return errno;
    // The file system or a filter does not know it. Only this process writes to
    // the tree, so that nothing takes the name between these two calls.
    struct stat stat;
    if (::fstatat(to_parent, to, &stat, AT_SYMLINK_NOFOLLOW) == 0) {
      return EEXIST;
    }
    if (errno != ENOENT) return errno;
  }
  return ::renameat(from_parent, from, to_parent, to) == 0 ? 0 : errno;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PosixDirectory>> PosixDirectory::Adopt(
    Descriptor descriptor, std::string path) {
  struct statfs stat;
  if (::fstatfs(descriptor.get(), &stat) != 0) {
    return ErrnoStatus(errno, fmt::format("{}: stat file system", path));
  }
  // The type of f_type is signed and of another width on other machines.
  const FileSystemKind kind =
      FileSystemKindOf(static_cast<uint32_t>(stat.f_type));
  return std::unique_ptr<PosixDirectory>(
      new PosixDirectory(std::move(descriptor), std::move(path), kind));
}

PosixDirectory::PosixDirectory(Descriptor descriptor, std::string path,
                               FileSystemKind kind)
    : descriptor_(std::move(descriptor)), path_(std::move(path)), kind_(kind) {}

absl::StatusOr<std::unique_ptr<File>> PosixDirectory::OpenFile(
    std::string_view name, FileAccess access) {
  TIDEMARK_ASSIGN_OR_RETURN(Descriptor descriptor, OpenTrusted(name, access));
  return std::make_unique<PosixFile>(std::move(descriptor), PathOf(name));
}

absl::StatusOr<std::unique_ptr<File>> PosixDirectory::CreateFile(
    std::string_view name) {
  TIDEMARK_ASSIGN_OR_RETURN(Descriptor descriptor, CreateExclusive(name));
  auto file = Guarded([&]() -> absl::StatusOr<std::unique_ptr<File>> {
    return std::make_unique<PosixFile>(std::move(descriptor), PathOf(name));
  });
  // Without memory for it there is no file.
  if (!file.ok()) RemoveFile(name).IgnoreError();
  return file;
}

absl::StatusOr<std::unique_ptr<SharedMemory>>
PosixDirectory::CreateSharedMemory(std::string_view name,
                                   const SharedMemoryOptions& options) {
  TIDEMARK_RETURN_IF_ERROR(CheckSharedMemoryOptions(options));
  if (!kind_.is_rewriting_in_place) {
    return absl::UnimplementedError(fmt::format(
        "{}: map: file system {} may need space for a store into a mapping",
        PathOf(name), kind_.name));
  }
  TIDEMARK_ASSIGN_OR_RETURN(Descriptor descriptor, CreateExclusive(name));
  absl::StatusOr<std::unique_ptr<SharedMemory>> memory =
      PosixSharedMemory::Create(std::move(descriptor), PathOf(name), options);
  if (!memory.ok()) {
    // An empty file without an owner; the error that matters is the first.
    RemoveFile(name).IgnoreError();
  }
  return memory;
}

absl::StatusOr<std::unique_ptr<SharedMemory>> PosixDirectory::OpenSharedMemory(
    std::string_view name) {
  TIDEMARK_ASSIGN_OR_RETURN(Descriptor descriptor,
                            OpenTrusted(name, FileAccess::kReadOnly));
  return PosixSharedMemory::Open(std::move(descriptor), PathOf(name));
}

absl::Status PosixDirectory::CreateDirectory(std::string_view name) {
  TIDEMARK_RETURN_IF_ERROR(CheckRelativeName(name));
  TIDEMARK_ASSIGN_OR_RETURN(const Parent parent,
                            OpenParent(name, "create directory"));
  const char* leaf = parent.leaf.c_str();
  if (::mkdirat(parent.descriptor, leaf, kDirectoryMode) != 0) {
    return ErrnoStatus(errno,
                       fmt::format("{}: create directory", PathOf(name)));
  }
  struct stat stat;
  if (::fstatat(parent.descriptor, leaf, &stat, AT_SYMLINK_NOFOLLOW) == 0 &&
      ((stat.st_mode & kPermissionBits) == kDirectoryMode ||
       ::fchmodat(parent.descriptor, leaf, kDirectoryMode,
                  AT_SYMLINK_NOFOLLOW) == 0)) {
    return absl::OkStatus();
  }
  const int error = errno;
  ::unlinkat(parent.descriptor, leaf, AT_REMOVEDIR);
  return ErrnoStatus(
      error, fmt::format("{}: set mode {:04o}", PathOf(name), kDirectoryMode));
}

absl::StatusOr<std::vector<DirectoryEntry>> PosixDirectory::List(
    std::string_view name) {
  TIDEMARK_ASSIGN_OR_RETURN(Descriptor directory, OpenDirectory(name, "list"));
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(directory.get()),
                                                   &::closedir);
  if (stream == nullptr) {
    return ErrnoStatus(errno, fmt::format("{}: list", PathOf(name)));
  }
  directory.Release();  // the stream owns it
  std::vector<DirectoryEntry> entries;
  if (const int error = ReadEntries(stream.get(), entries)) {
    return ErrnoStatus(error, fmt::format("{}: list", PathOf(name)));
  }
  std::sort(entries.begin(), entries.end(),
            [](const DirectoryEntry& a, const DirectoryEntry& b) {
              return a.name < b.name;
            });
  return entries;
}

absl::StatusOr<FileStat> PosixDirectory::Stat(std::string_view name) const {
  TIDEMARK_RETURN_IF_ERROR(CheckDirectoryName(name));
  if (name.empty()) return StatDescriptor(descriptor_.get(), path_);
  TIDEMARK_ASSIGN_OR_RETURN(const Parent parent, OpenParent(name, "stat"));
  struct stat stat;
  if (::fstatat(parent.descriptor, parent.leaf.c_str(), &stat,
                AT_SYMLINK_NOFOLLOW) == 0) {
    return FileStatOf(stat);
  }
  return ErrnoStatus(errno, fmt::format("{}: stat", PathOf(name)));
}

absl::Status PosixDirectory::Rename(std::string_view from, std::string_view to,
                                    bool is_replacing) {
  TIDEMARK_RETURN_IF_ERROR(CheckRelativeName(from));
  TIDEMARK_RETURN_IF_ERROR(CheckRelativeName(to));
  TIDEMARK_ASSIGN_OR_RETURN(const Parent from_parent,
                            OpenParent(from, "rename"));
  TIDEMARK_ASSIGN_OR_RETURN(const Parent to_parent, OpenParent(to, "rename"));
  const int error =
      RenameEntryAt(from_parent.descriptor, from_parent.leaf.c_str(),
                    to_parent.descriptor, to_parent.leaf.c_str(), is_replacing);
  if (error == 0) return absl::OkStatus();
  return ErrnoStatus(error,
                     fmt::format("{}: rename to {}", PathOf(from), PathOf(to)));
}

absl::Status PosixDirectory::RemoveFile(std::string_view name) {
  return Remove(name, 0);
}

absl::Status PosixDirectory::RemoveDirectory(std::string_view name) {
  return Remove(name, AT_REMOVEDIR);
}

absl::Status PosixDirectory::Sync(std::string_view name) {
  TIDEMARK_RETURN_IF_ERROR(CheckDirectoryName(name));
  Descriptor opened;
  int descriptor = descriptor_.get();
  if (!name.empty()) {
    TIDEMARK_ASSIGN_OR_RETURN(opened, OpenDirectory(name, "sync"));
    descriptor = opened.get();
  }
  if (::fsync(descriptor) == 0) return absl::OkStatus();
  absl::Status status =
      ErrnoStatus(errno, fmt::format("{}: sync directory", PathOf(name)));
  // The reasons of a sync that never began are for those.
  return IsSyncNotBegun(status)
             ? WithReason(std::move(status), ErrorReason::kIoError)
             : status;
}

absl::Status PosixDirectory::SyncFileSystem() {
  if (::syncfs(descriptor_.get()) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, fmt::format("{}: sync file system", path_));
}

absl::StatusOr<uint64_t> PosixDirectory::FreeBytes() const {
  struct statvfs stat;
  if (::fstatvfs(descriptor_.get(), &stat) == 0) {
    return uint64_t{stat.f_bavail} * stat.f_frsize;
  }
  return ErrnoStatus(errno, fmt::format("{}: stat file system", path_));
}

std::vector<std::string> PosixDirectory::Warnings() const {
  if (kind_.warning.empty()) return {};
  return {fmt::format("{}: {}: {}", path_, kind_.name, kind_.warning)};
}

std::string PosixDirectory::PathOf(std::string_view name) const {
  if (name.empty()) return path_;
  return fmt::format("{}/{}", path_, name);
}

absl::StatusOr<PosixDirectory::Parent> PosixDirectory::OpenParent(
    std::string_view name, std::string_view action) const {
  TIDEMARK_RETURN_IF_ERROR(CheckRelativeName(name));
  const SplitName split = SplitRelativeName(name);
  Parent parent;
  parent.leaf = split.leaf;
  parent.descriptor = descriptor_.get();
  if (split.parent.empty()) return parent;
  OpenResult opened = OpenBeneath(parent.descriptor, std::string(split.parent),
                                  O_PATH | O_DIRECTORY, 0);
  if (opened.error != 0) {
    return ErrnoStatus(opened.error,
                       fmt::format("{}: {}", PathOf(name), action));
  }
  parent.owned = std::move(opened.descriptor);
  parent.descriptor = parent.owned.get();
  return parent;
}

absl::StatusOr<Descriptor> PosixDirectory::OpenDirectory(
    std::string_view name, std::string_view action) const {
  TIDEMARK_RETURN_IF_ERROR(CheckDirectoryName(name));
  OpenResult opened =
      OpenBeneath(descriptor_.get(), name.empty() ? "." : std::string(name),
                  O_RDONLY | O_DIRECTORY, 0);
  if (opened.error == 0) return std::move(opened.descriptor);
  return ErrnoStatus(opened.error, fmt::format("{}: {}", PathOf(name), action));
}

absl::StatusOr<Descriptor> PosixDirectory::OpenTrusted(
    std::string_view name, FileAccess access) const {
  TIDEMARK_RETURN_IF_ERROR(CheckRelativeName(name));
  const int flags = access == FileAccess::kReadOnly ? O_RDONLY : O_RDWR;
  // Without waiting: the other end of a FIFO may never come.
  OpenResult opened = OpenBeneath(descriptor_.get(), std::string(name),
                                  flags | O_NONBLOCK | O_NOCTTY, 0);
  const std::string path = PathOf(name);
  if (IsWrongType(opened.error)) {
    return absl::FailedPreconditionError(
        fmt::format("{}: open: not a regular file", path));
  }
  if (opened.error != 0) {
    return ErrnoStatus(opened.error, fmt::format("{}: open", path));
  }
  TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat,
                            StatDescriptor(opened.descriptor.get(), path));
  TIDEMARK_RETURN_IF_ERROR(CheckTrustedFile(stat, path));
  return std::move(opened.descriptor);
}

absl::StatusOr<Descriptor> PosixDirectory::CreateExclusive(
    std::string_view name) {
  TIDEMARK_RETURN_IF_ERROR(CheckRelativeName(name));
  OpenResult opened = OpenBeneath(descriptor_.get(), std::string(name),
                                  O_RDWR | O_CREAT | O_EXCL, kFileMode);
  if (opened.error != 0) {
    return ErrnoStatus(opened.error, fmt::format("{}: create", PathOf(name)));
  }
  const int fd = opened.descriptor.get();
  struct stat stat;
  if (::fstat(fd, &stat) == 0 &&
      ((stat.st_mode & kPermissionBits) == kFileMode ||
       ::fchmod(fd, kFileMode) == 0)) {
    return std::move(opened.descriptor);
  }
  const int error = errno;
  RemoveFile(name).IgnoreError();  // the error that matters is the first
  return ErrnoStatus(
      error, fmt::format("{}: set mode {:04o}", PathOf(name), kFileMode));
}

absl::Status PosixDirectory::Remove(std::string_view name, int flags) {
  TIDEMARK_RETURN_IF_ERROR(CheckRelativeName(name));
  TIDEMARK_ASSIGN_OR_RETURN(const Parent parent, OpenParent(name, "remove"));
  if (::unlinkat(parent.descriptor, parent.leaf.c_str(), flags) == 0) {
    return absl::OkStatus();
  }
  return ErrnoStatus(errno, fmt::format("{}: remove", PathOf(name)));
}

}  // namespace v0
}  // namespace tidemark
