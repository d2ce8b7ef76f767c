#include "tidemark/store_options.h"

#include <fmt/core.h>

#include <vector>

#include "base/guard.h"
#include "store/layout.h"
#include "store/option_table.h"
#include "store/store_format.h"
#include "store/topic_format.h"
#include "tidemark/partition_options.h"
#include "tidemark/topic_options.h"

namespace tidemark {
inline namespace v0 {
namespace {

template <typename Options>
absl::Status CheckRows(const std::vector<OptionRow<Options>>& rows,
                       const Options& options) {
  for (const OptionRow<Options>& row : rows) {
    if (row.is_in_range == nullptr || row.is_in_range(options)) continue;
    return absl::InvalidArgumentError(fmt::format(
        "{} is {}, allowed: {}", row.name, row.show(options), row.range));
  }
  return absl::OkStatus();
}

bool IsKnown(ProcessDurability durability) {
  switch (durability) {
    case ProcessDurability::kNone:
    case ProcessDurability::kSharedMemory:
    case ProcessDurability::kStoreFile:
    case ProcessDurability::kWriteThrough:
      return true;
  }
  return false;
}

absl::Status CheckMemory(const StoreOptions& options) {
  if (options.process_durability.has_value() &&
      !IsKnown(*options.process_durability)) {
    return absl::InvalidArgumentError(fmt::format(
        "process_durability is {}, allowed: absent, none, shared_memory, "
        "store_file, write_through",
        static_cast<unsigned>(*options.process_durability)));
  }
  const std::string& directory = options.shared_memory_directory;
  if (directory.size() > store_format::kArenaDirectoryMax ||
      directory.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(fmt::format(
        "shared_memory_directory has {} bytes, allowed: at most {}, none of "
        "them 0",
        directory.size(), store_format::kArenaDirectoryMax));
  }
  return absl::OkStatus();
}

absl::Status CheckPartitioner(const TopicOptions& options) {
  const bool is_custom = options.partitioner == PartitionerKind::kCustom;
  if (is_custom != (options.custom_partitioner != nullptr)) {
    return absl::InvalidArgumentError(
        is_custom ? "custom_partitioner is null, partitioner custom needs one"
                  : "custom_partitioner is given, but partitioner is not "
                    "custom");
  }
  if (!is_custom) return absl::OkStatus();
  const size_t size = options.custom_partitioner->name().size();
  if (size == 0 || size > topic_format::kPartitionerNameMax) {
    return absl::InvalidArgumentError(fmt::format(
        "the name of custom_partitioner has {} bytes, allowed: 1 to {}", size,
        topic_format::kPartitionerNameMax));
  }
  return absl::OkStatus();
}

}  // namespace

StoreOptions StoreOptions::Iot() {
  StoreOptions options;
  options.arena_bytes = 1 << 20;
  options.arena_block_bytes = 1024;
  options.unsynced_bytes_max = 1 << 20;
  options.pad_synced_batches = true;
  options.mark_delay = absl::InfiniteDuration();
  return options;
}

StoreOptions StoreOptions::Test(Env& env, Clock& clock) {
  StoreOptions options;
  options.background_threads = false;
  options.process_durability = ProcessDurability::kNone;
  options.lock_timeout = absl::ZeroDuration();
  options.env = &env;
  options.clock = &clock;
  return options;
}

absl::Status ValidateStoreOptions(const StoreOptions& options) {
  return Guarded([&] {
    absl::Status status = CheckRows(StoreOptionTable(), options);
    return status.ok() ? CheckMemory(options) : status;
  });
}

absl::Status ValidatePartitionOptions(const PartitionOptions& options) {
  return Guarded([&] { return CheckRows(PartitionOptionTable(), options); });
}

absl::Status ValidateTopicOptions(const TopicOptions& options) {
  return Guarded([&] {
    absl::Status status = ValidatePartitionOptions(options);
    if (status.ok()) status = CheckRows(TopicOptionTable(), options);
    return status.ok() ? CheckPartitioner(options) : status;
  });
}

absl::Status CheckPartitionCount(PartitionNumber count) {
  TopicOptions options;
  options.partitions = count;
  return CheckRows(TopicOptionTable(), options);
}

}  // namespace v0
}  // namespace tidemark
