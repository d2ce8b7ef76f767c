#include "io/posix_shared_memory.h"

#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/status_macros.h"
#include "io/errno_status.h"
#include "io/file_space.h"
#include "io/posix_stat.h"
#include "io/shared_memory_rules.h"
#include "io/transfer.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace tidemark {
inline namespace v0 {
namespace {

constexpr size_t kZerosSize = 64 * 1024;
constexpr std::array<std::byte, kZerosSize> kZeros = {};

}  // namespace

absl::StatusOr<std::unique_ptr<SharedMemory>> PosixSharedMemory::Create(
    Descriptor descriptor, std::string path,
    const SharedMemoryOptions& options) {
  std::unique_ptr<PosixSharedMemory> memory(new PosixSharedMemory(
      std::move(descriptor), std::move(path), options, FileAccess::kReadWrite));
  TIDEMARK_RETURN_IF_ERROR(memory->Map(0));
  return memory;
}

absl::StatusOr<std::unique_ptr<SharedMemory>> PosixSharedMemory::Open(
    Descriptor descriptor, std::string path) {
  TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat,
                            StatDescriptor(descriptor.get(), path));
  SharedMemoryOptions options;
  options.reserved_size = stat.size;
  TIDEMARK_RETURN_IF_ERROR(CheckSharedMemoryOptions(options));
  std::unique_ptr<PosixSharedMemory> memory(new PosixSharedMemory(
      std::move(descriptor), std::move(path), options, FileAccess::kReadOnly));
  TIDEMARK_RETURN_IF_ERROR(memory->Map(stat.size));
  return memory;
}

PosixSharedMemory::PosixSharedMemory(Descriptor descriptor, std::string path,
                                     const SharedMemoryOptions& options,
                                     FileAccess access)
    : path_(std::move(path)),
      options_(options),
      access_(access),
      descriptor_(std::move(descriptor)) {}

PosixSharedMemory::~PosixSharedMemory() {
  if (!lock_.ReleaseAll(descriptor_.get())) descriptor_.Release();
  // A forked child did not get the mapping, and its addresses may hold
  // something else by now.
  if (base_ != nullptr && !mark_.IsInForkedChild()) {
    ::munmap(base_, options_.reserved_size);
  }
}

std::span<const std::byte> PosixSharedMemory::bytes() const {
  return {base_, static_cast<size_t>(size_.load(std::memory_order_acquire))};
}

std::span<std::byte> PosixSharedMemory::mutable_bytes() {
  if (access_ == FileAccess::kReadOnly) return {};
  return {base_, static_cast<size_t>(size_.load(std::memory_order_acquire))};
}

absl::Status PosixSharedMemory::Grow(uint64_t size) {
  TIDEMARK_RETURN_IF_ERROR(CheckWritable("grow"));
  const uint64_t old_size = size_.load(std::memory_order_relaxed);
  if (size == old_size) return absl::OkStatus();
  TIDEMARK_RETURN_IF_ERROR(
      CheckSharedMemoryGrowth(old_size, size, options_.reserved_size, path_));
  absl::Status status = Back(old_size, size - old_size);
  if (!status.ok()) {
    // The pages behind the end of a file are gone with its size, from the
    // mapping too. Should the cut fail, the file keeps bytes that nobody uses.
    static_cast<void>(TruncateFile(descriptor_.get(), old_size));
    return status;
  }
  size_.store(size, std::memory_order_release);
  return absl::OkStatus();
}

absl::Status PosixSharedMemory::Release(uint64_t position, uint64_t size) {
  TIDEMARK_RETURN_IF_ERROR(CheckWritable("release"));
  TIDEMARK_RETURN_IF_ERROR(CheckSharedMemoryRange(
      position, size, size_.load(std::memory_order_relaxed), path_));
  const int error = ReleaseSpace(descriptor_.get(), position, size);
  if (error == 0) return absl::OkStatus();
  return ErrnoStatus(
      error, fmt::format("{}: release {} bytes at {}", path_, size, position));
}

absl::Status PosixSharedMemory::Reserve(uint64_t position, uint64_t size) {
  TIDEMARK_RETURN_IF_ERROR(CheckWritable("reserve"));
  TIDEMARK_RETURN_IF_ERROR(CheckSharedMemoryRange(
      position, size, size_.load(std::memory_order_relaxed), path_));
  absl::Status status = Back(position, size);
  if (!status.ok()) {
    // It may have been backed in part, which the caller cannot use. What is
    // left of it is given back with the file at the latest.
    static_cast<void>(ReleaseSpace(descriptor_.get(), position, size));
  }
  return status;
}

absl::StatusOr<size_t> PosixSharedMemory::ReadAt(
    uint64_t position, std::span<std::byte> out) const {
  const TransferResult result = ReadFully(descriptor_.get(), position, out);
  if (result.error == 0) return static_cast<size_t>(result.moved);
  return ErrnoStatus(result.error, fmt::format("{}: read {} bytes at {}", path_,
                                               out.size(), position));
}

absl::StatusOr<FileStat> PosixSharedMemory::Stat() const {
  return StatDescriptor(descriptor_.get(), path_);
}

absl::StatusOr<bool> PosixSharedMemory::TryLock() {
  TIDEMARK_RETURN_IF_ERROR(CheckWritable("lock"));
  return lock_.TryLock(descriptor_.get(), 0, 0, path_);
}

absl::Status PosixSharedMemory::Map(uint64_t size) {
  // A file may be larger than an address space of 32 bits.
  if (!std::in_range<size_t>(options_.reserved_size)) {
    return ErrnoStatus(
        ENOMEM, fmt::format("{}: map {} bytes", path_, options_.reserved_size));
  }
  void* base = ::mmap(nullptr, options_.reserved_size, PROT_NONE, MAP_SHARED,
                      descriptor_.get(), 0);
  if (base == MAP_FAILED) {
    return ErrnoStatus(
        errno, fmt::format("{}: map {} bytes", path_, options_.reserved_size));
  }
  base_ = static_cast<std::byte*>(base);
  // A mapping keeps the description open and with it the locks, so a child must
  // not inherit it.
  if (::madvise(base_, options_.reserved_size, MADV_DONTFORK) != 0) {
    return ErrnoStatus(errno, fmt::format("{}: keep from children", path_));
  }
  if (size > 0 && ::mprotect(base_, size, PROT_READ) != 0) {
    return ErrnoStatus(errno, fmt::format("{}: map {} bytes", path_, size));
  }
  size_.store(size, std::memory_order_release);
  return absl::OkStatus();
}

absl::Status PosixSharedMemory::Back(uint64_t position, uint64_t size) {
  const int error = AllocateSpace(descriptor_.get(), position, size);
  if (error != 0) {
    return ErrnoStatus(error, fmt::format("{}: allocate {} bytes at {}", path_,
                                          size, position));
  }
  if (options_.is_zero_written) {
    TIDEMARK_RETURN_IF_ERROR(WriteZeros(position, size));
  }
  if (::mprotect(base_, position + size, PROT_READ | PROT_WRITE) != 0) {
    return ErrnoStatus(errno,
                       fmt::format("{}: map {} bytes", path_, position + size));
  }
  return FaultIn(position, size);
}

absl::Status PosixSharedMemory::WriteZeros(uint64_t position, uint64_t size) {
  for (uint64_t done = 0; done < size; done += kZerosSize) {
    const std::span<const std::byte> zeros(
        kZeros.data(), std::min<uint64_t>(kZerosSize, size - done));
    const TransferResult result =
        WriteFully(descriptor_.get(), position + done, zeros);
    if (result.error != 0) {
      return ErrnoStatus(result.error,
                         fmt::format("{}: write {} zeros at {}", path_,
                                     zeros.size(), position + done));
    }
  }
  if (::fdatasync(descriptor_.get()) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, fmt::format("{}: sync zeros", path_));
}

absl::Status PosixSharedMemory::FaultIn(uint64_t position, uint64_t size) {
  // Appends pay no page fault later, and what would be SIGBUS then is an error
  // number now. Linux before 5.14 does not know the advice; there the storage
  // reserved above has to do.
  std::byte* const begin = base_ + position;
  int result;
  do {
    result = ::madvise(begin, size, MADV_POPULATE_WRITE);
  } while (result != 0 && (errno == EINTR || errno == EAGAIN));
  if (result != 0 && errno == EFAULT) errno = ENOMEM;
  if (result != 0 && errno != EINVAL && errno != ENOSYS) {
    return ErrnoStatus(errno, fmt::format("{}: populate {} bytes at {}", path_,
                                          size, position));
  }
  if (options_.is_locked_in_memory && ::mlock(begin, size) != 0) {
    return ErrnoStatus(errno, fmt::format("{}: lock {} bytes at {} in memory",
                                          path_, size, position));
  }
  return absl::OkStatus();
}

absl::Status PosixSharedMemory::CheckWritable(const char* action) const {
  if (access_ == FileAccess::kReadWrite) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("{}: {}: mapped for reading", path_, action));
}

}  // namespace v0
}  // namespace tidemark
