#ifndef TIDEMARK_LIB_PARTITION_RECOVERY_PLAN_H_
#define TIDEMARK_LIB_PARTITION_RECOVERY_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "partition/meta_file.h"
#include "partition/recovery_files.h"
#include "segment/tail_verdict.h"
#include "tidemark/recovery_report.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// A hole that a walk has seen, to know it again.
struct HoleMark {
  std::string file;
  uint64_t position = 0;
  uint64_t fingerprint = 0;

  friend bool operator==(const HoleMark&, const HoleMark&) = default;
};

// Everything that recovery knows when it decides.
struct RecoveryEvidence {
  MetaState meta_state = MetaState::kMissing;
  PartitionMeta meta;
  Offset recorded = 0;        // W: the highest durable mark found anywhere
  std::vector<LogFile> logs;  // ascending
  // The first log that is not wholly below `recorded`. The ones from here on
  // have a survey if they have a header; the others a survey or a trailer.
  size_t tail_begin = 0;

  // Another process may be writing: only a hole that an earlier walk has seen
  // with the same bytes is damage; any other may be filled by now.
  bool is_live = false;
  std::vector<HoleMark> seen_before;
};

// What recovery does about it, and what the partition is then.
struct RecoveryPlan {
  TailVerdict verdict = TailVerdict::kWhole;
  Offset start = 0;
  Offset end = 0;

  // The logs of the partition, as indexes: [kept_begin, kept_end). The ones
  // before are wholly below the start, the ones behind do not belong to it.
  size_t kept_begin = 0;
  size_t kept_end = 0;
  // What each log holds of the partition; without its header, nothing.
  std::vector<std::optional<SegmentTotals>> totals;
  bool is_last_appendable = false;

  std::vector<DamagedRange> damage;  // ascending; empty ranges, too
  std::optional<CutTail> cut;        // in the last log kept
  bool has_unconfirmed = false;      // a hole that was not seen before
};

// Decides. Pure: reads no file.
RecoveryPlan PlanRecovery(const RecoveryEvidence& evidence);

// All holes in the surveys.
std::vector<HoleMark> HolesOf(const RecoveryEvidence& evidence);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_RECOVERY_PLAN_H_
