#ifndef TIDEMARK_LIB_PARTITION_RECOVERY_REPAIR_H_
#define TIDEMARK_LIB_PARTITION_RECOVERY_REPAIR_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "partition/meta_file.h"
#include "partition/recovery.h"
#include "partition/recovery_files.h"
#include "partition/recovery_plan.h"
#include "tidemark/env.h"
#include "tidemark/recovery_report.h"

namespace tidemark {
inline namespace v0 {

// Files that recovery found besides the logs of the plan.
struct LooseFiles {
  // Segments that never held a durable record, or that were cut away before.
  std::vector<LogFile> unwritten;
  // Not of this log; set aside when the log needs the name.
  std::vector<LogFile> strangers;
};

// Carries out `plan` in the directory of the partition, in an order that leads
// to the same plan when it is stopped anywhere: META learns what the evidence
// said before any of the evidence goes, a cut is durable before an append, and
// nothing counts as durable before it was synced.
//
// Updates the logs that it changes and notes in `report` what it did. After an
// error the rest is left for the next open.
absl::Status CarryOut(Directory& root, std::string_view directory,
                      const RecoveryOptions& options, const LooseFiles& loose,
                      RecoveryEvidence* evidence, RecoveryPlan* plan,
                      MetaFile* meta, PartitionRecovery* report);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_RECOVERY_REPAIR_H_
