#ifndef TIDEMARK_LIB_PRODUCER_DELIVERY_QUEUE_H_
#define TIDEMARK_LIB_PRODUCER_DELIVERY_QUEUE_H_

#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "base/mutex.h"
#include "partition/partition_log.h"
#include "tidemark/producer.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// One report that is due: for the records of one append.
struct Delivery {
  RecordId id;  // of the first record
  uint64_t count = 0;
  uint64_t size = 0;
  DeliveryCallback callback;

  Offset end() const { return id.offset + static_cast<Offset>(count); }
};

// What a producer has to do with one partition.
struct DeliveryLane {
  explicit DeliveryLane(std::shared_ptr<PartitionLog> log_in)
      : log(std::move(log_in)) {}

  const std::shared_ptr<PartitionLog> log;

  // Held over an append and the push that follows, so that the order in the
  // queue is that of the offsets.
  Mutex send_mutex;

  // Of the round that took the lane: what it reports, in the order of the
  // offsets; below which offset the level is reached, and why not above.
  std::list<Delivery> taken;
  DeliveryLane* next_taken = nullptr;
  Offset reached = 0;
  absl::Status status;

 private:
  friend class DeliveryQueue;
  // Guarded by the mutex of the queue.
  std::list<Delivery> pending_;
  DeliveryLane* next_pending_ = nullptr;
};

// The reports that are due, by partition.
//
// Taking costs as much as there are partitions with something due, and no
// memory. A lane stays where it is until the queue is destroyed.
//
// Thread-safe; its mutex is a leaf. Owns the lanes and the callbacks, keeps the
// logs alive. Only one round at a time may hold what Take returned.
class DeliveryQueue {
 public:
  DeliveryQueue() = default;
  DeliveryQueue(const DeliveryQueue&) = delete;
  DeliveryQueue& operator=(const DeliveryQueue&) = delete;

  // The lane of a partition; null when there is none yet.
  DeliveryLane* Find(PartitionNumber number) const;
  // Makes the lane, or returns the one that another thread has made.
  DeliveryLane* Add(PartitionNumber number, std::shared_ptr<PartitionLog> log);

  // Adds the one delivery in `node`. Called with the lane's send mutex held.
  void Push(DeliveryLane& lane, std::list<Delivery>& node) noexcept;

  bool is_empty() const;

  // Moves everything that is due to the `taken` of its lanes and returns these
  // as a chain by `next_taken`; null when nothing is due.
  DeliveryLane* Take() noexcept;

 private:
  mutable Mutex mutex_;
  // Not absl::flat_hash_map, which std::bad_alloc leaves unusable.
  std::unordered_map<PartitionNumber, std::unique_ptr<DeliveryLane>> lanes_
      ABSL_GUARDED_BY(mutex_);
  // The lanes with something due, in the order in which they got it.
  DeliveryLane* first_ ABSL_GUARDED_BY(mutex_) = nullptr;
  DeliveryLane* last_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PRODUCER_DELIVERY_QUEUE_H_
