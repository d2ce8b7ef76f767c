#include "crash/host_world.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "tidemark/consumer_cursor.h"

namespace tidemark::test {

void HostWorld::Open() {
  for (int i = 0; i < attempts_max() && !store_.has_value(); ++i) {
    const StoreOptions options = make_options_(env(), clock_);
    auto store = Call([&] { return Store::Open(kStorePath, options); });
    if (IsOk("open", store.status())) store_.emplace(*std::move(store));
  }
}

void HostWorld::Close() {
  if (!store_.has_value()) return;
  const bool is_closed = IsOk("close", Call([&] { return store_->Close(); }));
  if (is_closed) {
    for (auto& [name, topic] : topics_) {
      if (topic.handle.state() == nullptr) continue;
      for (ExpectedLog& log : topic.expected.logs) {
        log.process_end = log.durable_end = log.submitted;
      }
    }
    Changed();
  }
  DropHandles();
}

void HostWorld::DropHandles() {
  BeforeDrop();
  for (auto& [name, topic] : topics_) topic.handle = Topic();
  store_.reset();
}

const Expectation& HostWorld::Expect() {
  if (built_version_ == expectation_.version && built_version_ != 0) {
    return expectation_;
  }
  expectation_.topics.clear();
  for (const auto& [name, topic] : topics_) {
    expectation_.topics.push_back(WithDoubtful(topic));
  }
  for (const ExpectedTopic& ghost : ghosts_) {
    expectation_.topics.push_back(ghost);
  }
  expectation_.commits = commits_;
  built_version_ = expectation_.version;
  return expectation_;
}

ExpectedTopic HostWorld::WithDoubtful(const HostTopic& topic) {
  ExpectedTopic expected = topic.expected;
  for (const auto& [number, values] : topic.doubtful) {
    ExpectedLog& log = expected.logs.at(static_cast<size_t>(number));
    auto all = std::make_shared<std::vector<std::string>>(*log.values);
    all->insert(all->end(), values.begin(), values.end());
    log.submitted = static_cast<Offset>(all->size());
    log.values = std::move(all);
  }
  return expected;
}

void HostWorld::AddLogs(HostTopic& topic, PartitionNumber count) {
  while (static_cast<PartitionNumber>(topic.values.size()) < count) {
    topic.values.push_back(std::make_shared<std::vector<std::string>>());
    ExpectedLog log;
    log.values = topic.values.back();
    topic.expected.logs.push_back(std::move(log));
  }
}

void HostWorld::CreateTopic(const std::string& name,
                            const TopicOptions& options) {
  if (!store_.has_value()) return;
  HostTopic& topic = topics_[name];
  topic.generation = ++next_generation_;
  topic.expected.name = name;
  topic.expected.partitions_min = options.partitions;
  topic.has_retention = options.retention_bytes > 0;
  AddLogs(topic, options.partitions);
  Changed();
  absl::StatusOr<Topic> made = absl::UnknownError("not tried");
  for (int i = 0; i < attempts_max() && !made.ok(); ++i) {
    made = Call([&] { return store_->CreateTopic(name, options); });
    if (!IsOk("create topic", made.status()) && i > 0 &&
        absl::IsAlreadyExists(made.status())) {
      return;  // the first attempt came further than it said
    }
  }
  if (!made.ok()) return;
  topic.handle = *std::move(made);
  topic.expected.may_be_absent = false;
  // A topic that was there before under this name is gone for certain.
  std::erase_if(ghosts_, [&name](const ExpectedTopic& ghost) {
    return ghost.name == name;
  });
  Changed();
}

void HostWorld::DeleteTopic(const std::string& name) {
  const auto found = topics_.find(name);
  if (!store_.has_value() || found == topics_.end()) return;
  found->second.expected.may_be_absent = true;
  Changed();
  absl::Status status = absl::UnknownError("not tried");
  for (int i = 0; i < attempts_max() && !status.ok(); ++i) {
    status = Call([&] { return store_->DeleteTopic(name); });
    if (IsOk("delete topic", status)) break;
  }
  std::erase_if(commits_, [&name](const ExpectedCommit& commit) {
    return commit.topic == name;
  });
  ExpectedTopic gone = found->second.expected;
  // Its name may not be found any more, in whatever state.
  gone.may_be_there = !status.ok();
  ghosts_.push_back(std::move(gone));
  topics_.erase(found);
  Changed();
}

void HostWorld::IncreasePartitions(const std::string& name,
                                   PartitionNumber count) {
  HostTopic* const topic = FindTopic(name);
  if (topic == nullptr) return;
  AddLogs(*topic, count);
  Changed();
  const absl::Status status =
      Call([&] { return topic->handle.IncreasePartitions(count); });
  if (!IsOk("increase", status)) return;
  topic->expected.partitions_min = count;
  Changed();
}

void HostWorld::AlterTopic(const std::string& name,
                           const TopicOptions& options) {
  HostTopic* const topic = FindTopic(name);
  if (topic == nullptr) return;
  topic->has_retention |= options.retention_bytes > 0;
  IsOk("alter", Call([&] { return topic->handle.Alter(options); }));
}

HostWorld::HostTopic* HostWorld::FindTopic(const std::string& name) {
  const auto found = topics_.find(name);
  if (!store_.has_value() || found == topics_.end()) return nullptr;
  // Whether it is the deleted one that is found could not be told.
  const bool is_doubtful = std::any_of(
      ghosts_.begin(), ghosts_.end(), [&name](const ExpectedTopic& ghost) {
        return ghost.name == name && ghost.may_be_there;
      });
  if (is_doubtful) return nullptr;
  if (found->second.handle.state() == nullptr) AdoptTopic(found->second);
  return found->second.handle.state() == nullptr ? nullptr : &found->second;
}

HostWorld::HostTopic* HostWorld::FindLog(const std::string& name,
                                         PartitionNumber number) {
  HostTopic* const topic = FindTopic(name);
  if (topic == nullptr) return nullptr;
  return number < topic->handle.partition_count() ? topic : nullptr;
}

absl::StatusOr<Partition> HostWorld::OpenPartition(HostTopic& topic,
                                                   PartitionNumber number) {
  auto partition = Call([&] { return topic.handle.partition(number); });
  if (IsOk("partition", partition.status())) return partition;
  return partition.status();
}

Partition HostWorld::partition(const std::string& name,
                               PartitionNumber number) {
  HostTopic* const topic = FindLog(name, number);
  if (topic == nullptr) return Partition();
  auto partition = OpenPartition(*topic, number);
  return partition.ok() ? *std::move(partition) : Partition();
}

std::string HostWorld::NewValue(HostTopic& topic, PartitionNumber partition,
                                size_t size) {
  auto& values = *topic.values.at(static_cast<size_t>(partition));
  std::string value = fmt::format("{}.{}/{}@{}:", topic.expected.name,
                                  topic.generation, partition, values.size());
  while (value.size() < size) {
    value += static_cast<char>('a' + dice_.Below(26));
  }
  values.push_back(value);
  ++topic.expected.logs.at(static_cast<size_t>(partition)).submitted;
  Changed();
  return value;
}

void HostWorld::NoteAppended(HostTopic& topic, PartitionNumber number,
                             Ack ack) {
  ExpectedLog& log = topic.expected.logs.at(static_cast<size_t>(number));
  const bool is_kept =
      store_->Durability() != ProcessDurability::kNone || ack == Ack::kDisk;
  if (ack != Ack::kMemory && is_kept) log.process_end = log.submitted;
  if (ack == Ack::kDisk) {
    log.durable_end = log.submitted;
    topic.expected.may_be_absent = false;
    topic.expected.partitions_min =
        std::max(topic.expected.partitions_min, number + 1);
  }
  Changed();
}

bool HostWorld::AppendLast(HostTopic& topic, PartitionNumber number, int count,
                           Ack ack) {
  auto to = OpenPartition(topic, number);
  const auto& values = *topic.values.at(static_cast<size_t>(number));
  const size_t first = values.size() - static_cast<size_t>(count);
  absl::StatusOr<Offset> offset = absl::UnknownError("not tried");
  if (to.ok()) {
    std::vector<Record> records;
    for (size_t i = first; i < values.size(); ++i) {
      records.push_back({.value = values[i]});
    }
    offset = Call([&] {
      return count == 1 ? to->Append(records.front(), ack)
                        : to->Append(records, ack);
    });
  }
  if (!to.ok() || !IsOk("append", offset.status())) {
    NoteRefused(topic, number, count, to.ok() ? offset.status() : to.status());
    return false;
  }
  topic.doubtful.erase(number);
  if (*offset != static_cast<Offset>(first)) {
    NoteBroken(fmt::format("I3: {}/{}: appended at {}, {} were there",
                           topic.expected.name, number, *offset, first));
  }
  NoteAppended(topic, number, ack);
  return true;
}

void HostWorld::Append(const std::string& name, PartitionNumber number,
                       int count, size_t size, Ack ack) {
  for (int i = 0; i < count; ++i) {
    HostTopic* const topic = FindLog(name, number);
    if (topic == nullptr) return;
    NewValue(*topic, number, size);
    AppendLast(*topic, number, 1, ack);
  }
  Believe();
}

void HostWorld::AppendBatch(const std::string& name, PartitionNumber number,
                            int count, size_t size, Ack ack) {
  HostTopic* const topic = FindLog(name, number);
  if (topic == nullptr) return;
  for (int i = 0; i < count; ++i) NewValue(*topic, number, size);
  AppendLast(*topic, number, count, ack);
  Believe();
}

void HostWorld::Believe() {
  for (auto& [name, topic] : topics_) {
    for (PartitionNumber n = 0; n < topic.handle.partition_count(); ++n) {
      const auto partition = OpenPartition(topic, n);
      if (!partition.ok()) continue;
      const Marks marks = partition->marks();
      ExpectedLog& log = topic.expected.logs.at(static_cast<size_t>(n));
      log.durable_end = std::max(log.durable_end, marks.durable);
      log.process_end = std::max(log.process_end, marks.durable);
    }
  }
  Changed();
}

void HostWorld::Sync() {
  if (!store_.has_value()) return;
  if (!IsOk("sync", Call([&] { return store_->Sync(); }))) return;
  for (auto& [name, topic] : topics_) {
    if (topic.handle.state() == nullptr) continue;
    for (ExpectedLog& log : topic.expected.logs) {
      log.durable_end = log.process_end = log.submitted;
    }
  }
  Changed();
}

void HostWorld::SyncPartition(const std::string& name, PartitionNumber number) {
  HostTopic* const topic = FindLog(name, number);
  if (topic == nullptr) return;
  const auto partition = OpenPartition(*topic, number);
  if (!partition.ok()) return;
  const absl::Status status =
      Call([&] { return Partition(*partition).Sync(); });
  if (!IsOk("sync partition", status)) return;
  ExpectedLog& log = topic->expected.logs.at(static_cast<size_t>(number));
  log.durable_end = log.process_end = log.submitted;
  Changed();
}

void HostWorld::Maintain(absl::Duration pause) {
  if (!store_.has_value()) return;
  clock_.Advance(pause);
  for (auto& [name, topic] : topics_) {
    if (!topic.has_retention) continue;
    for (ExpectedLog& log : topic.expected.logs) log.trim_asked = log.submitted;
  }
  Changed();
  const absl::Status status =
      Call([&] { return store_->RunMaintenance(clock_.Now()); });
  if (!IsOk("maintain", status)) return;
  for (auto& [name, topic] : topics_) {
    for (PartitionNumber n = 0; n < topic.handle.partition_count(); ++n) {
      const auto partition = OpenPartition(topic, n);
      if (!partition.ok()) continue;
      ExpectedLog& log = topic.expected.logs.at(static_cast<size_t>(n));
      log.trim_asked = log.trim_done = partition->marks().start;
    }
  }
  Believe();
}

void HostWorld::Trim(const std::string& name, PartitionNumber number,
                     Offset offset) {
  HostTopic* const topic = FindLog(name, number);
  if (topic == nullptr) return;
  const auto partition = OpenPartition(*topic, number);
  if (!partition.ok()) return;
  offset = std::min(offset, partition->marks().end);
  ExpectedLog& log = topic->expected.logs.at(static_cast<size_t>(number));
  log.trim_asked = std::max(log.trim_asked, offset);
  Changed();
  const absl::Status status =
      Call([&] { return Partition(*partition).TrimBefore(offset); });
  if (!IsOk("trim", status)) return;
  log.trim_done = std::max(log.trim_done, offset);
  Believe();
}

absl::Status HostWorld::CommitAt(ExpectedCommit& commit, Offset offset) {
  const CursorOptions options{.topics = {commit.topic},
                              .start = Start::Committed(Start::Begin()),
                              .name = commit.cursor,
                              .commit_level = Ack::kDisk};
  auto opened = Call([&] { return ConsumerCursor::Open(*store_, options); });
  if (!opened.ok()) return opened.status();
  const TopicPartition place{commit.topic, commit.partition};
  const Start start = Start::AtOffset(offset);
  absl::Status status = Call([&] { return opened->Seek(place, start); });
  if (status.ok()) status = Call([&] { return opened->Commit(); });
  if (!status.ok()) return status;
  commit.acknowledged = offset;
  // A commit covers all partitions of the cursor, where they stand.
  const ExpectedCommit known = commit;
  for (const Positions::Entry& entry : opened->positions()) {
    if (entry.partition == known.partition) continue;
    commits_.push_back({.cursor = known.cursor,
                        .topic = known.topic,
                        .partition = entry.partition,
                        .acknowledged = entry.offset,
                        .asked = entry.offset});
  }
  return absl::OkStatus();
}

void HostWorld::Commit(const std::string& cursor, const std::string& topic,
                       PartitionNumber number, Offset offset) {
  if (FindLog(topic, number) == nullptr) return;
  auto known = std::find_if(
      commits_.begin(), commits_.end(), [&](const ExpectedCommit& commit) {
        return commit.cursor == cursor && commit.topic == topic &&
               commit.partition == number;
      });
  if (known == commits_.end()) {
    commits_.push_back({.cursor = cursor, .topic = topic, .partition = number});
    known = std::prev(commits_.end());
  }
  known->asked = std::max(known->asked, offset);
  Changed();
  if (!IsOk("commit", CommitAt(*known, offset))) return;
  Believe();
}

}  // namespace tidemark::test
