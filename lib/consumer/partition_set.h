#ifndef TIDEMARK_LIB_CONSUMER_PARTITION_SET_H_
#define TIDEMARK_LIB_CONSUMER_PARTITION_SET_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "consumer/cursor_partition.h"
#include "tidemark/cursor_options.h"
#include "tidemark/store.h"
#include "tidemark/topic.h"

namespace tidemark {
inline namespace v0 {

class StoreEngine;

// The partitions that a cursor reads, ascending by name.
//
// There is at least one. Partitions are added when a subscribed topic has got
// more, and never removed. Not thread-safe. Keeps logs and topics alive.
class PartitionSet {
 public:
  // Opens every partition that `options` names. NotFound; any error of opening
  // one.
  static absl::StatusOr<std::unique_ptr<PartitionSet>> Open(
      Store& store, const CursorOptions& options);

  PartitionSet(const PartitionSet&) = delete;
  PartitionSet& operator=(const PartitionSet&) = delete;

  std::vector<CursorPartition>& all() { return partitions_; }
  const std::vector<CursorPartition>& all() const { return partitions_; }
  const std::vector<TopicPartition>& names() const { return names_; }
  bool has_subscriptions() const { return !subscriptions_.empty(); }

  // Null for a partition that is not in the set.
  CursorPartition* Find(const TopicPartition& name);

  // Looks at the subscribed topics anew, for another process may have given
  // them partitions. A topic that is gone stays as it was.
  absl::Status Refresh();

  // The partitions that subscribed topics have and the set has not.
  absl::StatusOr<std::vector<CursorPartition>> FindNew() const;

  // Adds what FindNew returned, all or, without memory, nothing. References to
  // members of the set become invalid.
  void Add(std::vector<CursorPartition> partitions);

 private:
  struct Subscription {
    Topic topic;
    PartitionNumber count = 0;  // partitions of it in the set
  };

  PartitionSet() = default;

  absl::Status OpenPartition(const Topic& topic, PartitionNumber number,
                             bool is_subscribed,
                             std::vector<CursorPartition>* to) const;

  std::weak_ptr<StoreEngine> store_;
  std::vector<Subscription> subscriptions_;
  std::vector<CursorPartition> partitions_;
  std::vector<TopicPartition> names_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_CONSUMER_PARTITION_SET_H_
