#include "io/posix_file.h"

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "base/status_macros.h"
#include "io/errno_status.h"
#include "io/file_space.h"
#include "io/posix_stat.h"
#include "io/transfer.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

// ErrnoStatus, which for a file that would be too large names the limit.
absl::Status SizeStatus(int error, std::string_view subject_and_action) {
  absl::Status status = ErrnoStatus(error, subject_and_action);
  struct rlimit limit;
  if (error != EFBIG || ::getrlimit(RLIMIT_FSIZE, &limit) != 0 ||
      limit.rlim_cur == RLIM_INFINITY) {
    return status;
  }
  return WithReason(
      absl::Status(status.code(),
                   fmt::format("{}: RLIMIT_FSIZE is {}",
                               std::string(status.message()), limit.rlim_cur)),
      ReasonOf(status));
}

absl::Status WriteStatus(const TransferResult& result, uint64_t position,
                         uint64_t size, const std::string& path) {
  if (result.error == 0) return absl::OkStatus();
  return SizeStatus(result.error,
                    fmt::format("{}: write {} bytes at {}, {} written", path,
                                size, position, result.moved));
}

}  // namespace

PosixFile::PosixFile(Descriptor descriptor, std::string path)
    : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

PosixFile::~PosixFile() {
  // A caller that wants to know calls Close.
  Close().IgnoreError();
}

absl::StatusOr<size_t> PosixFile::ReadAt(uint64_t position,
                                         std::span<std::byte> out) const {
  TIDEMARK_RETURN_IF_ERROR(CheckOpen("read"));
  const TransferResult result = ReadFully(descriptor_.get(), position, out);
  if (result.error == 0) return static_cast<size_t>(result.moved);
  return ErrnoStatus(result.error, fmt::format("{}: read {} bytes at {}", path_,
                                               out.size(), position));
}

absl::Status PosixFile::WriteAt(uint64_t position,
                                std::span<const std::byte> bytes) {
  TIDEMARK_RETURN_IF_ERROR(CheckOpen("write"));
  TransferResult result;
  result.error = CheckWriteLimit(position + bytes.size());
  if (result.error == 0) {
    result = WriteFully(descriptor_.get(), position, bytes);
  }
  return WriteStatus(result, position, bytes.size(), path_);
}

absl::Status PosixFile::WriteAtV(
    uint64_t position, std::span<const std::span<const std::byte>> parts) {
  TIDEMARK_RETURN_IF_ERROR(CheckOpen("write"));
  const uint64_t size = TotalSize(parts);
  TransferResult result;
  result.error = CheckWriteLimit(position + size);
  if (result.error == 0) {
    result = WriteFullyV(descriptor_.get(), position, parts);
  }
  return WriteStatus(result, position, size, path_);
}

absl::Status PosixFile::Sync() {
  TIDEMARK_RETURN_IF_ERROR(CheckOpen("sync"));
  // Not even EINTR is tried again: no manual page says that the pages which an
  // interrupted call found are still there to be written by the next one.
  if (::fdatasync(descriptor_.get()) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, fmt::format("{}: sync", path_));
}

absl::Status PosixFile::SyncAll() {
  TIDEMARK_RETURN_IF_ERROR(CheckOpen("sync"));
  if (::fsync(descriptor_.get()) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, fmt::format("{}: sync with metadata", path_));
}

absl::Status PosixFile::Truncate(uint64_t size) {
  TIDEMARK_RETURN_IF_ERROR(CheckOpen("truncate"));
  const int error = TruncateFile(descriptor_.get(), size);
  if (error == 0) return absl::OkStatus();
  return SizeStatus(error, fmt::format("{}: truncate to {}", path_, size));
}

absl::Status PosixFile::Allocate(uint64_t position, uint64_t size) {
  TIDEMARK_RETURN_IF_ERROR(CheckOpen("allocate"));
  if (size == 0) {
    return absl::InvalidArgumentError(
        fmt::format("{}: allocate 0 bytes at {}", path_, position));
  }
  const int error = AllocateSpace(descriptor_.get(), position, size);
  if (error == 0) return absl::OkStatus();
  return SizeStatus(
      error, fmt::format("{}: allocate {} bytes at {}", path_, size, position));
}

absl::StatusOr<uint64_t> PosixFile::NextData(uint64_t position) const {
  TIDEMARK_RETURN_IF_ERROR(CheckOpen("seek data"));
  TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat, Stat());
  if (position >= stat.size) return stat.size;
  const off_t data =
      ::lseek(descriptor_.get(), static_cast<off_t>(position), SEEK_DATA);
  if (data >= 0) return static_cast<uint64_t>(data);
  if (errno == ENXIO) return stat.size;
  // A file system that knows no holes: all may be data.
  if (errno == EINVAL || errno == EOPNOTSUPP) return position;
  return ErrnoStatus(errno,
                     fmt::format("{}: seek data at {}", path_, position));
}

absl::StatusOr<FileStat> PosixFile::Stat() const {
  TIDEMARK_RETURN_IF_ERROR(CheckOpen("stat"));
  return StatDescriptor(descriptor_.get(), path_);
}

absl::StatusOr<bool> PosixFile::TryLock(uint64_t start, uint64_t length) {
  TIDEMARK_RETURN_IF_ERROR(CheckOpen("lock"));
  return lock_.TryLock(descriptor_.get(), start, length, path_);
}

absl::Status PosixFile::Unlock(uint64_t start, uint64_t length) {
  TIDEMARK_RETURN_IF_ERROR(CheckOpen("unlock"));
  return lock_.Unlock(descriptor_.get(), start, length, path_);
}

absl::Status PosixFile::Close() {
  if (!descriptor_.is_open()) return absl::OkStatus();
  if (!lock_.ReleaseAll(descriptor_.get())) {
    descriptor_.Release();
    return absl::OkStatus();
  }
  const int error = descriptor_.Close();
  if (error == 0) return absl::OkStatus();
  return ErrnoStatus(error, fmt::format("{}: close", path_));
}

absl::Status PosixFile::CheckOpen(const char* action) const {
  if (descriptor_.is_open()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("{}: {}: the file is closed", path_, action));
}

}  // namespace v0
}  // namespace tidemark
