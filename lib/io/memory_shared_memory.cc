#include "io/memory_shared_memory.h"

#include <fmt/core.h>

#include <cerrno>
#include <limits>
#include <utility>

#include "base/status_macros.h"
#include "io/errno_status.h"
#include "io/shared_memory_rules.h"

namespace tidemark {
inline namespace v0 {

absl::StatusOr<std::unique_ptr<SharedMemory>> MemorySharedMemory::Create(
    const std::shared_ptr<MemoryMachine>& machine, MemoryLife life,
    std::shared_ptr<MemoryNode> node, const SharedMemoryOptions& options,
    std::string path) {
  MutexLock lock(machine->mutex());
  node->region = MemoryRegion::Create(options.reserved_size, node->space());
  if (node->region == nullptr) {
    return ErrnoStatus(
        ENOMEM, fmt::format("{}: map {} bytes", path, options.reserved_size));
  }
  node->region_owner = life;
  const std::shared_ptr<MemoryRegion> region = node->region;
  return std::unique_ptr<SharedMemory>(
      new MemorySharedMemory(machine, std::move(life), std::move(node), region,
                             FileAccess::kReadWrite, std::move(path)));
}

absl::StatusOr<std::unique_ptr<SharedMemory>> MemorySharedMemory::Open(
    const std::shared_ptr<MemoryMachine>& machine, MemoryLife life,
    std::shared_ptr<MemoryNode> node, std::string path) {
  MutexLock lock(machine->mutex());
  SharedMemoryOptions options;
  options.reserved_size = node->Stat().size;
  TIDEMARK_RETURN_IF_ERROR(CheckSharedMemoryOptions(options));
  std::shared_ptr<MemoryRegion> region = node->region;
  if (region == nullptr) {
    region = MemoryRegion::Create(options.reserved_size,
                                  std::make_shared<MemorySpace>());
    const int error =
        region == nullptr ? ENOMEM : region->Grow(options.reserved_size);
    if (error != 0) {
      return ErrnoStatus(
          error, fmt::format("{}: map {} bytes", path, options.reserved_size));
    }
    node->content().Read(0, region->bytes());
  }
  return std::unique_ptr<SharedMemory>(new MemorySharedMemory(
      machine, std::move(life), std::move(node), std::move(region),
      FileAccess::kReadOnly, std::move(path)));
}

MemorySharedMemory::MemorySharedMemory(std::shared_ptr<MemoryMachine> machine,
                                       MemoryLife life,
                                       std::shared_ptr<MemoryNode> node,
                                       std::shared_ptr<MemoryRegion> region,
                                       FileAccess access, std::string path)
    : machine_(std::move(machine)),
      life_(std::move(life)),
      node_(std::move(node)),
      region_(std::move(region)),
      opened_size_(region_->size()),
      access_(access),
      path_(std::move(path)) {}

MemorySharedMemory::~MemorySharedMemory() {
  MutexLock lock(machine_->mutex());
  node_->Unlock(this, 0, std::numeric_limits<uint64_t>::max());
  if (access_ == FileAccess::kReadWrite && node_->region == region_) {
    node_->region_owner.reset();
  }
}

std::span<const std::byte> MemorySharedMemory::bytes() const {
  if (access_ == FileAccess::kReadWrite) return region_->bytes();
  return region_->bytes().first(opened_size_);
}

std::span<std::byte> MemorySharedMemory::mutable_bytes() {
  if (access_ == FileAccess::kReadOnly) return {};
  return region_->bytes();
}

uint64_t MemorySharedMemory::reserved_size() const {
  return access_ == FileAccess::kReadWrite ? region_->reserved_size()
                                           : opened_size_;
}

absl::Status MemorySharedMemory::Grow(uint64_t size) {
  TIDEMARK_RETURN_IF_ERROR(CheckWritable("grow"));
  if (size == region_->size()) return absl::OkStatus();
  TIDEMARK_RETURN_IF_ERROR(CheckSharedMemoryGrowth(
      region_->size(), size, region_->reserved_size(), path_));
  MutexLock lock(machine_->mutex());
  const int error = region_->Grow(size);
  if (error == 0) return absl::OkStatus();
  return ErrnoStatus(error, fmt::format("{}: grow to {}", path_, size));
}

absl::Status MemorySharedMemory::Release(uint64_t position, uint64_t size) {
  TIDEMARK_RETURN_IF_ERROR(CheckWritable("release"));
  TIDEMARK_RETURN_IF_ERROR(
      CheckSharedMemoryRange(position, size, region_->size(), path_));
  MutexLock lock(machine_->mutex());
  region_->Release(position, size);
  return absl::OkStatus();
}

absl::Status MemorySharedMemory::Reserve(uint64_t position, uint64_t size) {
  TIDEMARK_RETURN_IF_ERROR(CheckWritable("reserve"));
  TIDEMARK_RETURN_IF_ERROR(
      CheckSharedMemoryRange(position, size, region_->size(), path_));
  MutexLock lock(machine_->mutex());
  const int error = region_->Reserve(position, size);
  if (error == 0) return absl::OkStatus();
  return ErrnoStatus(
      error, fmt::format("{}: reserve {} bytes at {}", path_, size, position));
}

absl::StatusOr<size_t> MemorySharedMemory::ReadAt(
    uint64_t position, std::span<std::byte> out) const {
  TIDEMARK_RETURN_IF_ERROR(life_.CheckAlive(path_, "read"));
  MutexLock lock(machine_->mutex());
  return region_->Read(position, out);
}

absl::StatusOr<FileStat> MemorySharedMemory::Stat() const {
  TIDEMARK_RETURN_IF_ERROR(life_.CheckAlive(path_, "stat"));
  MutexLock lock(machine_->mutex());
  return node_->Stat();
}

absl::StatusOr<bool> MemorySharedMemory::TryLock() {
  TIDEMARK_RETURN_IF_ERROR(CheckWritable("lock"));
  MutexLock lock(machine_->mutex());
  return node_->TryLock({this, life_, 0, std::numeric_limits<uint64_t>::max()});
}

absl::Status MemorySharedMemory::CheckWritable(std::string_view action) const {
  if (access_ == FileAccess::kReadOnly) {
    return absl::FailedPreconditionError(
        fmt::format("{}: {}: mapped for reading", path_, action));
  }
  return life_.CheckAlive(path_, action);
}

}  // namespace v0
}  // namespace tidemark
