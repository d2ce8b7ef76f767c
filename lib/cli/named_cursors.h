#ifndef TIDEMARK_LIB_CLI_NAMED_CURSORS_H_
#define TIDEMARK_LIB_CLI_NAMED_CURSORS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tidemark/positions.h"
#include "tidemark/store.h"

namespace tidemark::cli {

// What is committed under a name for these topics. Opens all of their
// partitions. DataLoss (IsDamaged) when the name's file or a commit is damaged.
absl::StatusOr<Positions> ReadCommits(Store& store, const std::string& name,
                                      const std::vector<std::string>& topics);

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_NAMED_CURSORS_H_
