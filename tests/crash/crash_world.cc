#include "crash/crash_world.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "crash/state_enumerator.h"
#include "tidemark/consumer_cursor.h"

namespace tidemark::test {

CrashWorld::CrashWorld(Explorer& explorer, MakeOptions make_options,
                       uint64_t seed)
    : explorer_(explorer), make_options_(std::move(make_options)), dice_(seed) {
  machines_.push_back(std::make_unique<MemoryEnv>(seed));
  envs_.push_back(std::make_unique<RecordingEnv>(*machines_.back()));
}

CrashWorld::~CrashWorld() { DropHandles(); }

bool CrashWorld::IsOk(std::string_view step, const absl::Status& status) {
  explorer_.Explore();
  if (status.ok()) return true;
  if (!may_fail_) explorer_.NoteViolation(step, status);
  return false;
}

void CrashWorld::Open() {
  Recording& recording = envs_.back()->recording();
  recording.on_boundary = [this](bool is_sync) {
    explorer_.Visit(envs_.back()->recording().journal, *machines_.back(),
                    Expect(), is_sync);
  };
  auto store = Store::Open(kStorePath, make_options_(*envs_.back(), clock_));
  if (!IsOk("open", store.status())) return;
  store_.emplace(*std::move(store));
}

void CrashWorld::Close() {
  const bool is_closed = IsOk("close", store_->Close());
  if (is_closed) {
    for (auto& [name, topic] : topics_) {
      for (ExpectedLog& log : topic.expected.logs) {
        log.process_end = log.durable_end = log.submitted;
      }
    }
    Changed();
  }
  DropHandles();
}

void CrashWorld::DropHandles() {
  if (!envs_.empty()) envs_.back()->recording().on_boundary = nullptr;
  for (auto& [name, topic] : topics_) topic.handle = Topic();
  store_.reset();
}

const Expectation& CrashWorld::Expect() {
  if (built_version_ == expectation_.version && built_version_ != 0) {
    return expectation_;
  }
  expectation_.topics.clear();
  for (const auto& [name, topic] : topics_) {
    expectation_.topics.push_back(topic.expected);
  }
  for (const ExpectedTopic& ghost : ghosts_) {
    expectation_.topics.push_back(ghost);
  }
  expectation_.commits = commits_;
  built_version_ = expectation_.version;
  return expectation_;
}

void CrashWorld::AddLogs(HostTopic& topic, PartitionNumber count) {
  while (static_cast<PartitionNumber>(topic.values.size()) < count) {
    topic.values.push_back(std::make_shared<std::vector<std::string>>());
    ExpectedLog log;
    log.values = topic.values.back();
    topic.expected.logs.push_back(std::move(log));
  }
}

void CrashWorld::CreateTopic(const std::string& name,
                             const TopicOptions& options) {
  HostTopic& topic = topics_[name];
  topic.generation = ++next_generation_;
  topic.expected.name = name;
  topic.expected.partitions_min = options.partitions;
  topic.has_retention = options.retention_bytes > 0;
  AddLogs(topic, options.partitions);
  Changed();
  auto made = store_->CreateTopic(name, options);
  if (!IsOk("create topic", made.status())) return;
  topic.handle = *std::move(made);
  topic.expected.may_be_absent = false;
  // A topic that was there before under this name is gone for certain.
  std::erase_if(ghosts_, [&name](const ExpectedTopic& ghost) {
    return ghost.name == name;
  });
  Changed();
}

void CrashWorld::DeleteTopic(const std::string& name) {
  const auto found = topics_.find(name);
  found->second.expected.may_be_absent = true;
  Changed();
  const absl::Status status = store_->DeleteTopic(name);
  if (!IsOk("delete topic", status)) return;
  std::erase_if(commits_, [&name](const ExpectedCommit& commit) {
    return commit.topic == name;
  });
  // Its name may not be found any more, in whatever state.
  ExpectedTopic gone = found->second.expected;
  gone.may_be_there = false;
  ghosts_.push_back(std::move(gone));
  topics_.erase(found);
  Changed();
}

void CrashWorld::IncreasePartitions(const std::string& name,
                                    PartitionNumber count) {
  HostTopic& topic = topics_.at(name);
  AddLogs(topic, count);
  Changed();
  if (!IsOk("increase", topic.handle.IncreasePartitions(count))) return;
  topic.expected.partitions_min = count;
  Changed();
}

void CrashWorld::AlterTopic(const std::string& name,
                            const TopicOptions& options) {
  HostTopic& topic = topics_.at(name);
  topic.has_retention |= options.retention_bytes > 0;
  IsOk("alter", topic.handle.Alter(options));
}

ExpectedLog& CrashWorld::Log(const std::string& topic,
                             PartitionNumber partition) {
  return topics_.at(topic).expected.logs.at(static_cast<size_t>(partition));
}

Partition CrashWorld::partition(const std::string& topic,
                                PartitionNumber number) {
  auto partition = topics_.at(topic).handle.partition(number);
  IsOk("partition", partition.status());
  return partition.ok() ? *std::move(partition) : Partition();
}

std::string CrashWorld::NewValue(const std::string& topic,
                                 PartitionNumber partition, size_t size) {
  HostTopic& host = topics_.at(topic);
  auto& values = *host.values.at(static_cast<size_t>(partition));
  std::string value = fmt::format("{}.{}/{}@{}:", topic, host.generation,
                                  partition, values.size());
  while (value.size() < size) {
    value += static_cast<char>('a' + dice_.Below(26));
  }
  values.push_back(value);
  ++host.expected.logs.at(static_cast<size_t>(partition)).submitted;
  Changed();
  return value;
}

void CrashWorld::NoteAppended(ExpectedLog& log, Ack ack) {
  const bool is_kept =
      store_->Durability() != ProcessDurability::kNone || ack == Ack::kDisk;
  if (ack != Ack::kMemory && is_kept) log.process_end = log.submitted;
  if (ack == Ack::kDisk) log.durable_end = log.submitted;
  Changed();
}

void CrashWorld::Append(const std::string& topic, PartitionNumber number,
                        int count, size_t size, Ack ack) {
  Partition to = partition(topic, number);
  for (int i = 0; i < count; ++i) {
    const std::string value = NewValue(topic, number, size);
    const auto offset = to.Append({.value = value}, ack);
    if (!IsOk("append", offset.status())) return;
    NoteAppended(Log(topic, number), ack);
  }
  Believe();
}

void CrashWorld::AppendBatch(const std::string& topic, PartitionNumber number,
                             int count, size_t size, Ack ack) {
  Partition to = partition(topic, number);
  std::vector<std::string> values;
  for (int i = 0; i < count; ++i) {
    values.push_back(NewValue(topic, number, size));
  }
  std::vector<Record> records;
  for (const std::string& value : values) records.push_back({.value = value});
  const auto offset = to.Append(records, ack);
  if (!IsOk("append", offset.status())) return;
  NoteAppended(Log(topic, number), ack);
  Believe();
}

void CrashWorld::Believe() {
  for (auto& [name, topic] : topics_) {
    for (PartitionNumber n = 0; n < topic.handle.partition_count(); ++n) {
      const Marks marks = partition(name, n).marks();
      ExpectedLog& log = Log(name, n);
      log.durable_end = std::max(log.durable_end, marks.durable);
      log.process_end = std::max(log.process_end, marks.durable);
    }
  }
  Changed();
}

void CrashWorld::Sync() {
  if (!IsOk("sync", store_->Sync())) return;
  for (auto& [name, topic] : topics_) {
    for (ExpectedLog& log : topic.expected.logs) {
      log.durable_end = log.process_end = log.submitted;
    }
  }
  Changed();
}

void CrashWorld::SyncPartition(const std::string& topic,
                               PartitionNumber number) {
  if (!IsOk("sync", partition(topic, number).Sync())) return;
  ExpectedLog& log = Log(topic, number);
  log.durable_end = log.process_end = log.submitted;
  Changed();
}

void CrashWorld::Maintain(absl::Duration pause) {
  clock_.Advance(pause);
  for (auto& [name, topic] : topics_) {
    if (!topic.has_retention) continue;
    for (ExpectedLog& log : topic.expected.logs) log.trim_asked = log.submitted;
  }
  Changed();
  if (!IsOk("maintain", store_->RunMaintenance(clock_.Now()))) return;
  for (auto& [name, topic] : topics_) {
    for (PartitionNumber n = 0; n < topic.handle.partition_count(); ++n) {
      const Offset start = partition(name, n).marks().start;
      Log(name, n).trim_asked = Log(name, n).trim_done = start;
    }
  }
  Believe();
}

void CrashWorld::Trim(const std::string& topic, PartitionNumber number,
                      Offset offset) {
  ExpectedLog& log = Log(topic, number);
  log.trim_asked = std::max(log.trim_asked, offset);
  Changed();
  if (!IsOk("trim", partition(topic, number).TrimBefore(offset))) return;
  log.trim_done = std::max(log.trim_done, offset);
  Believe();
}

void CrashWorld::Commit(const std::string& cursor, const std::string& topic,
                        PartitionNumber number, Offset offset) {
  auto known = std::find_if(
      commits_.begin(), commits_.end(), [&](const ExpectedCommit& commit) {
        return commit.cursor == cursor && commit.topic == topic &&
               commit.partition == number;
      });
  if (known == commits_.end()) {
    commits_.push_back({.cursor = cursor, .topic = topic, .partition = number});
    known = std::prev(commits_.end());
  }
  known->asked = offset;
  Changed();
  const CursorOptions options{.topics = {topic},
                              .start = Start::Committed(Start::Begin()),
                              .name = cursor,
                              .commit_level = Ack::kDisk};
  auto opened = ConsumerCursor::Open(*store_, options);
  if (!IsOk("cursor", opened.status())) return;
  if (!IsOk("seek", opened->Seek({topic, number}, Start::AtOffset(offset)))) {
    return;
  }
  if (!IsOk("commit", opened->Commit())) return;
  known->acknowledged = offset;
  // A commit covers all partitions of the cursor, where they stand.
  for (const Positions::Entry& entry : opened->positions()) {
    if (entry.partition == number) continue;
    commits_.push_back({.cursor = cursor,
                        .topic = topic,
                        .partition = entry.partition,
                        .acknowledged = entry.offset,
                        .asked = entry.offset});
  }
  Believe();
}

void CrashWorld::FailSync(uint64_t n) {
  envs_.back()->recording().syncs_to_failure = n;
  may_fail_ = true;
}

void CrashWorld::PowerCut() {
  Recording& recording = envs_.back()->recording();
  StateEnumerator states(recording.journal, {}, dice_.Below(UINT64_MAX));
  const DiskImage image = states.Any();
  machines_.back()->AbandonLocks();
  DropHandles();
  machines_.push_back(image.MakeMachine());
  envs_.push_back(std::make_unique<RecordingEnv>(*machines_.back(), image));
  Adopt(CrashKind::kPower);
}

void CrashWorld::Kill() {
  machines_.back()->AbandonLocks();
  DropHandles();
  Adopt(CrashKind::kProcess);
}

void CrashWorld::Adopt(CrashKind kind) {
  may_fail_ = false;
  const auto copy = machines_.back()->CopyCurrent();
  IsOk("adopt", CheckAfterCrash(*copy, Expect(), kind, CheckDepth::kRead,
                                make_options_));
  if (kind == CrashKind::kPower) {
    for (auto& [name, topic] : topics_) {
      for (ExpectedLog& log : topic.expected.logs) {
        log.process_end = log.durable_end;
      }
    }
    Changed();
  }
  Open();
  const auto names = store_->ListTopics();
  if (!IsOk("list", names.status())) return;
  for (auto topic = topics_.begin(); topic != topics_.end();) {
    const bool is_there =
        std::find(names->begin(), names->end(), topic->first) != names->end();
    if (!is_there) {
      topic = topics_.erase(topic);
      continue;
    }
    AdoptTopic(topic->second);
    ++topic;
  }
  ghosts_.clear();
  AdoptCommits();
  Changed();
  Believe();
}

void CrashWorld::AdoptTopic(HostTopic& topic) {
  auto handle = store_->OpenTopic(topic.expected.name);
  if (!IsOk("topic", handle.status())) return;
  topic.handle = *std::move(handle);
  topic.expected.may_be_absent = false;
  const PartitionNumber count = topic.handle.partition_count();
  topic.expected.partitions_min = count;
  topic.expected.logs.resize(static_cast<size_t>(count));
  topic.values.resize(static_cast<size_t>(count));
  for (PartitionNumber n = 0; n < count; ++n) {
    const Marks marks = partition(topic.expected.name, n).marks();
    ExpectedLog& log = topic.expected.logs[static_cast<size_t>(n)];
    topic.values[static_cast<size_t>(n)]->resize(
        static_cast<size_t>(marks.end));
    log.submitted = marks.end;
    log.process_end = marks.end;
    log.durable_end = std::min(log.durable_end, marks.end);
    log.trim_asked = log.trim_done = marks.start;
  }
}

void CrashWorld::AdoptCommits() {
  for (ExpectedCommit& commit : commits_) {
    const CursorOptions options{.topics = {commit.topic},
                                .start = Start::Committed(Start::Begin()),
                                .name = commit.cursor};
    const auto cursor = ConsumerCursor::Open(*store_, options);
    if (!IsOk("cursor", cursor.status())) continue;
    const auto committed = cursor->committed();
    if (!IsOk("committed", committed.status())) continue;
    const Positions::Entry* const entry =
        committed->Find(commit.topic, commit.partition);
    commit.acknowledged = commit.asked = entry == nullptr ? -1 : entry->offset;
  }
}

}  // namespace tidemark::test
