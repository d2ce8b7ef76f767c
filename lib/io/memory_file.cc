#include "io/memory_file.h"

#include <fmt/core.h>

#include <cerrno>
#include <limits>
#include <utility>

#include "base/status_macros.h"
#include "io/errno_status.h"

namespace tidemark {
inline namespace v0 {
namespace {

constexpr uint64_t kLockEnd = std::numeric_limits<uint64_t>::max();
constexpr uint64_t kLockPositionMax = std::numeric_limits<int64_t>::max();

}  // namespace

MemoryFile::MemoryFile(std::shared_ptr<MemoryMachine> machine, MemoryLife life,
                       std::shared_ptr<MemoryNode> node, FileAccess access,
                       std::string path)
    : machine_(std::move(machine)),
      life_(std::move(life)),
      node_(std::move(node)),
      access_(access),
      path_(std::move(path)) {}

MemoryFile::~MemoryFile() {
  Close().IgnoreError();  // there is none
}

absl::StatusOr<size_t> MemoryFile::ReadAt(uint64_t position,
                                          std::span<std::byte> out) const {
  TIDEMARK_RETURN_IF_ERROR(CheckUsable("read"));
  MutexLock lock(machine_->mutex());
  return node_->region != nullptr ? node_->region->Read(position, out)
                                  : node_->content().Read(position, out);
}

absl::Status MemoryFile::WriteAt(uint64_t position,
                                 std::span<const std::byte> bytes) {
  const std::span<const std::byte> parts[] = {bytes};
  return WriteAtV(position, parts);
}

absl::Status MemoryFile::WriteAtV(
    uint64_t position, std::span<const std::span<const std::byte>> parts) {
  TIDEMARK_RETURN_IF_ERROR(CheckWritable("write"));
  MutexLock lock(machine_->mutex());
  uint64_t end = position;
  for (const std::span<const std::byte> part : parts) {
    const int error = node_->region != nullptr
                          ? node_->region->Write(end, part)
                          : node_->content().Write(end, part);
    if (error != 0) {
      return ErrnoStatus(error, fmt::format("{}: write {} bytes at {}", path_,
                                            part.size(), end));
    }
    end += part.size();
  }
  return absl::OkStatus();
}

absl::Status MemoryFile::Sync() {
  TIDEMARK_RETURN_IF_ERROR(CheckUsable("sync"));
  MutexLock lock(machine_->mutex());
  node_->content().Sync();
  return absl::OkStatus();
}

absl::Status MemoryFile::SyncAll() { return Sync(); }

absl::Status MemoryFile::Truncate(uint64_t size) {
  TIDEMARK_RETURN_IF_ERROR(CheckWritable("truncate"));
  MutexLock lock(machine_->mutex());
  const int error =
      node_->region != nullptr ? EOPNOTSUPP : node_->content().Truncate(size);
  if (error == 0) return absl::OkStatus();
  return ErrnoStatus(error, fmt::format("{}: truncate to {}", path_, size));
}

absl::Status MemoryFile::Allocate(uint64_t position, uint64_t size) {
  TIDEMARK_RETURN_IF_ERROR(CheckWritable("allocate"));
  if (size == 0) {
    return absl::InvalidArgumentError(
        fmt::format("{}: allocate 0 bytes at {}", path_, position));
  }
  MutexLock lock(machine_->mutex());
  const int error = node_->region != nullptr
                        ? EOPNOTSUPP
                        : node_->content().Allocate(position, size);
  if (error == 0) return absl::OkStatus();
  return ErrnoStatus(
      error, fmt::format("{}: allocate {} bytes at {}", path_, size, position));
}

absl::StatusOr<uint64_t> MemoryFile::NextData(uint64_t position) const {
  TIDEMARK_RETURN_IF_ERROR(CheckUsable("seek data"));
  MutexLock lock(machine_->mutex());
  if (node_->region == nullptr) return node_->content().NextData(position);
  return std::min(position, node_->region->size());
}

absl::StatusOr<FileStat> MemoryFile::Stat() const {
  TIDEMARK_RETURN_IF_ERROR(CheckUsable("stat"));
  MutexLock lock(machine_->mutex());
  return node_->Stat();
}

absl::StatusOr<bool> MemoryFile::TryLock(uint64_t start, uint64_t length) {
  TIDEMARK_RETURN_IF_ERROR(CheckWritable("lock"));
  if (start > kLockPositionMax || length > kLockPositionMax - start) {
    return ErrnoStatus(EOVERFLOW, fmt::format("{}: lock {} bytes at {}", path_,
                                              length, start));
  }
  MutexLock lock(machine_->mutex());
  return node_->TryLock(
      {this, life_, start, length == 0 ? kLockEnd : start + length});
}

absl::Status MemoryFile::Unlock(uint64_t start, uint64_t length) {
  TIDEMARK_RETURN_IF_ERROR(CheckUsable("unlock"));
  if (start > kLockPositionMax || length > kLockPositionMax - start) {
    return ErrnoStatus(EOVERFLOW, fmt::format("{}: unlock {} bytes at {}",
                                              path_, length, start));
  }
  MutexLock lock(machine_->mutex());
  node_->Unlock(this, start, length == 0 ? kLockEnd : start + length);
  return absl::OkStatus();
}

absl::Status MemoryFile::Close() {
  if (!std::exchange(is_open_, false)) return absl::OkStatus();
  MutexLock lock(machine_->mutex());
  node_->Unlock(this, 0, kLockEnd);
  return absl::OkStatus();
}

absl::Status MemoryFile::CheckUsable(std::string_view action) const {
  if (!is_open_) {
    return absl::FailedPreconditionError(
        fmt::format("{}: {}: the file is closed", path_, action));
  }
  return life_.CheckAlive(path_, action);
}

absl::Status MemoryFile::CheckWritable(std::string_view action) const {
  TIDEMARK_RETURN_IF_ERROR(CheckUsable(action));
  if (access_ == FileAccess::kReadWrite) return absl::OkStatus();
  return ErrnoStatus(EBADF, fmt::format("{}: {}", path_, action));
}

}  // namespace v0
}  // namespace tidemark
