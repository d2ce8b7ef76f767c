#ifndef TIDEMARK_LIB_IO_TRANSFER_H_
#define TIDEMARK_LIB_IO_TRANSFER_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/functional/function_ref.h"

namespace tidemark {
inline namespace v0 {

// What one system call moves at most on Linux.
inline constexpr size_t kMaxTransferBytes = 0x7ffff000;

// How far a transfer came.
struct TransferResult {
  uint64_t moved = 0;
  int error = 0;  // the error number that ended it, 0 for none
};

// Calls `step(done, count)`, which moves up to `count` bytes behind the first
// `done` and returns what pread and pwrite return, until `size` bytes are
// moved, a step moves nothing, or one fails. A step that EINTR stopped runs
// again.
TransferResult TransferAll(
    uint64_t size,
    absl::FunctionRef<ssize_t(uint64_t done, size_t count)> step);

// pread until `out` is full or the file ends; above the largest position of the
// system there is nothing to read.
TransferResult ReadFully(int fd, uint64_t position, std::span<std::byte> out);

// pwrite until all is written; a write of nothing counts as EIO, a write above
// the largest position as EFBIG.
TransferResult WriteFully(int fd, uint64_t position,
                          std::span<const std::byte> bytes);

// pwritev, likewise.
TransferResult WriteFullyV(int fd, uint64_t position,
                           std::span<const std::span<const std::byte>> parts);

// The bytes of all parts.
uint64_t TotalSize(std::span<const std::span<const std::byte>> parts);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_TRANSFER_H_
