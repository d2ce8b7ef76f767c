#ifndef TIDEMARK_HEALTH_H_
#define TIDEMARK_HEALTH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tidemark/export.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// What an acknowledgement at Ack::kProcess rests on.
enum class ProcessDurability : uint8_t {
  kNone = 0,          // nothing: the environment is gone with the process
  kSharedMemory = 1,  // an arena in memory that outlives the process
  kStoreFile = 2,     // an arena file in the store's directory
  kWriteThrough = 3,  // each append is written before it is acknowledged
};
TIDEMARK_EXPORT const char* ProcessDurabilityName(ProcessDurability durability);

// A partition that refuses appends.
struct PartitionFailure {
  TopicPartition partition;
  absl::Status cause;
};

// How a store is.
struct StoreHealth {
  // OK when nothing below asks for a person.
  absl::Status status;
  std::vector<PartitionFailure> failures;
  // The latest error of the background, OK when there was none.
  absl::Status background_error;
  uint64_t background_error_count = 0;
  ProcessDurability process_durability = ProcessDurability::kWriteThrough;
  std::string process_durability_reason;  // why it is not a better one
  // Age of the oldest record that is not durable; zero when all are.
  absl::Duration sync_lag;
  uint64_t arena_bytes_used = 0;
  uint64_t arena_bytes_max = 0;
  uint64_t damaged_ranges = 0;
  std::vector<std::string> warnings;  // about the file system and its rights
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_HEALTH_H_
