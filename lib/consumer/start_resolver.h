#ifndef TIDEMARK_LIB_CONSUMER_START_RESOLVER_H_
#define TIDEMARK_LIB_CONSUMER_START_RESOLVER_H_

#include "absl/status/statusor.h"
#include "consumer/cursor_file.h"
#include "consumer/cursor_partition.h"
#include "tidemark/cursor_options.h"
#include "tidemark/marks.h"

namespace tidemark {
inline namespace v0 {

// InvalidArgument when no cursor, or none without a name, can begin there.
absl::Status ValidateStart(const Start& start, bool has_name);

// What a reader of a partition is told whose commit cannot be read.
absl::Status LostCommit(const CursorPartition& partition);

// Turns a Start into a place in one partition.
struct StartResolver {
  Visibility visibility = Visibility::kAll;
  // The file of the cursor's name, which has read this partition; null without
  // a name or a file.
  const CursorFile* file = nullptr;

  // InvalidArgument when the Start names other positions than this one;
  // otherwise errors of PartitionLog::OffsetForTime. A place that was committed
  // and cannot be read is no error but a lost place.
  absl::StatusOr<CursorPlace> Resolve(const Start& start,
                                      const CursorPartition& partition) const;

  // The place of a partition that its topic got while the cursor was open.
  absl::StatusOr<CursorPlace> ResolveNew(
      const Start& start, const CursorPartition& partition) const;

 private:
  absl::StatusOr<CursorPlace> ResolvePositions(
      const Start::FixedPositions& start,
      const CursorPartition& partition) const;
  absl::StatusOr<CursorPlace> ResolveCommitted(
      const Start::LastCommit& start, const CursorPartition& partition) const;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_CONSUMER_START_RESOLVER_H_
