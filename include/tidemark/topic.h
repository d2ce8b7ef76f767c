#ifndef TIDEMARK_TOPIC_H_
#define TIDEMARK_TOPIC_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tidemark/export.h"
#include "tidemark/partition.h"
#include "tidemark/topic_options.h"

namespace tidemark {
inline namespace v0 {

class TopicState;

// A handle to a topic. Thread-safe; copies share one topic. It may outlive its
// store: every call then returns FailedPrecondition (IsClosed), as it does when
// the topic was deleted. After an error the handle is as usable as before.
class TIDEMARK_EXPORT Topic {
 public:
  // An empty handle; every call returns FailedPrecondition.
  Topic() = default;
  explicit Topic(std::shared_ptr<TopicState> state);

  // Empty for an empty handle; valid as long as the handle.
  std::string_view name() const;
  // How many partitions the topic has by now; 0 for an empty handle.
  PartitionNumber partition_count() const;
  // The options as they are kept with the topic.
  TopicOptions options() const;

  // Appends one record to the partition that the topic's partitioner chooses.
  // Blocks and fails like Partition::Append. Internal when a host's partitioner
  // throws or chooses a partition that does not exist.
  absl::StatusOr<RecordId> Append(const Record& record,
                                  Ack ack = Ack::kTopicDefault);

  // The partition that the topic's partitioner chooses for `record`. It counts
  // as a choice: round robin and sticky go on from it.
  absl::StatusOr<PartitionNumber> PartitionFor(const Record& record);

  // The partition with a number from 0 to partition_count() - 1; opens and
  // recovers it at the first use, which reads its unsealed tail. NotFound for
  // another number.
  absl::StatusOr<Partition> partition(PartitionNumber number) const;

  // Makes everything that was appended to any partition before the call
  // durable. Blocks for the device.
  absl::Status Sync();

  // Replaces the options; partitions and partitioner must be as they are.
  // Sizes and ages take effect at the next roll, the rest at once. Durable when
  // it returns OK; after an error this process goes on with the options as they
  // were, and the next one may find either.
  absl::Status Alter(const TopicOptions& options);

  // Raises the number of partitions to `count`. InvalidArgument when it is not
  // above the present count. Durable when it returns OK; errors as Alter.
  absl::Status IncreasePartitions(PartitionNumber count);

  const std::shared_ptr<TopicState>& state() const { return state_; }

 private:
  std::shared_ptr<TopicState> state_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_TOPIC_H_
