#ifndef TIDEMARK_TOPIC_OPTIONS_H_
#define TIDEMARK_TOPIC_OPTIONS_H_

#include <memory>

#include "absl/status/status.h"
#include "tidemark/export.h"
#include "tidemark/partition_options.h"
#include "tidemark/partitioner.h"

namespace tidemark {
inline namespace v0 {

// What a topic is made with. Persisted in the topic's directory.
struct TopicOptions : PartitionOptions {
  // How many partitions, from 1 to 100,000. Can be raised later; records keep
  // their places, but the partition of a key changes with the count.
  PartitionNumber partitions = 1;

  // How Topic::Append spreads records. Cannot be changed later.
  PartitionerKind partitioner = PartitionerKind::kKeyHash;

  // The host's own partitioner, for PartitionerKind::kCustom and only for it.
  // Needed at creation, and at an opening that is followed by Topic::Append.
  std::shared_ptr<Partitioner> custom_partitioner = nullptr;
};

// InvalidArgument that names the field, its value and its range.
TIDEMARK_EXPORT absl::Status ValidateTopicOptions(const TopicOptions& options);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_TOPIC_OPTIONS_H_
