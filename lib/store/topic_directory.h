#ifndef TIDEMARK_LIB_STORE_TOPIC_DIRECTORY_H_
#define TIDEMARK_LIB_STORE_TOPIC_DIRECTORY_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "partition/log_shared.h"
#include "segment/identity.h"
#include "store/topic_file.h"
#include "tidemark/env.h"
#include "tidemark/types.h"

// What happens to the directories of topics on the disk. Every function may be
// stopped at any call, by an error or by a crash, and leaves nothing that looks
// like a topic and is none.
namespace tidemark {
inline namespace v0 {

// 128 bits from the Env.
absl::StatusOr<Id128> RandomId(Env& env);

// Creates the topic's directory with TOPIC and all partitions: under a name of
// its own, then by a rename; durable when it returns OK. AlreadyExists when the
// name is taken. After another error the topic is not there; `*is_stuck` says
// that it may be there nonetheless, for the error came with the rename or
// behind it and taking it back failed, too: then RemoveTopicDirectory has to
// succeed first.
absl::Status CreateTopicDirectory(LogShared& shared, const TopicRecord& record,
                                  bool* is_stuck);

// Makes the directory of a topic disappear: renames it to a name of a deleted
// topic, syncs, and then removes what it holds. OK once the rename is durable,
// and when there is no such directory; `*path` is then "", or where the rest is
// that could not be removed. After an error `*path` is where the directory is
// by now.
absl::Status RemoveTopicDirectory(Env& env, Directory& directory,
                                  std::string* path);

// Removes the directory `path` with what a topic consists of: files beside the
// partitions and files in them. Strange directories and links stay, and then so
// does the directory: FailedPrecondition. OK when it is not there.
absl::Status RemoveTopicTree(Directory& directory, const std::string& path);

// Removes what was left of topics that were being created or deleted. Returns
// the first error, but goes on behind it.
absl::Status RemoveLeftovers(Directory& directory);

// Creates the directories of partitions from `from` to `to` - 1 and makes them
// durable. Removes what an earlier try left behind; DataLoss when that holds
// records.
absl::Status AddPartitionDirectories(LogShared& shared,
                                     const TopicRecord& record,
                                     PartitionNumber from, PartitionNumber to);

// The names of the topics, from the names of their directories.
absl::StatusOr<std::vector<std::string>> ListTopicDirectories(
    Directory& directory);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_TOPIC_DIRECTORY_H_
