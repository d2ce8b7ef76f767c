#ifndef TIDEMARK_LIB_CLI_RECOVERED_DAMAGE_H_
#define TIDEMARK_LIB_CLI_RECOVERED_DAMAGE_H_

#include <string_view>

#include "tidemark/recovery_report.h"

// What opening a partition has found, for commands that look at its files
// themselves and must not tell of the same damage twice.
namespace tidemark::cli {

// Of a partition that is open; else one that says nothing.
PartitionRecovery RecoveryOf(const RecoveryReport& report,
                             std::string_view topic, PartitionNumber number);

// Whether recovery has told of it: the same offsets and the same bytes, or more
// of both. The file of `range` is a path within the store.
bool IsKnown(const PartitionRecovery& recovery, const DamagedRange& range);

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_RECOVERED_DAMAGE_H_
