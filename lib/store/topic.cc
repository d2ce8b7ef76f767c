#include "tidemark/topic.h"

#include <utility>

#include "base/guard.h"
#include "base/status_macros.h"
#include "store/topic_state.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

absl::Status Empty() {
  return WithReason(absl::FailedPreconditionError("topic: empty handle"),
                    ErrorReason::kClosed);
}

}  // namespace

Topic::Topic(std::shared_ptr<TopicState> state) : state_(std::move(state)) {}

std::string_view Topic::name() const {
  return state_ == nullptr ? std::string_view() : state_->name();
}

PartitionNumber Topic::partition_count() const {
  return state_ == nullptr ? 0 : state_->partition_count();
}

TopicOptions Topic::options() const {
  return state_ == nullptr ? TopicOptions() : state_->options();
}

absl::StatusOr<RecordId> Topic::Append(const Record& record, Ack ack) {
  return Guarded([&]() -> absl::StatusOr<RecordId> {
    if (state_ == nullptr) return Empty();
    return state_->Append(record, ack);
  });
}

absl::StatusOr<PartitionNumber> Topic::PartitionFor(const Record& record) {
  return Guarded([&]() -> absl::StatusOr<PartitionNumber> {
    if (state_ == nullptr) return Empty();
    return state_->PartitionFor(record);
  });
}

absl::StatusOr<Partition> Topic::partition(PartitionNumber number) const {
  return Guarded([&]() -> absl::StatusOr<Partition> {
    if (state_ == nullptr) return Empty();
    TIDEMARK_ASSIGN_OR_RETURN(auto log, state_->partition(number));
    return Partition(std::move(log));
  });
}

absl::Status Topic::Sync() {
  return Guarded([&]() -> absl::Status {
    if (state_ == nullptr) return Empty();
    return state_->Sync();
  });
}

absl::Status Topic::Alter(const TopicOptions& options) {
  return Guarded([&]() -> absl::Status {
    if (state_ == nullptr) return Empty();
    return state_->Alter(options);
  });
}

absl::Status Topic::IncreasePartitions(PartitionNumber count) {
  return Guarded([&]() -> absl::Status {
    if (state_ == nullptr) return Empty();
    return state_->IncreasePartitions(count);
  });
}

}  // namespace v0
}  // namespace tidemark
