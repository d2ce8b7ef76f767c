#include "partition/retention.h"

#include <algorithm>
#include <limits>

namespace tidemark {
inline namespace v0 {

RetentionPlan PlanRetention(std::span<const SegmentAge> segments,
                            const PartitionOptions& options, absl::Time now,
                            bool is_clock_trusted) {
  RetentionPlan plan;
  uint64_t bytes = 0;
  int64_t newest = std::numeric_limits<int64_t>::min();
  for (const SegmentAge& segment : segments) {
    bytes += segment.bytes;
    newest = std::max(newest, segment.max_append_time);
  }
  const bool is_by_age = options.retention_age != absl::InfiniteDuration();
  const int64_t now_micros = absl::ToUnixMicros(now);
  plan.is_clock_behind = is_by_age && now_micros < newest;
  const int64_t oldest_kept =
      is_by_age ? absl::ToUnixMicros(now - options.retention_age)
                : std::numeric_limits<int64_t>::min();
  // A segment is as old as the newest record up to it, so that a clock that was
  // set back in between keeps its successors.
  int64_t floor = std::numeric_limits<int64_t>::min();
  size_t aged_left = std::max(kAgedSegmentsMax, segments.size() / 2);
  for (const SegmentAge& segment : segments) {
    if (segment.is_active) break;
    floor = std::max(floor, segment.max_append_time);
    const bool is_too_much =
        options.retention_bytes > 0 && bytes > options.retention_bytes;
    const bool is_too_old =
        is_by_age && !plan.is_clock_behind && floor < oldest_kept;
    if (is_too_old && !is_clock_trusted) plan.is_held_back = true;
    const bool goes_by_age = is_too_old && is_clock_trusted && aged_left > 0;
    if (!is_too_much && !goes_by_age) break;
    if (!is_too_much) --aged_left;
    plan.start = segment.next_offset;
    bytes -= segment.bytes;
  }
  return plan;
}

}  // namespace v0
}  // namespace tidemark
