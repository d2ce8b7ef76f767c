#ifndef TIDEMARK_TOPIC_H_
#define TIDEMARK_TOPIC_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tidemark/partition.h"
#include "tidemark/topic_options.h"

namespace tidemark {
inline namespace v0 {

class TopicState;

// A handle to a topic. Thread-safe; copies share one topic. It may outlive its
// store: every call then returns FailedPrecondition (IsClosed).
class Topic {
 public:
  // An empty handle; every call returns FailedPrecondition.
  Topic() = default;
  explicit Topic(std::shared_ptr<TopicState> state);

  std::string_view name() const;
  // How many partitions the topic has by now.
  PartitionNumber partition_count() const;
  TopicOptions options() const;

  // Appends one record to the partition that the topic's partitioner chooses.
  // Blocks and fails like Partition::Append.
  absl::StatusOr<RecordId> Append(const Record& record,
                                  Ack ack = Ack::kTopicDefault);

  // The partition that the topic's partitioner chooses for `record`.
  absl::StatusOr<PartitionNumber> PartitionFor(const Record& record);

  // The partition with a number from 0 to partition_count() - 1; opens and
  // recovers it at the first use, which reads its unsealed tail. NotFound for
  // another number.
  absl::StatusOr<Partition> partition(PartitionNumber number) const;

  // Makes everything that was appended to any partition before the call
  // durable.
  absl::Status Sync();

  // Replaces the options; partitions and partitioner must be as they are.
  // Sizes and ages take effect at the next roll, the rest at once.
  absl::Status Alter(const TopicOptions& options);

  // Raises the number of partitions to `count`. InvalidArgument when it is not
  // above the present count.
  absl::Status IncreasePartitions(PartitionNumber count);

  const std::shared_ptr<TopicState>& state() const { return state_; }

 private:
  std::shared_ptr<TopicState> state_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_TOPIC_H_
