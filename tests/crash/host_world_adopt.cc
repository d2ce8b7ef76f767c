#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "crash/host_world.h"
#include "tidemark/consumer_cursor.h"

// The end of a process, and what the next one finds.
namespace tidemark::test {

void HostWorld::Read(const std::string& name, PartitionNumber number) {
  HostTopic* const topic = FindLog(name, number);
  if (topic == nullptr) return;
  const auto partition = OpenPartition(*topic, number);
  if (!partition.ok()) return;
  const auto& values = *topic->values.at(static_cast<size_t>(number));
  const Marks marks = partition->marks();
  for (Offset from = marks.start; from < marks.end;) {
    const auto records = Call([&] { return partition->Read(from); });
    if (!IsOk("read", records.status())) return;
    if (records->empty()) NoteBroken("I3: nothing before the end");
    if (records->empty()) return;
    for (const RecordView& record : *records) {
      if (record.offset() != from ||
          record.value() != values.at(static_cast<size_t>(from))) {
        NoteBroken(fmt::format("I2: a strange record at {}", from));
        return;
      }
      ++from;
    }
  }
}

void HostWorld::Try(std::string_view step,
                    absl::FunctionRef<absl::Status(Store&)> call) {
  if (!store().has_value()) return;
  IsOk(step, Call([&] { return call(*store_); }));
}

void HostWorld::PowerCut() {
  RestartMachine();
  DropHandles();
  Adopt(CrashKind::kPower);
}

void HostWorld::Kill() {
  machine().AbandonLocks();
  DropHandles();
  Adopt(CrashKind::kProcess);
}

void HostWorld::CheckState(std::string_view when, MemoryEnv& machine,
                           CrashKind kind, CheckDepth depth) {
  const absl::Status status =
      CheckAfterCrash(machine, Expect(), kind, depth, make_options_);
  if (!status.ok()) {
    NoteBroken(fmt::format("{}: {}", when, std::string(status.message())));
  }
}

void HostWorld::Adopt(CrashKind kind) {
  BeforeAdopt();
  const auto copy = machine().CopyCurrent();
  CheckState("found", *copy, kind, CheckDepth::kRead);
  if (kind == CrashKind::kPower) {
    for (auto& [name, topic] : topics_) {
      for (ExpectedLog& log : topic.expected.logs) {
        log.process_end = log.durable_end;
      }
    }
    Changed();
  }
  Open();
  if (!store_.has_value()) return;
  const auto names = Call([&] { return store_->ListTopics(); });
  if (!IsOk("list", names.status())) return;
  for (auto topic = topics_.begin(); topic != topics_.end();) {
    const bool is_there =
        std::find(names->begin(), names->end(), topic->first) != names->end();
    if (!is_there) {
      topic = topics_.erase(topic);
      continue;
    }
    if (AdoptTopic(topic->second)) topic->second.expected.may_be_absent = false;
    ++topic;
  }
  ghosts_.clear();
  AdoptCommits();
  Changed();
  Believe();
}

bool HostWorld::AdoptTopic(HostTopic& topic) {
  auto opened = Call([&] { return store_->OpenTopic(topic.expected.name); });
  if (!IsOk("topic", opened.status())) return false;
  Topic handle = *std::move(opened);
  const PartitionNumber count = handle.partition_count();
  AddLogs(topic, count);
  for (PartitionNumber n = 0; n < count; ++n) {
    const auto partition = Call([&] { return handle.partition(n); });
    if (!IsOk("partition", partition.status())) return false;
    const Marks marks = partition->marks();
    const auto index = static_cast<size_t>(n);
    ExpectedLog& log = topic.expected.logs[index];
    for (const std::string& value : topic.doubtful[n]) {
      topic.values[index]->push_back(value);
      ++log.submitted;
    }
    topic.doubtful.erase(n);
    if (marks.end > log.submitted) {
      NoteBroken("I4: more records than were submitted");
      return false;
    }
    topic.values[index]->resize(static_cast<size_t>(marks.end));
    log.submitted = marks.end;
    log.process_end = marks.end;
    log.durable_end = std::min(log.durable_end, marks.end);
    log.trim_asked = log.trim_done = marks.start;
  }
  topic.expected.partitions_min = count;
  topic.expected.logs.resize(static_cast<size_t>(count));
  topic.values.resize(static_cast<size_t>(count));
  topic.handle = std::move(handle);
  Changed();
  return true;
}

void HostWorld::AdoptCommits() {
  for (ExpectedCommit& commit : commits_) {
    const CursorOptions options{.topics = {commit.topic},
                                .start = Start::Committed(Start::Begin()),
                                .name = commit.cursor};
    const auto cursor =
        Call([&] { return ConsumerCursor::Open(*store_, options); });
    if (!IsOk("cursor", cursor.status())) continue;
    const auto committed = Call([&] { return cursor->committed(); });
    if (!IsOk("committed", committed.status())) continue;
    const Positions::Entry* const entry =
        committed->Find(commit.topic, commit.partition);
    const Offset offset = entry == nullptr ? -1 : entry->offset;
    if (is_found_kept()) commit.acknowledged = offset;
    commit.asked = std::max(commit.acknowledged, offset);
  }
}

}  // namespace tidemark::test
