#include "producer/producer_option_table.h"

#include <fmt/core.h>

#include "base/guard.h"
#include "store/option_rows.h"

namespace tidemark {
inline namespace v0 {
namespace {

using Row = OptionRow<ProducerOptions>;

constexpr uint64_t kRecordsMax = 10000000;

void AddBehaviourRows(std::vector<Row>& rows) {
  rows.push_back(FreeRow<ProducerOptions>(
      {"topic", "The topic to append to.",
       "Always: there is no default. The topic exists before.", "Nothing."},
      "the name of a topic", [](const ProducerOptions& options) {
        return options.topic.empty() ? "empty" : options.topic;
      }));
  rows.push_back(FreeRow<ProducerOptions>(
      {"custom_partitioner",
       "The host's own partitioner, for a topic that was made with one.",
       "When it was not given to `CreateTopic` or `OpenTopic` since the store "
       "was opened. The first one given stays.",
       "Nothing."},
      "a Partitioner of the name that is kept with the topic, or null",
      [](const ProducerOptions& options) {
        return options.custom_partitioner == nullptr ? "null" : "a Partitioner";
      }));
  rows.push_back(ChoiceRow<ProducerOptions, Ack>(
      {"ack",
       "What a delivery report says: `memory`, the record is visible; "
       "`process`, it survives the death of this process; `disk`, it survives "
       "the loss of power.",
       "When this producer needs another level than the topic's.",
       "At `disk` the device is synced again and again while records wait, "
       "once for all of them; at `process` the same holds for a write where "
       "no memory outlives the process."},
      &ProducerOptions::ack,
      {{Ack::kTopicDefault, "topic_default"},
       {Ack::kMemory, "memory"},
       {Ack::kProcess, "process"},
       {Ack::kDisk, "disk"}}));
}

void AddTuningRows(std::vector<Row>& rows) {
  rows.push_back(NumberRow(
      {"outstanding_records_max",
       "How many records may be sent and not yet reported. `Send` waits "
       "there.",
       "Lower to bound what is at risk, or what callbacks hold; higher when "
       "the device takes long for a sync and senders wait.",
       "About 100 bytes for each record that is outstanding, and what its "
       "callback holds."},
      &ProducerOptions::outstanding_records_max, 1, kRecordsMax,
      ZeroMeans::kANumber, ShowCount));
  rows.push_back(NumberRow(
      {"outstanding_bytes_max",
       "How many bytes of records may be sent and not yet reported, counted "
       "as the most that a record may take in the log: key, value, headers "
       "and some 30 bytes. When nothing is outstanding, one call is let "
       "through whatever its size.",
       "As `outstanding_records_max`, for records of very different sizes.",
       "No memory: the records are in the log, not in the producer."},
      &ProducerOptions::outstanding_bytes_max, kKiB, 64 * kGiB,
      ZeroMeans::kANumber, ShowBytes));
  rows.push_back(DurationRow(
      {"send_timeout",
       "How long `Send` waits at these bounds before it fails with "
       "ResourceExhausted.",
       "Shorter where a caller had rather drop a record than wait; 0 never "
       "waits. In a callback, and in a store without threads, it counts as 0.",
       "A long one blocks the caller's thread while the disk hangs."},
      &ProducerOptions::send_timeout, absl::ZeroDuration(),
      absl::InfiniteDuration()));
}

std::vector<Row> MakeRows() {
  std::vector<Row> rows;
  AddBehaviourRows(rows);
  AddTuningRows(rows);
  return rows;
}

}  // namespace

const std::vector<Row>& ProducerOptionTable() {
  static const auto* const table = new std::vector<Row>(MakeRows());
  return *table;
}

absl::Status ValidateProducerOptions(const ProducerOptions& options) {
  return Guarded([&]() -> absl::Status {
    if (options.topic.empty()) {
      return absl::InvalidArgumentError("topic is empty, allowed: a name");
    }
    for (const Row& row : ProducerOptionTable()) {
      if (row.is_in_range == nullptr || row.is_in_range(options)) continue;
      return absl::InvalidArgumentError(fmt::format(
          "{} is {}, allowed: {}", row.name, row.show(options), row.range));
    }
    return absl::OkStatus();
  });
}

}  // namespace v0
}  // namespace tidemark
