#ifndef TIDEMARK_PARTITIONER_H_
#define TIDEMARK_PARTITIONER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tidemark/export.h"
#include "tidemark/record.h"

namespace tidemark {
inline namespace v0 {

// How a topic spreads records over its partitions. The number is persisted with
// the topic and never reused.
enum class PartitionerKind : uint16_t {
  // XXH3 of the key modulo the partition count; keyless records like kSticky.
  kKeyHash = 1,
  // The murmur2 hash of Kafka's Java client, for keys that must land where a
  // Kafka cluster puts them; keyless records like kSticky.
  kKafkaMurmur2 = 2,
  // One partition after the other, whatever the key.
  kRoundRobin = 3,
  // The same partition for a run of 16 KiB of records, then the next one.
  kSticky = 4,
  // The host's own; it is named, and the name is persisted and checked.
  kCustom = 1000,
};

// A host's own partitioner. Called from every appending thread at once, without
// any lock held.
class TIDEMARK_EXPORT Partitioner {
 public:
  virtual ~Partitioner() = default;

  // From 1 to 255 bytes and always the same. Persisted with the topic; opening
  // the topic with another name fails.
  virtual std::string_view name() const = 0;

  // The partition for `record`, from 0 to `partition_count` - 1. Must not throw
  // and must not call the store.
  virtual PartitionNumber Choose(const Record& record,
                                 PartitionNumber partition_count) = 0;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_PARTITIONER_H_
