#ifndef TIDEMARK_LIB_PARTITION_RETENTION_H_
#define TIDEMARK_LIB_PARTITION_RETENTION_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/time/time.h"
#include "tidemark/partition_options.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// What retention looks at in one segment.
struct SegmentAge {
  Offset next_offset = 0;
  uint64_t bytes = 0;
  int64_t max_append_time = 0;  // microseconds; the least value for none
  bool is_active = false;
};

// What to delete.
struct RetentionPlan {
  Offset start = 0;  // everything below may go; 0 when nothing may
  // The clock is behind the newest record, so that ages mean nothing: nothing
  // was chosen by age.
  bool is_clock_behind = false;
  // Segments are older than the age by a clock that is not trusted, and stay.
  bool is_held_back = false;
};

// So many segments, or half of all if that is more, go by age at once: what a
// wrong clock chose can still be stopped.
inline constexpr size_t kAgedSegmentsMax = 16;

// Decides, without touching anything, which of the leading `segments`, oldest
// first, are due at `now`. The active segment never is. By a clock that is not
// trusted nothing is due for its age.
RetentionPlan PlanRetention(std::span<const SegmentAge> segments,
                            const PartitionOptions& options, absl::Time now,
                            bool is_clock_trusted = true);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_RETENTION_H_
