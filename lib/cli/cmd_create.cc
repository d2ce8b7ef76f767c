#include <filesystem>
#include <memory>
#include <string>

#include "advice.h"
#include "command.h"
#include "quantities.h"
#include "store_access.h"
#include "topic_text.h"

namespace tidemark::cli {
namespace {

// Absent text keeps the library's default.
struct CreateArguments {
  std::string store;
  std::string topic;
  PartitionNumber partitions = TopicOptions().partitions;
  std::string ack;
  std::string compression;
  std::string partitioner;
  std::string record_bytes_max;
  std::string batch_bytes;
  std::string segment_bytes;
  std::string segment_age;
  std::string retention_bytes;
  std::string retention_age;
};

// Sets `*value` to what `parse` makes of `text`, if there is any.
template <typename Value, typename Parse>
void Take(const std::string& text, Parse parse, Value* value,
          absl::Status* status) {
  if (text.empty()) return;
  const auto parsed = parse(text);
  if (parsed.ok()) {
    *value = *parsed;
  } else {
    status->Update(parsed.status());
  }
}

absl::StatusOr<TopicOptions> OptionsFrom(const CreateArguments& arguments) {
  TopicOptions options;
  absl::Status status;
  options.partitions = arguments.partitions;
  Take(arguments.ack, ParseAck, &options.ack, &status);
  Take(arguments.compression, ParseCompression, &options.compression, &status);
  Take(arguments.partitioner, ParsePartitioner, &options.partitioner, &status);
  Take(arguments.record_bytes_max, ParseBytes, &options.record_bytes_max,
       &status);
  Take(arguments.batch_bytes, ParseBytes, &options.batch_bytes, &status);
  Take(arguments.segment_bytes, ParseBytes, &options.segment_bytes, &status);
  Take(arguments.segment_age, ParseAge, &options.segment_age, &status);
  Take(arguments.retention_bytes, ParseBytes, &options.retention_bytes,
       &status);
  Take(arguments.retention_age, ParseAge, &options.retention_age, &status);
  if (!status.ok()) return status;
  status = ValidateTopicOptions(options);
  if (!status.ok()) return status;
  return options;
}

absl::StatusOr<ExitCode> RunCreate(const CreateArguments& arguments,
                                   Output& out) {
  const absl::StatusOr<TopicOptions> options = OptionsFrom(arguments);
  if (!options.ok()) return options.status();
  std::error_code ignored;
  const bool has_store = std::filesystem::exists(
      std::filesystem::path(arguments.store) / "STORE", ignored);
  absl::StatusOr<Store> store = OpenToWrite(arguments.store, true);
  if (!store.ok()) return store.status();
  if (!has_store) out.Print("created store {}\n", arguments.store);
  const absl::StatusOr<Topic> topic =
      store->CreateTopic(arguments.topic, *options);
  if (absl::IsAlreadyExists(topic.status())) {
    return WithAdvice(topic.status(),
                      "`tidemark describe` shows how the topic was made");
  }
  if (!topic.ok()) return topic.status();
  out.Print("created topic {} with {}\n", arguments.topic,
            ShowCountOf(topic->partition_count(), "partition"));
  const absl::Status closed = store->Close();
  if (!closed.ok()) return closed;
  return ExitCode::kOk;
}

void AddText(CLI::App& command, const char* name, std::string& value,
             const char* takes, const char* what) {
  command.add_option(name, value, what)->option_text(takes);
}

}  // namespace

void AddCreate(CLI::App& app, Action* action) {
  CLI::App* command = app.add_subcommand(
      "create", "Create a topic, and the store if there is none");
  auto arguments = std::make_shared<CreateArguments>();
  AddStoreArgument(*command, arguments->store);
  AddTopicArgument(*command, arguments->topic);
  command
      ->add_option("--partitions", arguments->partitions,
                   "How many partitions (1)")
      ->option_text("N");
  AddText(*command, "--ack", arguments->ack, "LEVEL",
          "Level of appends: process, memory or disk");
  AddText(*command, "--compression", arguments->compression, "CODEC",
          "none, lz4 or zstd");
  AddText(*command, "--partitioner", arguments->partitioner, "KIND",
          "key-hash, kafka-murmur2, round-robin or sticky");
  AddText(*command, "--record-bytes-max", arguments->record_bytes_max, "SIZE",
          "Largest record (1M)");
  AddText(*command, "--batch-bytes", arguments->batch_bytes, "SIZE",
          "Close a batch at this size (64K)");
  AddText(*command, "--segment-bytes", arguments->segment_bytes, "SIZE",
          "Close a segment at this size (64M)");
  AddText(*command, "--segment-age", arguments->segment_age, "AGE",
          "Close a segment of this age (inf)");
  AddText(*command, "--retention-bytes", arguments->retention_bytes, "SIZE",
          "Keep so much of each partition (0: all)");
  AddText(*command, "--retention-age", arguments->retention_age, "AGE",
          "Keep records so long (inf)");
  command->footer(
      "The first of several choices is the default.\n"
      "\n"
      "Example: tidemark create /var/lib/app/log orders --partitions 4 "
      "--ack disk");
  command->callback([arguments, action] {
    *action = [arguments](Output& out) { return RunCreate(*arguments, out); };
  });
}

}  // namespace tidemark::cli
