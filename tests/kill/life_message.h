#ifndef TIDEMARK_TESTS_KILL_LIFE_MESSAGE_H_
#define TIDEMARK_TESTS_KILL_LIFE_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "fmt/core.h"
#include "tidemark/types.h"

namespace tidemark::test {

// What a host says over its pipe before and behind each of its steps. Topics
// and cursors have names of one letter.
struct LifeMessage {
  enum Kind : uint32_t {
    kOpened = 1,
    kCreating,      // topic, generation, count: its partitions
    kCreated,       // topic
    kDeleting,      // topic
    kDeleted,       // topic
    kIncreasing,    // topic, count
    kIncreased,     // topic, count
    kSubmitting,    // topic, generation, partition, offset, count, size
    kAcknowledged,  // the same, level
    kMarks,         // topic, partition, offset: durable, to: written
    kTrimming,      // topic, partition, offset
    kTrimmed,       // topic, partition, offset
    kCommitting,    // cursor, topic, partition, offset
    kCommitted,     // cursor, topic, partition, offset
    kAdopted,       // topic, partition, offset: start, to: end
    kClosed,
  };
  uint32_t kind = 0;
  uint32_t session = 0;
  char topic = 0;
  char cursor = 0;
  uint16_t generation = 0;
  PartitionNumber partition = 0;
  Offset offset = 0;
  Offset to = 0;
  uint32_t count = 0;
  uint32_t size = 0;
  uint32_t level = 0;
};

// The value of a record follows from its place, and from who appended it.
inline std::string LifeValue(const LifeMessage& message, Offset offset) {
  std::string value =
      fmt::format("{}.{}/{}@{} of {}:", message.topic, message.generation,
                  message.partition, offset, message.session);
  uint64_t state = static_cast<uint64_t>(offset) * 0x9e3779b97f4a7c15 + 1;
  while (value.size() < message.size) {
    state = state * 6364136223846793005 + 1442695040888963407;
    value += static_cast<char>('a' + (state >> 59) % 26);
  }
  return value;
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_KILL_LIFE_MESSAGE_H_
