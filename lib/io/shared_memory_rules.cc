#include "io/shared_memory_rules.h"

#include <fmt/core.h>

namespace tidemark {
inline namespace v0 {

absl::Status CheckSharedMemoryOptions(const SharedMemoryOptions& options) {
  if (options.reserved_size != 0 &&
      options.reserved_size % kSharedMemoryBlock == 0) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("reserved_size {}: expected a multiple of {} above 0",
                  options.reserved_size, kSharedMemoryBlock));
}

absl::Status CheckSharedMemoryRange(uint64_t position, uint64_t size,
                                    uint64_t limit, const std::string& path) {
  if (size != 0 && position % kSharedMemoryBlock == 0 &&
      size % kSharedMemoryBlock == 0 && size <= limit &&
      position <= limit - size) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(fmt::format(
      "{}: range of {} bytes at {}: expected whole blocks of {} below {}", path,
      size, position, kSharedMemoryBlock, limit));
}

absl::Status CheckSharedMemoryGrowth(uint64_t old_size, uint64_t new_size,
                                     uint64_t limit, const std::string& path) {
  if (new_size >= old_size) {
    return CheckSharedMemoryRange(old_size, new_size - old_size, limit, path);
  }
  return absl::InvalidArgumentError(
      fmt::format("{}: grow from {} to {} bytes", path, old_size, new_size));
}

}  // namespace v0
}  // namespace tidemark
