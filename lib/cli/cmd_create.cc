#include <filesystem>
#include <memory>
#include <string>

#include "advice.h"
#include "command.h"
#include "quantities.h"
#include "store_access.h"
#include "tidemark/testing/manual_clock.h"
#include "tidemark/testing/memory_env.h"
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

// Sets a field of `*options` to what `parse` makes of `text`, if there is any.
template <typename Field, typename Parse>
void Take(const char* option, const std::string& text, Parse parse, Field field,
          TopicOptions* options, absl::Status* status) {
  if (text.empty()) return;
  const auto parsed = parse(text);
  if (!parsed.ok()) {
    status->Update(OfOption(parsed.status(), option, text));
    return;
  }
  options->*field = *parsed;
  // With nothing else in it, whatever is refused is this option.
  TopicOptions alone;
  alone.*field = *parsed;
  const absl::Status refusal = ValidateTopicOptions(alone);
  if (!refusal.ok()) status->Update(OfOption(refusal, option, text));
}

absl::StatusOr<TopicOptions> OptionsFrom(const CreateArguments& arguments) {
  TopicOptions options;
  absl::Status status;
  const auto take = [&](const char* option, const std::string& text, auto parse,
                        auto field) {
    Take(option, text, parse, field, &options, &status);
  };
  take(
      "--partitions", std::to_string(arguments.partitions),
      [&](const std::string&) -> absl::StatusOr<PartitionNumber> {
        return arguments.partitions;
      },
      &TopicOptions::partitions);
  take("--ack", arguments.ack, ParseAck, &TopicOptions::ack);
  take("--compression", arguments.compression, ParseCompression,
       &TopicOptions::compression);
  take("--partitioner", arguments.partitioner, ParsePartitioner,
       &TopicOptions::partitioner);
  take("--record-bytes-max", arguments.record_bytes_max, ParseBytes,
       &TopicOptions::record_bytes_max);
  take("--batch-bytes", arguments.batch_bytes, ParseBytes,
       &TopicOptions::batch_bytes);
  take("--segment-bytes", arguments.segment_bytes, ParseBytes,
       &TopicOptions::segment_bytes);
  take("--segment-age", arguments.segment_age, ParseAge,
       &TopicOptions::segment_age);
  take("--retention-bytes", arguments.retention_bytes, ParseBytes,
       &TopicOptions::retention_bytes);
  take("--retention-age", arguments.retention_age, ParseAge,
       &TopicOptions::retention_age);
  if (!status.ok()) return status;
  status = ValidateTopicOptions(options);
  if (!status.ok()) return status;
  return options;
}

// Makes the topic in a store in memory, which refuses what a real one would.
absl::Status Rehearse(const std::string& topic, TopicOptions options) {
  options.partitions = 1;
  MemoryEnv env;
  ManualClock clock;
  absl::StatusOr<Store> store =
      Store::Open("/store", StoreOptions::Test(env, clock));
  if (!store.ok()) return store.status();
  const absl::Status status = store->CreateTopic(topic, options).status();
  if (!absl::IsInvalidArgument(status)) return status;
  return WithAdvice(status, "choose another name, such as orders or app.v2");
}

absl::StatusOr<ExitCode> RunCreate(const CreateArguments& arguments,
                                   Output& out) {
  const absl::StatusOr<TopicOptions> options = OptionsFrom(arguments);
  if (!options.ok()) return options.status();
  const absl::Status rehearsed = Rehearse(arguments.topic, *options);
  if (!rehearsed.ok()) return rehearsed;
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
