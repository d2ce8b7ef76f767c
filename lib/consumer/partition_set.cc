#include "consumer/partition_set.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/status_macros.h"
#include "store/store_engine.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {

namespace {

// Reading a topic does not ask for its partitioner, as Store::OpenTopic does.
absl::StatusOr<Topic> OpenTopic(Store& store, std::string_view name) {
  if (store.engine() == nullptr) {
    return WithReason(absl::FailedPreconditionError("store: moved from"),
                      ErrorReason::kClosed);
  }
  TIDEMARK_ASSIGN_OR_RETURN(auto state, store.engine()->topics().Open(name));
  return Topic(std::move(state));
}

}  // namespace

absl::StatusOr<std::unique_ptr<PartitionSet>> PartitionSet::Open(
    Store& store, const CursorOptions& options) {
  std::unique_ptr<PartitionSet> set(new PartitionSet);
  set->store_ = store.engine();
  for (const std::string& name : options.topics) {
    TIDEMARK_ASSIGN_OR_RETURN(Topic topic, OpenTopic(store, name));
    set->subscriptions_.push_back({std::move(topic), 0});
  }
  TIDEMARK_ASSIGN_OR_RETURN(std::vector<CursorPartition> partitions,
                            set->FindNew());
  std::map<std::string, Topic> topics;
  for (const TopicPartition& chosen : options.partitions) {
    auto topic = topics.find(chosen.topic);
    if (topic == topics.end()) {
      TIDEMARK_ASSIGN_OR_RETURN(Topic opened, OpenTopic(store, chosen.topic));
      topic = topics.emplace(chosen.topic, std::move(opened)).first;
    }
    TIDEMARK_RETURN_IF_ERROR(set->OpenPartition(topic->second, chosen.partition,
                                                /*is_subscribed=*/false,
                                                &partitions));
  }
  set->Add(std::move(partitions));
  return set;
}

absl::Status PartitionSet::OpenPartition(
    const Topic& topic, PartitionNumber number, bool is_subscribed,
    std::vector<CursorPartition>* to) const {
  TIDEMARK_ASSIGN_OR_RETURN(const Partition partition, topic.partition(number));
  to->emplace_back(partition.log());
  to->back().is_subscribed = is_subscribed;
  return absl::OkStatus();
}

CursorPartition* PartitionSet::Find(const TopicPartition& name) {
  const auto place = std::lower_bound(names_.begin(), names_.end(), name);
  if (place == names_.end() || *place != name) return nullptr;
  return &partitions_[static_cast<size_t>(place - names_.begin())];
}

absl::Status PartitionSet::Refresh() {
  const std::shared_ptr<StoreEngine> store = store_.lock();
  if (store == nullptr) return absl::OkStatus();
  for (const Subscription& subscription : subscriptions_) {
    // Opening a topic brings all handles to it up to date.
    const absl::Status status =
        store->topics().Open(subscription.topic.name()).status();
    if (!status.ok() && !absl::IsNotFound(status)) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<CursorPartition>> PartitionSet::FindNew() const {
  std::vector<CursorPartition> found;
  for (const Subscription& subscription : subscriptions_) {
    const PartitionNumber count = subscription.topic.partition_count();
    for (PartitionNumber number = subscription.count; number < count;
         ++number) {
      TIDEMARK_RETURN_IF_ERROR(OpenPartition(subscription.topic, number,
                                             /*is_subscribed=*/true, &found));
    }
  }
  return found;
}

void PartitionSet::Add(std::vector<CursorPartition> partitions) {
  std::vector<TopicPartition> names = names_;
  for (const CursorPartition& partition : partitions) {
    names.push_back(partition.name);
  }
  std::sort(names.begin(), names.end());
  partitions_.reserve(partitions_.size() + partitions.size());
  // Nothing fails from here on.
  names_.swap(names);
  for (CursorPartition& partition : partitions) {
    for (Subscription& subscription : subscriptions_) {
      if (partition.is_subscribed &&
          subscription.topic.name() == partition.name.topic) {
        subscription.count =
            std::max(subscription.count, partition.name.partition + 1);
      }
    }
  }
  std::move(partitions.begin(), partitions.end(),
            std::back_inserter(partitions_));
  std::sort(partitions_.begin(), partitions_.end(),
            [](const CursorPartition& a, const CursorPartition& b) {
              return a.name < b.name;
            });
}

}  // namespace v0
}  // namespace tidemark
