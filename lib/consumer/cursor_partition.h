#ifndef TIDEMARK_LIB_CONSUMER_CURSOR_PARTITION_H_
#define TIDEMARK_LIB_CONSUMER_CURSOR_PARTITION_H_

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "consumer/cursor_slot.h"
#include "partition/append_waiter.h"
#include "partition/partition_log.h"
#include "partition/partition_reader.h"
#include "tidemark/marks.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// Where a cursor stands in one partition.
struct CursorPlace {
  Offset offset = 0;
  Incarnation incarnation = 0;  // see Positions::Entry
  // The place comes from an earlier open of the store: whether the log still
  // leads to it is looked at before the first read.
  bool needs_check = false;
  // Not OK: the place is unknown, and why. The other members mean nothing.
  absl::Status lost;
};

// One partition in the hands of a cursor.
struct CursorPartition {
  explicit CursorPartition(std::shared_ptr<PartitionLog> partition_log)
      : log(std::move(partition_log)),
        name{log->address().topic, log->address().number},
        key{log->address().topic_id, log->address().number},
        reader(log) {}

  std::shared_ptr<PartitionLog> log;
  TopicPartition name;
  CursorKey key;
  PartitionReader reader;
  CursorPlace place;

  // Left out of Poll.
  bool is_paused = false;
  // Of a topic that is read as a whole.
  bool is_subscribed = false;

  // Behind what the Poll that runs has read; see Fetcher.
  Offset next = 0;

  // The waiter is armed for the first record at or above `armed_at`.
  bool is_armed = false;
  Offset armed_at = 0;
};

// Whether a read would return nothing and no error: the cursor has to wait.
inline bool IsIdle(const CursorPartition& partition, Visibility visibility) {
  const CursorPlace& place = partition.place;
  if (!place.lost.ok() || place.needs_check) return false;
  const PartitionLog& log = *partition.log;
  return place.offset >= log.VisibleEnd(visibility) &&
         place.offset >= log.start() &&
         place.offset <= log.VisibleEnd(Visibility::kAll) && log.Usable().ok();
}

// Arms `waiter` for the next record. Returns false when there is nothing to
// wait for: a read would return something, or fail.
inline bool Arm(CursorPartition& partition,
                const std::shared_ptr<AppendWaiter>& waiter,
                Visibility visibility) {
  if (!IsIdle(partition, visibility)) return false;
  const Offset from = partition.place.offset;
  if (partition.is_armed) {
    // It still is, for no record has become visible since.
    if (partition.armed_at == from) return true;
    partition.log->DisarmWaiter(*waiter);
  }
  partition.is_armed = !partition.log->ArmWaiter(waiter, from, visibility);
  partition.armed_at = from;
  return partition.is_armed;
}

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_CONSUMER_CURSOR_PARTITION_H_
