#ifndef TIDEMARK_LIB_IO_SHARED_MEMORY_RULES_H_
#define TIDEMARK_LIB_IO_SHARED_MEMORY_RULES_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// The unit of sizes and positions in a SharedMemory.
inline constexpr uint64_t kSharedMemoryBlock = 4096;

// InvalidArgument unless `options` keep the rules of tidemark/env.h.
absl::Status CheckSharedMemoryOptions(const SharedMemoryOptions& options);

// InvalidArgument unless [position, position + size) is made of whole blocks,
// is not empty and ends at or below `limit`.
absl::Status CheckSharedMemoryRange(uint64_t position, uint64_t size,
                                    uint64_t limit, const std::string& path);

// As above for the range that growing from `old_size` to `new_size` adds.
absl::Status CheckSharedMemoryGrowth(uint64_t old_size, uint64_t new_size,
                                     uint64_t limit, const std::string& path);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_SHARED_MEMORY_RULES_H_
