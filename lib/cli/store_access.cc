#include "store_access.h"

#include <fmt/core.h>

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

absl::StatusOr<Store> OpenToRead(const std::string& directory) {
  StoreOptions options;
  options.read_only = true;
  options.create_if_missing = false;
  options.background_threads = false;
  absl::StatusOr<Store> store = Store::Open(directory, options);
  if (absl::IsNotFound(store.status())) {
    return WithAdvice(store.status(),
                      "check the path; `tidemark create` makes a store");
  }
  return store;
}

absl::StatusOr<Store> OpenToWrite(const std::string& directory,
                                  bool is_creating) {
  StoreOptions options;
  options.create_if_missing = is_creating;
  absl::StatusOr<Store> store = Store::Open(directory, options);
  if (absl::IsNotFound(store.status())) {
    return WithAdvice(store.status(),
                      "check the path; `tidemark create` makes a store");
  }
  if (!store.ok()) return store;
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
  if (absl::IsNotFound(partition.status())) {
    return WithAdvice(partition.status(),
                      fmt::format("the topic's partitions are 0 to {}",
                                  topic.partition_count() - 1));
  }
  return partition;
}

}  // namespace tidemark::cli
