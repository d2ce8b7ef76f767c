#include "producer/delivery_queue.h"

#include <utility>

namespace tidemark {
inline namespace v0 {

DeliveryLane* DeliveryQueue::Find(PartitionNumber number) const {
  const MutexLock lock(mutex_);
  const auto found = lanes_.find(number);
  return found == lanes_.end() ? nullptr : found->second.get();
}

DeliveryLane* DeliveryQueue::Add(PartitionNumber number,
                                 std::shared_ptr<PartitionLog> log) {
  auto lane = std::make_unique<DeliveryLane>(std::move(log));
  const MutexLock lock(mutex_);
  return lanes_.try_emplace(number, std::move(lane)).first->second.get();
}

void DeliveryQueue::Push(DeliveryLane& lane,
                         std::list<Delivery>& node) noexcept {
  const MutexLock lock(mutex_);
  const bool is_listed = !lane.pending_.empty();
  lane.pending_.splice(lane.pending_.end(), node);
  if (is_listed) return;
  lane.next_pending_ = nullptr;
  if (first_ == nullptr) {
    first_ = &lane;
  } else {
    last_->next_pending_ = &lane;
  }
  last_ = &lane;
}

bool DeliveryQueue::is_empty() const {
  const MutexLock lock(mutex_);
  return first_ == nullptr;
}

DeliveryLane* DeliveryQueue::Take() noexcept {
  const MutexLock lock(mutex_);
  DeliveryLane* const first = std::exchange(first_, nullptr);
  last_ = nullptr;
  for (DeliveryLane* lane = first; lane != nullptr;
       lane = lane->next_pending_) {
    lane->taken.splice(lane->taken.end(), lane->pending_);
    lane->next_taken = lane->next_pending_;
  }
  return first;
}

}  // namespace v0
}  // namespace tidemark
