#ifndef TIDEMARK_TESTS_PROCESS_WRITER_MESSAGE_H_
#define TIDEMARK_TESTS_PROCESS_WRITER_MESSAGE_H_

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "fmt/core.h"
#include "tidemark/health.h"
#include "tidemark/types.h"

namespace tidemark::test {

inline constexpr char kTopicName[] = "numbers";
inline constexpr PartitionNumber kPartitions = 2;

// What a writer says over its pipe. Shorter than PIPE_BUF, so the messages of
// two threads never mix.
struct WriterMessage {
  enum Kind : uint32_t {
    kOpened = 1,
    kLocked = 2,
    kSubmitting = 3,    // before the append: partition, number, count
    kAcknowledged = 4,  // after it: these, offset and level
    kWaiting = 5,       // everything was appended
    kOrphaned = 6,      // forked a child
    kRefused = 7,       // of that child: the library works for its parent only
  };
  uint32_t kind = 0;
  PartitionNumber partition = 0;
  Offset offset = 0;
  uint64_t number = 0;
  uint32_t count = 0;
  uint32_t level = 0;
};

// A number says which session of which thread submitted it, and as which.
inline uint64_t FirstNumber(uint64_t session, uint64_t thread) {
  return session << 32 | thread << 28;
}
inline uint64_t StreamOf(uint64_t number) { return number >> 28; }

// The bytes of a record follow from its number alone.
inline std::string ValueOf(uint64_t number) {
  uint64_t state = number * 0x9e3779b97f4a7c15 + 1;
  const size_t size = number % 41 == 0 ? 6000 : (state >> 40) % 300;
  std::string value = fmt::format("{:016x}", number);
  while (value.size() < size) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    value.push_back(static_cast<char>(state));
  }
  return value;
}

inline std::optional<std::string> KeyOf(uint64_t number) {
  if (number % 3 == 0) return std::nullopt;
  return fmt::format("key {}", number % 7);
}

// The number in a value; other bytes than ValueOf's give another one.
inline uint64_t NumberIn(std::string_view value) {
  return std::strtoull(std::string(value.substr(0, 16)).c_str(), nullptr, 16);
}

// The choice of that name; "default" is what the library chooses.
inline std::optional<ProcessDurability> DurabilityOf(std::string_view name) {
  if (name == "shared_memory") return ProcessDurability::kSharedMemory;
  if (name == "store_file") return ProcessDurability::kStoreFile;
  if (name == "write_through") return ProcessDurability::kWriteThrough;
  return std::nullopt;
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_PROCESS_WRITER_MESSAGE_H_
