#ifndef TIDEMARK_LIB_CLI_STORE_ACCESS_H_
#define TIDEMARK_LIB_CLI_STORE_ACCESS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "tidemark/store.h"

namespace tidemark::cli {

// The two arguments that nearly every command begins with.
struct StoreArguments {
  std::string store;
  std::string topic;
};
void AddStoreArgument(CLI::App& command, std::string& store);
void AddTopicArgument(CLI::App& command, std::string& topic);

// Opens a store without writing, creating or locking anything, beside a process
// that may be writing to it.
absl::StatusOr<Store> OpenToRead(const std::string& directory);

// Opens a store as its owner. What opening repaired or found damaged is told on
// standard error.
absl::StatusOr<Store> OpenToWrite(const std::string& directory,
                                  bool is_creating);

// An error says which topics there are.
absl::StatusOr<Topic> OpenTopic(Store& store, const std::string& name);

// An error says which partitions there are.
absl::StatusOr<Partition> OpenPartition(const Topic& topic,
                                        PartitionNumber number);

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_STORE_ACCESS_H_
