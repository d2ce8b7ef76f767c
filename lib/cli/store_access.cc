#include "store_access.h"

#include <fmt/core.h>

#include <filesystem>
#include <system_error>

#include "advice.h"
#include "output.h"
#include "tidemark/error.h"

namespace tidemark::cli {

void AddStoreArgument(CLI::App& command, std::string& store) {
  command.add_option("STORE", store, "The store's directory")
      ->required()
      ->option_text(" ");
}

void AddTopicArgument(CLI::App& command, std::string& topic) {
  command.add_option("TOPIC", topic, "The topic's name")
      ->required()
      ->option_text(" ");
}

namespace {

constexpr const char* kCheckPath =
    "check the path; `tidemark create` makes a store";

// `status` of opening a store, with what to do where only the path tells.
absl::Status ExplainOpening(const absl::Status& status,
                            const std::string& directory) {
  std::error_code ignored;
  if (!absl::IsNotFound(status) ||
      std::filesystem::exists(std::filesystem::path(directory) / "STORE",
                              ignored)) {
    return status;
  }
  return WithAdvice(status, kCheckPath);
}

}  // namespace

absl::StatusOr<Store> OpenToRead(const std::string& directory) {
  StoreOptions options;
  options.read_only = true;
  options.create_if_missing = false;
  options.background_threads = false;
  absl::StatusOr<Store> store = Store::Open(directory, options);
  if (!store.ok()) return ExplainOpening(store.status(), directory);
  return store;
}

absl::StatusOr<Store> OpenToWrite(const std::string& directory,
                                  bool is_creating) {
  StoreOptions options;
  options.create_if_missing = is_creating;
  absl::StatusOr<Store> store = Store::Open(directory, options);
  if (!store.ok()) return ExplainOpening(store.status(), directory);
  const RecoveryReport report = store->recovery();
  if (report.has_damage() || report.arena == ArenaOutcome::kTakenOver ||
      report.arena == ArenaOutcome::kMissing) {
    PrintToPerson(ToString(report));
  }
  return store;
}

absl::StatusOr<Topic> OpenTopic(Store& store, const std::string& name) {
  absl::StatusOr<Topic> topic = store.OpenTopic(name);
  if (absl::IsNotFound(topic.status())) {
    return WithAdvice(topic.status(), "`tidemark create` makes a topic");
  }
  return topic;
}

absl::StatusOr<Partition> OpenPartition(const Topic& topic,
                                        PartitionNumber number) {
  absl::StatusOr<Partition> partition = topic.partition(number);
  if (number < 0 || number >= topic.partition_count()) {
    return WithAdvice(partition.status(),
                      fmt::format("the topic's partitions are 0 to {}",
                                  topic.partition_count() - 1));
  }
  return partition;
}

}  // namespace tidemark::cli
