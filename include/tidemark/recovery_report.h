#ifndef TIDEMARK_RECOVERY_REPORT_H_
#define TIDEMARK_RECOVERY_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tidemark/damage.h"
#include "tidemark/export.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// Bytes behind the end of the log that a crash had left and recovery cut off.
// Nothing in them was acknowledged as durable.
struct CutTail {
  Offset offset = 0;  // the end of the log
  std::string file;
  uint64_t position = 0;
  uint64_t size = 0;

  friend bool operator==(const CutTail&, const CutTail&) = default;
};

// What opening one partition found and did.
struct PartitionRecovery {
  std::string topic;
  PartitionNumber partition = 0;

  // The log ended where the last owner said when it closed it.
  bool is_clean = false;

  Offset start = 0;
  Offset end = 0;
  // The highest durable mark that the last owner left behind. Damage below it
  // is rot and never cut; bytes at or above it that fail their checks are what
  // a crash leaves.
  Offset recorded_durable_end = 0;

  uint64_t bytes_scanned = 0;

  // From the memory of an owner that died.
  uint64_t records_taken_over = 0;
  uint64_t bytes_taken_over = 0;

  std::optional<CutTail> cut;

  // Segments below the start, above a cut, or never written to.
  std::vector<std::string> files_removed;
  // Files that stood in the way of the log and were renamed, from and to.
  std::vector<std::string> files_set_aside;

  // The files are named as they are within the partition's directory.
  std::vector<DamagedRange> damage;

  // Of META alone, as it was found: a slot that the other one stands in for, or
  // bytes where none belong. Costs no record. A META of which nothing is left
  // stands here and, in a log that misses it, in `damage`, too.
  std::vector<DamagedRange> meta_damage;

  // Without that of META.
  bool has_damage() const { return !damage.empty(); }

  friend bool operator==(const PartitionRecovery&,
                         const PartitionRecovery&) = default;
};

// What became of the memory in which a dead owner left its latest records.
enum class ArenaOutcome : uint8_t {
  kNone,       // there was none to look for
  kTakenOver,  // its records are in the log
  kMissing,    // same boot, but the memory is gone
  kForeign,    // belongs to another store
  kOtherBoot,  // the machine was started again since
  kLocked,     // somebody else holds it
};

// "taken over", "missing", ...
TIDEMARK_EXPORT std::string ToString(ArenaOutcome outcome);

// What opening a store found and did. Partitions are recovered at first use and
// added then.
struct RecoveryReport {
  Incarnation incarnation = 0;  // of this open
  bool is_clean = false;        // the last owner closed the store
  ArenaOutcome arena = ArenaOutcome::kNone;
  std::string arena_detail;
  // Of STORE, as it was found: a slot that the other one stands in for, or
  // bytes where none belong.
  std::vector<DamagedRange> store_damage;
  std::vector<PartitionRecovery> partitions;

  // Of a partition; without that of STORE and META.
  bool has_damage() const;
};

// Some lines for a log file or a person.
TIDEMARK_EXPORT std::string ToString(const PartitionRecovery& recovery);
TIDEMARK_EXPORT std::string ToString(const RecoveryReport& report);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_RECOVERY_REPORT_H_
