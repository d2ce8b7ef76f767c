#include "io/posix_stat.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>

#include "base/status_macros.h"
#include "io/errno_status.h"

namespace tidemark {
inline namespace v0 {

FileStat FileStatOf(const struct stat& stat) {
  FileStat result;
  result.size = static_cast<uint64_t>(stat.st_size);
  result.allocated_size = static_cast<uint64_t>(stat.st_blocks) * 512;
  if (S_ISREG(stat.st_mode)) result.type = FileType::kRegular;
  if (S_ISDIR(stat.st_mode)) result.type = FileType::kDirectory;
  result.device = stat.st_dev;
  result.inode = stat.st_ino;
  result.link_count = stat.st_nlink;
  result.mode = stat.st_mode & 07777;
  result.uid = stat.st_uid;
  return result;
}

absl::StatusOr<FileStat> StatDescriptor(int fd, const std::string& path) {
  struct stat stat;
  if (::fstat(fd, &stat) == 0) return FileStatOf(stat);
  return ErrnoStatus(errno, fmt::format("{}: stat", path));
}

absl::Status CheckTrustedFile(const FileStat& stat, const std::string& path) {
  if (stat.type != FileType::kRegular) {
    return absl::FailedPreconditionError(
        fmt::format("{}: open: not a regular file", path));
  }
  if (stat.link_count == 0) {
    // Its name went while it was being opened.
    return ErrnoStatus(ENOENT, fmt::format("{}: open", path));
  }
  if (stat.link_count != 1) {
    return absl::FailedPreconditionError(
        fmt::format("{}: open: {} links, expected 1", path, stat.link_count));
  }
  TIDEMARK_RETURN_IF_ERROR(CheckTrustedOwner(stat, path));
  if ((stat.mode & 022) != 0) {
    return absl::FailedPreconditionError(
        fmt::format("{}: open: mode {:04o} lets others write, expected 0600",
                    path, stat.mode));
  }
  return absl::OkStatus();
}

absl::Status CheckTrustedOwner(const FileStat& stat, const std::string& path) {
  if (stat.uid == 0 || stat.uid == ::geteuid()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("{}: open: belongs to user {}, expected {} or root", path,
                  stat.uid, ::geteuid()));
}

}  // namespace v0
}  // namespace tidemark
