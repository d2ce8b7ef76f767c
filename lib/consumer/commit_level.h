#ifndef TIDEMARK_LIB_CONSUMER_COMMIT_LEVEL_H_
#define TIDEMARK_LIB_CONSUMER_COMMIT_LEVEL_H_

#include <memory>
#include <span>

#include "absl/status/status.h"
#include "partition/partition_log.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// A position that is about to be committed.
struct CommitTarget {
  std::shared_ptr<PartitionLog> log;
  Offset offset = 0;
};

// Makes everything below the targets survive what a commit at `level`, kProcess
// or kDisk, survives, so that the commit does not outlive the records that it
// speaks of. Records that were appended at kMemory are among them. Costs
// nothing when they do already. The logs belong to one store.
//
// OutOfRange for a target behind the end of its log; errors of writing out and
// of syncing.
absl::Status ReachCommitLevel(std::span<const CommitTarget> targets, Ack level);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_CONSUMER_COMMIT_LEVEL_H_
