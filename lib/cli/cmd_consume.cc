#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "advice.h"
#include "command.h"
#include "quantities.h"
#include "record_text.h"
#include "reopening_cursor.h"
#include "stop_signals.h"
#include "store_access.h"
#include "tidemark/error.h"

namespace tidemark::cli {
namespace {

// How long --follow waits before it looks for records again.
constexpr absl::Duration kLookInterval = absl::Milliseconds(200);

// So many attempts in a row may fail: files can vanish while they are read.
constexpr int kReopenFailuresMax = 10;

struct ConsumeArguments {
  std::string store;
  std::string topic;
  std::string format = "plain";
  std::string separator = "\t";
  std::string null_text;
  std::string from = "begin";
  std::optional<PartitionNumber> partition;
  uint64_t records_max = std::numeric_limits<uint64_t>::max();
  bool is_following = false;
  bool is_durable_only = false;
  bool is_skipping_damage = false;
};

absl::StatusOr<RecordFormat> ParseFormat(const std::string& name) {
  if (name == "plain") return RecordFormat::kPlain;
  if (name == "key-value") return RecordFormat::kKeyValue;
  if (name == "json") return RecordFormat::kJson;
  return absl::InvalidArgumentError(
      "not a format; take plain, key-value or json");
}

// `has_one_log`: an offset means one place.
absl::StatusOr<Start> ParseFrom(const std::string& text, bool has_one_log) {
  if (text == "begin") return Start::Begin();
  if (text == "end") return Start::End();
  if (text.find_first_not_of("0123456789") == std::string::npos &&
      !text.empty() && text.size() < 19) {
    if (!has_one_log) {
      return absl::InvalidArgumentError(
          "an offset belongs to one partition\nname it with --partition");
    }
    return Start::AtOffset(std::stoll(text));
  }
  const absl::StatusOr<absl::Time> time = ParseTime(text);
  if (time.ok()) return Start::AtTime(*time);
  return absl::InvalidArgumentError(
      "not a place to begin; take begin, end, an offset, or an RFC 3339 time "
      "such as 2025-01-31T13:00:00Z");
}

// Prints what a cursor reads until it is told to stop or has seen it all.
class Consumer {
 public:
  Consumer(const ConsumeArguments& arguments, RecordTextOptions text,
           ReopeningCursor reader, Output& out)
      : arguments_(arguments),
        text_(std::move(text)),
        reader_(std::move(reader)),
        out_(out),
        left_(arguments.records_max) {}

  // Up to the end that the log has now.
  absl::Status ReadToEnd();
  // And whatever comes, until a signal.
  absl::Status Follow();

  bool has_skipped() const { return has_skipped_; }

 private:
  // Polls once, prints, and returns how many records there were.
  absl::StatusOr<size_t> Step(absl::Duration timeout);
  absl::Status SkipDamage(const absl::Status& status);
  bool IsAtEnd();
  absl::Status NoteEnds();
  absl::Status Reopen();

  const ConsumeArguments& arguments_;
  const RecordTextOptions text_;
  ReopeningCursor reader_;
  Output& out_;
  uint64_t left_;
  std::map<PartitionNumber, Offset> ends_;  // nothing is printed behind them
  bool has_skipped_ = false;
  int reopen_failures_ = 0;
};

absl::Status Consumer::SkipDamage(const absl::Status& status) {
  const std::optional<OffsetGap> gap = DamagedGap(status);
  if (!arguments_.is_skipping_damage || !gap.has_value()) return status;
  has_skipped_ = true;
  PrintToPerson(fmt::format("tidemark: {}\n  skipped to offset {}",
                            std::string(status.message()), gap->to));
  return reader_.cursor().Seek({gap->topic, gap->partition},
                               Start::AtOffset(gap->to));
}

absl::StatusOr<size_t> Consumer::Step(absl::Duration timeout) {
  PollOptions options;
  options.timeout = timeout;
  options.records_max =
      static_cast<size_t>(std::min<uint64_t>(left_, SIZE_MAX));
  const absl::StatusOr<Records> records = reader_.cursor().Poll(options);
  if (!records.ok()) {
    const absl::Status status = SkipDamage(records.status());
    if (!status.ok()) return status;
    return 1;
  }
  std::string text;
  for (const RecordView& record : *records) {
    const auto end = ends_.find(record.partition());
    if (end != ends_.end() && record.offset() >= end->second) continue;
    AppendRecordText(record, text_, &text);
    --left_;
  }
  out_.Write(text);
  if (!out_.status().ok()) return out_.status();
  return records->size();
}

absl::Status Consumer::NoteEnds() {
  const absl::StatusOr<Topic> topic =
      OpenTopic(reader_.store(), arguments_.topic);
  if (!topic.ok()) return topic.status();
  for (const TopicPartition& read : reader_.cursor().partitions()) {
    const absl::StatusOr<Partition> partition =
        topic->partition(read.partition);
    if (!partition.ok()) return partition.status();
    const Marks marks = partition->marks();
    ends_[read.partition] = std::min(
        marks.stable, arguments_.is_durable_only ? marks.durable : marks.end);
  }
  return absl::OkStatus();
}

bool Consumer::IsAtEnd() {
  const Positions& positions = reader_.cursor().positions();
  return std::all_of(ends_.begin(), ends_.end(), [&](const auto& end) {
    const Positions::Entry* const place =
        positions.Find(arguments_.topic, end.first);
    return place == nullptr || place->offset >= end.second;
  });
}

absl::Status Consumer::ReadToEnd() {
  const absl::Status noted = NoteEnds();
  if (!noted.ok()) return noted;
  while (left_ > 0) {
    const absl::StatusOr<size_t> count = Step(absl::ZeroDuration());
    if (!count.ok()) return count.status();
    if (*count == 0 || IsAtEnd()) break;
  }
  return absl::OkStatus();
}

absl::Status Consumer::Reopen() {
  const absl::Status status = reader_.Reopen();
  reopen_failures_ = status.ok() ? 0 : reopen_failures_ + 1;
  return reopen_failures_ < kReopenFailuresMax ? absl::OkStatus() : status;
}

absl::Status Consumer::Follow() {
  while (left_ > 0 && !IsStopRequested()) {
    const absl::StatusOr<size_t> count = Step(kLookInterval);
    if (!count.ok()) return count.status();
    const absl::Status flushed = out_.Flush();
    if (!flushed.ok()) return flushed;
    if (*count > 0) continue;
    const absl::Status reopened = Reopen();
    if (!reopened.ok()) return reopened;
  }
  return absl::OkStatus();
}

absl::StatusOr<CursorOptions> CursorOptionsFrom(
    const ConsumeArguments& arguments) {
  absl::StatusOr<Store> store = OpenToRead(arguments.store);
  if (!store.ok()) return store.status();
  const absl::StatusOr<Topic> topic = OpenTopic(*store, arguments.topic);
  if (!topic.ok()) return topic.status();
  if (arguments.partition.has_value()) {
    const auto partition = OpenPartition(*topic, *arguments.partition);
    if (!partition.ok()) return partition.status();
  }
  const absl::StatusOr<Start> start =
      ParseFrom(arguments.from, arguments.partition.has_value() ||
                                    topic->partition_count() == 1);
  if (!start.ok()) {
    return OfOption(start.status(), "--from", arguments.from);
  }
  CursorOptions options{.start = *start};
  if (arguments.partition.has_value()) {
    options.partitions = {{arguments.topic, *arguments.partition}};
  } else {
    options.topics = {arguments.topic};
  }
  if (arguments.is_durable_only) options.visibility = Visibility::kDurable;
  return options;
}

absl::StatusOr<ExitCode> RunConsume(const ConsumeArguments& arguments,
                                    Output& out) {
  const absl::StatusOr<RecordFormat> format = ParseFormat(arguments.format);
  if (!format.ok()) {
    return OfOption(format.status(), "--format", arguments.format);
  }
  if (arguments.is_following) CatchStopSignals();
  const absl::StatusOr<CursorOptions> options = CursorOptionsFrom(arguments);
  if (!options.ok()) return options.status();
  absl::StatusOr<ReopeningCursor> reader =
      ReopeningCursor::Open(arguments.store, *options);
  if (!reader.ok()) return reader.status();
  Consumer consumer(arguments,
                    {*format, arguments.separator, arguments.null_text},
                    *std::move(reader), out);
  const absl::Status status =
      arguments.is_following ? consumer.Follow() : consumer.ReadToEnd();
  if (!status.ok()) return status;
  return consumer.has_skipped() ? ExitCode::kDamage : ExitCode::kOk;
}

}  // namespace

void AddConsume(CLI::App& app, Action* action) {
  CLI::App* command = app.add_subcommand("consume", "Print a topic's records");
  auto arguments = std::make_shared<ConsumeArguments>();
  AddStoreArgument(*command, arguments->store);
  AddTopicArgument(*command, arguments->topic);
  command->add_flag("--follow", arguments->is_following,
                    "Go on with new records until a signal");
  command
      ->add_option("--from", arguments->from,
                   "begin (default), end, an offset or an RFC 3339 time")
      ->option_text("PLACE");
  command->add_option("--partition", arguments->partition, "Only this one")
      ->option_text("N");
  command
      ->add_option("--max", arguments->records_max, "At most so many records")
      ->check([](const std::string& text) { return RefuseNumber(text); })
      ->option_text("N");
  command
      ->add_option("--format", arguments->format,
                   "plain (default), key-value or json")
      ->option_text("FORMAT");
  command
      ->add_option("--separator", arguments->separator,
                   "Between key and value (a tab)")
      ->option_text("TEXT");
  command
      ->add_option("--null", arguments->null_text,
                   "Instead of a null key or value (nothing)")
      ->option_text("TEXT");
  command->add_flag("--durable", arguments->is_durable_only,
                    "Only what a loss of power cannot take back");
  command->add_flag("--skip-damage", arguments->is_skipping_damage,
                    "Report damaged records and go on behind them");
  command->footer(
      "Example: tidemark consume /var/lib/app/log orders --from "
      "2025-01-31T13:00:00Z");
  command->callback([arguments, action] {
    *action = [arguments](Output& out) { return RunConsume(*arguments, out); };
  });
}

}  // namespace tidemark::cli
