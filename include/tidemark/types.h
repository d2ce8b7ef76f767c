#ifndef TIDEMARK_TYPES_H_
#define TIDEMARK_TYPES_H_

#include <compare>
#include <cstdint>
#include <string>

namespace tidemark {
inline namespace v0 {

// The logical number of a record within its partition. Offsets start at 0, are
// assigned densely and are never reused together with one incarnation.
using Offset = int64_t;

// The count of a store's opens for writing. The pair (offset, incarnation)
// names one record for ever.
using Incarnation = uint64_t;

// The number of a partition within its topic, from 0.
using PartitionNumber = int32_t;

// Where one appended record went.
struct RecordId {
  PartitionNumber partition = 0;
  Offset offset = 0;

  friend auto operator<=>(const RecordId&, const RecordId&) = default;
};

// A topic's name with the number of one of its partitions.
struct TopicPartition {
  std::string topic;
  PartitionNumber partition = 0;

  friend auto operator<=>(const TopicPartition&,
                          const TopicPartition&) = default;
};

// How far an append must have come before it is acknowledged.
enum class Ack : uint8_t {
  kTopicDefault = 0,  // what the topic's options say
  kMemory = 1,        // visible to readers of this process
  kProcess = 2,       // survives the death of this process
  kDisk = 3,          // survives the loss of power
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_TYPES_H_
