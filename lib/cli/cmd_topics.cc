#include <memory>
#include <string>
#include <vector>

#include "command.h"
#include "problems.h"
#include "quantities.h"
#include "store_access.h"
#include "text_table.h"
#include "topic_text.h"

namespace tidemark::cli {
namespace {

struct TopicsArguments {
  std::string store;
  bool is_long = false;
};

absl::StatusOr<ExitCode> RunTopics(const TopicsArguments& arguments,
                                   Output& out) {
  absl::StatusOr<Store> store = OpenToRead(arguments.store);
  if (!store.ok()) return store.status();
  const absl::StatusOr<std::vector<std::string>> names = store->ListTopics();
  if (!names.ok()) return names.status();
  if (!arguments.is_long) {
    for (const std::string& name : *names) out.Print("{}\n", name);
    return ExitCode::kOk;
  }
  TextTable table({"TOPIC", "PARTITIONS", "ACK", "COMPRESSION", "PARTITIONER",
                   "RETENTION"});
  Problems problems("topics");
  for (const std::string& name : *names) {
    const absl::StatusOr<Topic> topic = OpenTopic(*store, name);
    if (!topic.ok()) {
      table.AddRow({name, "-", "-", "-", "-", "-"});
      problems.Add(topic.status());
      continue;
    }
    const TopicOptions options = topic->options();
    table.AddRow(
        {name, std::to_string(topic->partition_count()), AckName(options.ack),
         std::string(CompressionName(options.compression)),
         PartitionerName(options.partitioner), RetentionText(options)});
  }
  table.Print(out);
  problems.Tell();
  return problems.code();
}

}  // namespace

void AddTopics(CLI::App& app, Action* action) {
  CLI::App* command = app.add_subcommand("topics", "List the topics");
  auto arguments = std::make_shared<TopicsArguments>();
  AddStoreArgument(*command, arguments->store);
  command->add_flag("-l,--long", arguments->is_long,
                    "Show how each topic was made");
  command->footer("Example: tidemark topics /var/lib/app/log --long");
  command->callback([arguments, action] {
    *action = [arguments](Output& out) { return RunTopics(*arguments, out); };
  });
}

}  // namespace tidemark::cli
