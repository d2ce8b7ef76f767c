#include <fmt/core.h>

#include <memory>
#include <string>
#include <vector>

#include "command.h"
#include "quantities.h"
#include "store_access.h"
#include "text_table.h"
#include "tidemark/segment.h"
#include "topic_text.h"

namespace tidemark::cli {
namespace {

struct DescribeArguments {
  std::string store;
  std::string topic;
  bool is_brief = false;
};

void PrintOptions(const Topic& topic, Output& out) {
  const TopicOptions options = topic.options();
  const auto line = [&](std::string_view name, const std::string& value) {
    out.Print("  {:<17} {}\n", name, value);
  };
  out.Print("topic {}\n", topic.name());
  line("partitions", std::to_string(topic.partition_count()));
  line("partitioner", PartitionerName(options.partitioner));
  line("ack", AckName(options.ack));
  line("compression", std::string(CompressionName(options.compression)));
  line("record bytes max", ShowBytes(options.record_bytes_max));
  line("batch bytes", ShowBytes(options.batch_bytes));
  line("segment bytes", ShowBytes(options.segment_bytes));
  line("segment age", ShowAge(options.segment_age));
  line("retention", RetentionText(options));
}

// Adds a row for each segment and returns the bytes of their files.
uint64_t AddSegments(const std::vector<Segment>& segments, TextTable* table) {
  uint64_t bytes = 0;
  for (const Segment& segment : segments) {
    bytes += segment.size();
    table->AddRow(
        {segment.file(), ShowCount(segment.base_offset()),
         ShowCount(segment.next_offset()), ShowCount(segment.record_count()),
         ShowCount(segment.batch_count()), ShowCount(segment.size()),
         segment.is_sealed() ? "sealed" : "open",
         segment.min_time().has_value() ? ShowTime(*segment.min_time()) : "-",
         segment.max_time().has_value() ? ShowTime(*segment.max_time()) : "-"});
  }
  return bytes;
}

absl::StatusOr<ExitCode> RunDescribe(const DescribeArguments& arguments,
                                     Output& out) {
  absl::StatusOr<Store> store = OpenToRead(arguments.store);
  if (!store.ok()) return store.status();
  const absl::StatusOr<Topic> topic = OpenTopic(*store, arguments.topic);
  if (!topic.ok()) return topic.status();
  PrintOptions(*topic, out);
  TextTable partitions({"PARTITION", "START", "DURABLE", "WRITTEN", "STABLE",
                        "END", "SEGMENTS", "BYTES"});
  TextTable files({"SEGMENT", "BASE", "NEXT", "RECORDS", "BATCHES", "BYTES",
                   "STATE", "EARLIEST", "LATEST"});
  for (PartitionNumber i = 0; i < topic->partition_count(); ++i) {
    const absl::StatusOr<Partition> partition = OpenPartition(*topic, i);
    if (!partition.ok()) return partition.status();
    const absl::StatusOr<std::vector<Segment>> segments = partition->segments();
    if (!segments.ok()) return segments.status();
    const Marks marks = partition->marks();
    const uint64_t bytes = AddSegments(*segments, &files);
    partitions.AddRow({std::to_string(i), ShowCount(marks.start),
                       ShowCount(marks.durable), ShowCount(marks.written),
                       ShowCount(marks.stable), ShowCount(marks.end),
                       ShowCount(segments->size()), ShowCount(bytes)});
  }
  out.Write("\n");
  partitions.Print(out, 2);
  if (!arguments.is_brief) {
    out.Write("\n");
    files.Print(out, 2);
  }
  return ExitCode::kOk;
}

}  // namespace

void AddDescribe(CLI::App& app, Action* action) {
  CLI::App* command = app.add_subcommand(
      "describe", "Show a topic's options, marks and segments");
  auto arguments = std::make_shared<DescribeArguments>();
  AddStoreArgument(*command, arguments->store);
  AddTopicArgument(*command, arguments->topic);
  command->add_flag("--brief", arguments->is_brief, "Leave out the segments");
  command->footer("Example: tidemark describe /var/lib/app/log orders");
  command->callback([arguments, action] {
    *action = [arguments](Output& out) { return RunDescribe(*arguments, out); };
  });
}

}  // namespace tidemark::cli
