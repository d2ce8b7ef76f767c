#ifndef TIDEMARK_LIB_CLI_NAMED_CURSORS_H_
#define TIDEMARK_LIB_CLI_NAMED_CURSORS_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "tidemark/positions.h"
#include "tidemark/store.h"

namespace tidemark::cli {

// What is committed under a name for these partitions, which it opens. DataLoss
// (IsDamaged) when the name's file or a commit is damaged.
absl::StatusOr<Positions> ReadCommits(
    Store& store, const std::string& name,
    const std::vector<TopicPartition>& partitions);

// The same, one by one, so that one that cannot be read hides no other: `visit`
// gets every commit and every error.
void VisitCommits(
    Store& store, const std::string& name,
    const std::vector<TopicPartition>& partitions,
    absl::FunctionRef<void(const absl::StatusOr<Positions::Entry>&)> visit);

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_NAMED_CURSORS_H_
