#include "recovered_damage.h"

#include <algorithm>

namespace tidemark::cli {

PartitionRecovery RecoveryOf(const RecoveryReport& report,
                             std::string_view topic, PartitionNumber number) {
  for (const PartitionRecovery& recovery : report.partitions) {
    if (recovery.topic == topic && recovery.partition == number) {
      return recovery;
    }
  }
  return PartitionRecovery();
}

bool IsKnown(const PartitionRecovery& recovery, const DamagedRange& range) {
  return std::any_of(recovery.damage.begin(), recovery.damage.end(),
                     [&](const DamagedRange& known) {
                       return range.file.ends_with("/" + known.file) &&
                              known.position <= range.position &&
                              range.position <= known.position + known.size &&
                              known.from <= range.from && range.to <= known.to;
                     });
}

}  // namespace tidemark::cli
