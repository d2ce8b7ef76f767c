#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>

#include "advice.h"
#include "command.h"
#include "line_reader.h"
#include "progress.h"
#include "quantities.h"
#include "stop_signals.h"
#include "store_access.h"
#include "tidemark/error.h"
#include "topic_text.h"

namespace tidemark::cli {
namespace {

struct ProduceArguments {
  std::string store;
  std::string topic;
  std::optional<std::string> separator;
  std::optional<std::string> null_text;
  std::optional<PartitionNumber> partition;
  std::string ack = "default";
};

// How many bytes standard input has, 0 when that is not known.
uint64_t InputBytes() {
  struct stat input = {};
  if (::fstat(STDIN_FILENO, &input) != 0 || !S_ISREG(input.st_mode)) return 0;
  return static_cast<uint64_t>(input.st_size);
}

// Appends lines to a topic and counts them.
//
// A level of kDisk is reached by one sync for all lines of a call, not by one
// for each. One thread; the topic must stay open.
class LineAppender {
 public:
  LineAppender(Topic topic, std::optional<Partition> partition, Ack ack,
               const ProduceArguments& arguments)
      : topic_(std::move(topic)),
        partition_(std::move(partition)),
        ack_(ack == Ack::kTopicDefault ? topic_.options().ack : ack),
        arguments_(arguments) {}

  // Appends all lines and reaches the level. An error names the line.
  absl::Status Append(const std::vector<std::string_view>& lines);

  uint64_t count() const { return count_; }
  uint64_t bytes() const { return bytes_; }

 private:
  absl::StatusOr<Record> Split(std::string_view line) const;
  absl::Status AppendOne(const Record& record);

  Topic topic_;
  std::optional<Partition> partition_;
  const Ack ack_;
  const ProduceArguments& arguments_;
  uint64_t count_ = 0;
  uint64_t bytes_ = 0;  // of keys and values
};

absl::StatusOr<Record> LineAppender::Split(std::string_view line) const {
  Record record;
  record.value = line;
  if (arguments_.separator.has_value()) {
    const size_t at = line.find(*arguments_.separator);
    if (at == std::string_view::npos) {
      return absl::InvalidArgumentError(
          fmt::format("no separator \"{}\" between key and value\n"
                      "the lines before it are in the log; correct the rest "
                      "and produce from this line on",
                      *arguments_.separator));
    }
    record.key = line.substr(0, at);
    record.value = line.substr(at + arguments_.separator->size());
  }
  if (record.key == arguments_.null_text) record.key.reset();
  if (record.value == arguments_.null_text) record.value.reset();
  return record;
}

absl::Status LineAppender::AppendOne(const Record& record) {
  const Ack ack = ack_ == Ack::kDisk ? Ack::kMemory : ack_;
  return partition_.has_value() ? partition_->Append(record, ack).status()
                                : topic_.Append(record, ack).status();
}

absl::Status LineAppender::Append(const std::vector<std::string_view>& lines) {
  for (const std::string_view line : lines) {
    const absl::StatusOr<Record> record = Split(line);
    const absl::Status status =
        record.ok() ? AppendOne(*record) : record.status();
    if (!status.ok()) {
      return WithMessage(status,
                         fmt::format("standard input line {}: {}", count_ + 1,
                                     std::string(status.message())));
    }
    ++count_;
    bytes_ += record->key.value_or("").size();
    bytes_ += record->value.value_or("").size();
  }
  return ack_ == Ack::kDisk && !lines.empty() ? topic_.Sync()
                                              : absl::OkStatus();
}

absl::Status AppendInput(LineReader& reader, LineAppender* appender) {
  Progress progress("records", InputBytes());
  while (!reader.is_at_end()) {
    const auto lines = reader.Read();
    if (!lines.ok()) return lines.status();
    const absl::Status status = appender->Append(*lines);
    if (!status.ok()) return status;
    progress.Show(appender->count(), reader.bytes_read());
    if (IsStopRequested()) {
      return absl::CancelledError(
          "stopped by a signal before the end of the input\n"
          "the records counted above are in the log");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> RunProduce(const ProduceArguments& arguments,
                                    Output& out) {
  const absl::StatusOr<Ack> ack = ParseAck(arguments.ack);
  if (!ack.ok()) return OfOption(ack.status(), "--ack", arguments.ack);
  CatchStopSignals();
  absl::StatusOr<Store> store = OpenToWrite(arguments.store, false);
  if (!store.ok()) return store.status();
  const absl::StatusOr<Topic> topic = OpenTopic(*store, arguments.topic);
  if (!topic.ok()) return topic.status();
  std::optional<Partition> partition;
  if (arguments.partition.has_value()) {
    absl::StatusOr<Partition> opened =
        OpenPartition(*topic, *arguments.partition);
    if (!opened.ok()) return opened.status();
    partition = *std::move(opened);
  }
  LineAppender appender(*topic, partition, *ack, arguments);
  LineReader reader(STDIN_FILENO, topic->options().record_bytes_max,
                    arguments.separator.value_or("").size());
  const absl::Status appended = AppendInput(reader, &appender);
  const absl::Status closed = store->Close();
  out.Print("appended {}, {}\n", ShowCountOf(appender.count(), "record"),
            ShowBytes(appender.bytes()));
  if (!appended.ok()) return appended;
  if (!closed.ok()) return closed;
  return ExitCode::kOk;
}

}  // namespace

void AddProduce(CLI::App& app, Action* action) {
  CLI::App* command = app.add_subcommand(
      "produce", "Append the lines of standard input to a topic");
  auto arguments = std::make_shared<ProduceArguments>();
  AddStoreArgument(*command, arguments->store);
  AddTopicArgument(*command, arguments->topic);
  command
      ->add_option("--separator", arguments->separator,
                   "Split each line into key and value here")
      ->option_text("TEXT");
  command
      ->add_option("--null", arguments->null_text,
                   "A key or value of this text is null")
      ->option_text("TEXT");
  command
      ->add_option("--partition", arguments->partition,
                   "Append to this one, whatever the key")
      ->option_text("N");
  command
      ->add_option("--ack", arguments->ack,
                   "memory, process, disk or default, the topic's")
      ->option_text("LEVEL");
  command->footer(
      "Prints how many records were appended, also after an error or a stop.\n"
      "\n"
      "Example: printf 'user1:login\\n' | tidemark produce /var/lib/app/log "
      "logins \\\n"
      "             --separator : --ack disk");
  command->callback([arguments, action] {
    *action = [arguments](Output& out) { return RunProduce(*arguments, out); };
  });
}

}  // namespace tidemark::cli
