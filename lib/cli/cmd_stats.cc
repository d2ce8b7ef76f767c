#include <fmt/core.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "command.h"
#include "named_cursors.h"
#include "problems.h"
#include "quantities.h"
#include "recovered_damage.h"
#include "store_access.h"
#include "text_table.h"
#include "tidemark/cursor_files.h"
#include "tidemark/segment.h"

namespace tidemark::cli {
namespace {

using Json = nlohmann::ordered_json;

struct StatsArguments {
  std::string store;
  bool is_json = false;
};

struct PartitionStats {
  TopicPartition name;
  Marks marks;
  uint64_t segment_count = 0;
  uint64_t record_count = 0;  // in the segments, trimmed ones included
  uint64_t data_bytes = 0;    // batches and headers
  uint64_t file_bytes = 0;    // reserved storage included
  uint64_t damaged_ranges = 0;

  double bytes_per_record() const {
    return record_count == 0 ? 0
                             : static_cast<double>(data_bytes) /
                                   static_cast<double>(record_count);
  }
};

struct CursorStats {
  std::string name;
  TopicPartition partition;
  Offset committed = 0;
  Offset end = 0;
};

struct StoreStats {
  StoreHealth health;
  RecoveryReport recovery;
  std::vector<PartitionStats> partitions;
  std::vector<CursorStats> cursors;
  Problems problems{"stats"};
};

absl::StatusOr<PartitionStats> StatsOf(const Topic& topic,
                                       PartitionNumber number) {
  const absl::StatusOr<Partition> partition = OpenPartition(topic, number);
  if (!partition.ok()) return partition.status();
  const absl::StatusOr<std::vector<Segment>> segments = partition->segments();
  if (!segments.ok()) return segments.status();
  PartitionStats stats;
  stats.name = {std::string(topic.name()), number};
  stats.marks = partition->marks();
  stats.segment_count = segments->size();
  for (const Segment& segment : *segments) {
    stats.record_count += segment.record_count();
    stats.data_bytes += segment.data_end();
    stats.file_bytes += segment.size();
  }
  return stats;
}

void CollectPartitions(Store& store, const std::vector<std::string>& names,
                       StoreStats* stats) {
  for (const std::string& name : names) {
    const absl::StatusOr<Topic> topic = OpenTopic(store, name);
    stats->problems.Add(topic.status());
    if (!topic.ok()) continue;
    for (PartitionNumber i = 0; i < topic->partition_count(); ++i) {
      absl::StatusOr<PartitionStats> partition = StatsOf(*topic, i);
      stats->problems.Add(partition.status());
      if (partition.ok()) stats->partitions.push_back(*std::move(partition));
    }
  }
}

absl::Status CollectCursors(Store& store, StoreStats* stats) {
  const absl::StatusOr<std::vector<std::string>> names = ListCursors(store);
  if (!names.ok()) return names.status();
  std::map<TopicPartition, Offset> ends;
  std::vector<TopicPartition> partitions;
  for (const PartitionStats& partition : stats->partitions) {
    ends[partition.name] = partition.marks.end;
    partitions.push_back(partition.name);
  }
  for (const std::string& name : *names) {
    VisitCommits(store, name, partitions, [&](const auto& commit) {
      stats->problems.Add(commit.status());
      if (!commit.ok()) return;
      const TopicPartition partition = {commit->topic, commit->partition};
      stats->cursors.push_back(
          {name, partition, commit->offset, ends[partition]});
    });
  }
  return absl::OkStatus();
}

absl::StatusOr<StoreStats> Collect(const std::string& directory) {
  absl::StatusOr<Store> store = OpenToRead(directory);
  if (!store.ok()) return store.status();
  const absl::StatusOr<std::vector<std::string>> names = store->ListTopics();
  if (!names.ok()) return names.status();
  StoreStats stats;
  CollectPartitions(*store, *names, &stats);
  stats.problems.Add(CollectCursors(*store, &stats));
  stats.health = store->health();
  stats.recovery = store->recovery();
  for (PartitionStats& partition : stats.partitions) {
    partition.damaged_ranges = RecoveryOf(stats.recovery, partition.name.topic,
                                          partition.name.partition)
                                   .damage.size();
  }
  return stats;
}

// Opening to read looks at no memory of an owner that died.
std::string ArenaText(const RecoveryReport& recovery) {
  return recovery.is_clean || recovery.arena != ArenaOutcome::kNone
             ? ToString(recovery.arena)
             : "not looked at";
}

void PrintText(const StoreStats& stats, Output& out) {
  out.Print("last close  {}\n",
            stats.recovery.is_clean ? "clean" : "not clean, or still open");
  out.Print("arena       {}{}\n", ArenaText(stats.recovery),
            stats.recovery.is_clean
                ? ""
                : ": if the owner died, the next open for writing takes over "
                  "its records");
  out.Print("health      {}\n",
            stats.health.status.ok()
                ? "ok"
                : std::string(stats.health.status.message()));
  for (const std::string& warning : stats.health.warnings) {
    out.Print("warning     {}\n", warning);
  }
  TextTable table({"TOPIC", "PARTITION", "RECORDS", "BYTES", "B/RECORD",
                   "FILES", "DISK", "START", "DURABLE", "WRITTEN", "END",
                   "DAMAGE"});
  for (const PartitionStats& partition : stats.partitions) {
    const Marks& marks = partition.marks;
    table.AddRow(
        {partition.name.topic, std::to_string(partition.name.partition),
         ShowCount(marks.end - marks.start), ShowCount(partition.data_bytes),
         fmt::format("{:.1f}", partition.bytes_per_record()),
         ShowCount(partition.segment_count), ShowCount(partition.file_bytes),
         ShowCount(marks.start), ShowCount(marks.durable),
         ShowCount(marks.written), ShowCount(marks.end),
         ShowCount(partition.damaged_ranges)});
  }
  out.Write("\n");
  table.Print(out);
  if (stats.cursors.empty()) return;
  TextTable cursors({"CURSOR", "TOPIC", "PARTITION", "COMMITTED", "LAG"});
  for (const CursorStats& cursor : stats.cursors) {
    cursors.AddRow(
        {cursor.name, cursor.partition.topic,
         std::to_string(cursor.partition.partition),
         ShowCount(cursor.committed),
         ShowCount(std::max<Offset>(cursor.end - cursor.committed, 0))});
  }
  out.Write("\n");
  cursors.Print(out);
}

void PrintJson(const StoreStats& stats, Output& out) {
  Json root;
  root["is_clean"] = stats.recovery.is_clean;
  root["arena"] = ArenaText(stats.recovery);
  root["health"] = stats.health.status.ok()
                       ? "ok"
                       : std::string(stats.health.status.message());
  root["warnings"] = stats.health.warnings;
  root["problems"] = stats.problems.Messages();
  root["partitions"] = Json::array();
  for (const PartitionStats& partition : stats.partitions) {
    Json entry;
    entry["topic"] = partition.name.topic;
    entry["partition"] = partition.name.partition;
    entry["records"] = partition.marks.end - partition.marks.start;
    entry["bytes"] = partition.data_bytes;
    entry["bytes_per_record"] = partition.bytes_per_record();
    entry["segments"] = partition.segment_count;
    entry["disk_bytes"] = partition.file_bytes;
    entry["start"] = partition.marks.start;
    entry["durable"] = partition.marks.durable;
    entry["written"] = partition.marks.written;
    entry["stable"] = partition.marks.stable;
    entry["end"] = partition.marks.end;
    entry["damaged_ranges"] = partition.damaged_ranges;
    root["partitions"].push_back(std::move(entry));
  }
  root["cursors"] = Json::array();
  for (const CursorStats& cursor : stats.cursors) {
    Json entry;
    entry["name"] = cursor.name;
    entry["topic"] = cursor.partition.topic;
    entry["partition"] = cursor.partition.partition;
    entry["committed"] = cursor.committed;
    entry["lag"] = std::max<Offset>(cursor.end - cursor.committed, 0);
    root["cursors"].push_back(std::move(entry));
  }
  out.Print("{}\n", root.dump(2, ' ', false, Json::error_handler_t::replace));
}

absl::StatusOr<ExitCode> RunStats(const StatsArguments& arguments,
                                  Output& out) {
  const absl::StatusOr<StoreStats> stats = Collect(arguments.store);
  if (!stats.ok()) return stats.status();
  if (arguments.is_json) {
    PrintJson(*stats, out);
  } else {
    PrintText(*stats, out);
  }
  stats->problems.Tell();
  return stats->problems.code();
}

}  // namespace

void AddStats(CLI::App& app, Action* action) {
  CLI::App* command = app.add_subcommand(
      "stats", "Count records and bytes; show marks, lags, health");
  auto arguments = std::make_shared<StatsArguments>();
  AddStoreArgument(*command, arguments->store);
  command->add_flag("--json", arguments->is_json, "One JSON object");
  command->footer(
      "Everything below DURABLE survives a loss of power. BYTES are batches "
      "and\n"
      "headers, DISK is what the files take. What the memory of a running "
      "writer\n"
      "still holds is not in here.\n"
      "\n"
      "Example: tidemark stats /var/lib/app/log --json");
  command->callback([arguments, action] {
    *action = [arguments](Output& out) { return RunStats(*arguments, out); };
  });
}

}  // namespace tidemark::cli
