#include "model/store_model.h"

#include <array>

#include "store/topic_state.h"

// The steps of the host.
namespace tidemark::test {

void StoreModel::Step() {
  const uint64_t dice = dice_.Below(100);
  if (dice < 40) return Append();
  if (dice < 52) return ReadSomewhere();
  if (dice < 60) return PollCursor();
  if (dice < 64) return CommitCursor();
  if (dice < 67) return SeekCursor();
  if (dice < 70) return Trim();
  if (dice < 73) return Sync();
  if (dice < 78) return Maintain();
  if (dice < 80) return CreateTopic();
  if (dice < 82) return DeleteTopic();
  if (dice < 83) return GrowTopic();
  if (dice < 84) return AlterTopic();
  if (dice < 87) return Reopen();
  if (dice < 90) return Crash(dice_.OneIn(2));
  if (dice < 91) return FillDisk();
  Fault();
}

void StoreModel::CalmStep() {
  const uint64_t dice = dice_.Below(100);
  if (dice < 65) return Append();
  if (dice < 80) return ReadSomewhere();
  if (dice < 95) return PollCursor();
  if (dice < 96) return CommitCursor();
  if (dice < 98) return Trim();
  Maintain();
}

bool StoreModel::Succeeded(const absl::Status& status) {
  if (!status.ok()) {
    INFO(status.ToString());
    REQUIRE(IsCaused(status));
  }
  return status.ok();
}

bool StoreModel::IsCaused(const absl::Status& status) {
  if (is_faulty_) sticky_.insert(std::string(status.message()));
  // A segment whose creation failed may be in the way until the next opening.
  if (absl::IsAlreadyExists(status) && !sticky_.empty()) return true;
  return is_faulty_ ||
         std::any_of(sticky_.begin(), sticky_.end(), [&](const auto& cause) {
           return status.message().find(cause) != std::string_view::npos;
         });
}

StoreModel::Place& StoreModel::AnyTopic() {
  auto place =
      std::next(topics_.begin(),
                static_cast<std::ptrdiff_t>(dice_.Below(topics_.size())));
  // The directory of one that may be deleted may be gone.
  if (place->second.is_unsure) place = topics_.find("t");
  return *place;
}

std::optional<Partition> StoreModel::At(const ModelTopic& topic,
                                        PartitionNumber number) {
  auto partition = topic.handle.partition(number);
  if (!Succeeded(partition.status())) return std::nullopt;
  return *std::move(partition);
}

// I5: an append that is refused leaves nothing behind, or all of it and says
// that it does not know.
void StoreModel::Append() {
  ModelTopic& topic = AnyTopic().second;
  const auto number = static_cast<PartitionNumber>(
      dice_.Below(static_cast<uint64_t>(topic.count())));
  ModelLog& log = topic.logs[static_cast<size_t>(number)];
  const auto level = static_cast<Ack>(dice_.Below(4));
  std::vector<ModelRecord> fresh(dice_.OneIn(4) ? 1 + dice_.Below(12) : 1);
  std::vector<std::vector<Header>> headers(fresh.size());
  std::vector<Record> records(fresh.size());
  for (size_t i = 0; i < fresh.size(); ++i) {
    fresh[i] = RandomRecord(dice_, clock_.Now());
    for (const auto& header : fresh[i].headers) {
      headers[i].push_back({header.name, header.value});
    }
    records[i] = {fresh[i].key, fresh[i].value, headers[i],
                  fresh[i].create_time};
  }
  auto partition = At(topic, number);
  if (!partition.has_value()) return;
  const auto offset = partition->Append(records, level);
  const Offset before = log.end();
  const Marks marks = partition->marks();
  if (offset.ok() || marks.end != before) {
    std::move(fresh.begin(), fresh.end(), std::back_inserter(log.records));
  } else if (is_faulty_ && !log.is_poisoned) {
    log.unknown = std::move(fresh);
  }
  if (offset.ok()) log.unknown.clear();
  REQUIRE(marks.end == log.end());
  if (!offset.ok()) {
    INFO(offset.status().ToString());
    REQUIRE((IsCaused(offset.status()) || log.is_poisoned));
    return;
  }
  // I12
  REQUIRE_FALSE(log.is_poisoned);
  REQUIRE(*offset == before);
  if (level != Ack::kMemory) log.process_end = log.end();
  if (level == Ack::kDisk) {
    log.durable_end = log.end();
    REQUIRE(marks.durable == log.end());
  }
}

// G10: offsets outside of the log get an error that says so.
void StoreModel::ReadSomewhere() {
  const ModelTopic& topic = AnyTopic().second;
  const auto number = static_cast<PartitionNumber>(
      dice_.Below(static_cast<uint64_t>(topic.count())));
  const ModelLog& log = topic.logs[static_cast<size_t>(number)];
  const auto partition = At(topic, number);
  if (!partition.has_value()) return;
  const Offset from =
      static_cast<Offset>(dice_.Below(log.records.size() + 10)) - 4;
  if (from > log.end() || from < 0) {
    CHECK_FALSE(partition->Read(from).ok());
  } else if (from < log.start) {
    CHECK(IsTrimmed(partition->Read(from).status()));
  } else if (!is_faulty_) {
    CheckFrom(log, *partition, from, 1 + dice_.Below(4000));
  } else {
    const auto records = partition->Read(from);
    if (!records.ok()) CHECK_FALSE(absl::IsDataLoss(records.status()));
    if (!records.ok()) return;
    Offset next = from;
    for (const RecordView& record : *records) {
      REQUIRE(record.offset() == next++);
      CheckRecord(log, record);
    }
    CHECK((next > from || from == log.end()));
  }
}

// I11: no record is skipped in silence.
void StoreModel::PollCursor() {
  const Positions before = cursor_->positions();
  const auto records = cursor_->Poll({.records_max = 1 + dice_.Below(50)});
  if (!records.ok()) {
    const absl::Status& status = records.status();
    INFO(status.ToString());
    REQUIRE((is_faulty_ || IsTrimmed(status) || IsPoisoned(status) ||
             IsTruncatedPastCursor(status)));
    if (is_faulty_) return;
    // Its file refuses the new partitions that it has to take.
    if (IsPoisoned(status)) return OpenCursor();
    REQUIRE_OK(cursor_->Seek(Start::Begin()));
    return;
  }
  std::map<PartitionNumber, Offset> next;
  for (const auto& entry : before) next[entry.partition] = entry.offset;
  const std::vector<ModelLog>& logs = topics_.at("t").logs;
  for (const RecordView& record : *records) {
    const auto number = static_cast<size_t>(record.partition());
    // A new partition is read from its start.
    const auto known =
        next.emplace(record.partition(), logs.at(number).start).first;
    REQUIRE(record.offset() == known->second++);
    CheckRecord(logs[number], record);
  }
  for (const auto& entry : cursor_->positions()) {
    const auto known = next.find(entry.partition);
    if (known != next.end()) REQUIRE(entry.offset == known->second);
  }
}

void StoreModel::CommitCursor() {
  const Positions positions = cursor_->positions();
  const absl::Status status = cursor_->Commit();
  const std::vector<ModelLog>& logs = topics_.at("t").logs;
  for (const auto& entry : positions) {
    Commits& commits = commits_[entry.partition];
    // What the log does not lead to any more is left as it is.
    const ModelLog& log = logs[static_cast<size_t>(entry.partition)];
    const bool is_same = commits.killed == std::set<Offset>{entry.offset};
    if (is_same && (commits.is_cut || entry.offset < log.start)) continue;
    if (status.ok()) commits.is_cut = false;
    if (status.ok()) commits.killed.clear();
    if (status.ok() && commit_level_ == Ack::kDisk) commits.powerless.clear();
    commits.killed.insert(entry.offset);
    commits.powerless.insert(entry.offset);
  }
  if (!status.ok()) {
    INFO(status.ToString());
    // A position from before a loss of power, or a log that cannot be synced.
    bool is_poisoned = IsPoisoned(status) || IsTruncatedPastCursor(status) ||
                       IsTrimmed(status);
    for (const ModelLog& log : logs) is_poisoned |= log.is_poisoned;
    REQUIRE((IsCaused(status) || is_poisoned));
    if (!is_faulty_) OpenCursor();
    return;
  }
  // G8: a commit points to nothing that its level does not keep.
  for (const auto& entry : positions) {
    const auto partition = At(topics_.at("t"), entry.partition);
    if (!partition.has_value() || commit_level_ != Ack::kDisk) continue;
    if (commits_[entry.partition].is_cut) continue;
    REQUIRE(entry.offset <= partition->marks().durable);
  }
  if (dice_.OneIn(2) && !is_faulty_) OpenCursor();
}

void StoreModel::SeekCursor() {
  if (is_faulty_) return;
  const ModelLog& log = topics_.at("t").logs[0];
  const uint64_t dice = dice_.Below(4);
  if (dice == 0) {
    REQUIRE_OK(cursor_->Seek(Start::End()));
  } else if (dice == 1 || log.start == log.end()) {
    REQUIRE_OK(cursor_->Seek(Start::Begin()));
  } else {
    Sync();
    const TopicPartition first = {"t", 0};
    const auto count = static_cast<uint64_t>(log.end() - log.start);
    const Offset there = log.start + static_cast<Offset>(dice_.Below(count));
    if (dice == 2) {
      REQUIRE_OK(cursor_->Seek(first, Start::AtOffset(there)));
      REQUIRE(cursor_->positions().Find("t", 0)->offset == there);
      return;
    }
    const auto time_of = [&](Offset offset) {
      return log.records[static_cast<size_t>(offset)].create_time;
    };
    REQUIRE_OK(cursor_->Seek(first, Start::AtTime(time_of(there))));
    Offset expected = log.start;
    while (time_of(expected) < time_of(there)) ++expected;
    REQUIRE(cursor_->positions().Find("t", 0)->offset == expected);
  }
}

void StoreModel::Trim() {
  ModelTopic& topic = AnyTopic().second;
  const auto number = static_cast<PartitionNumber>(
      dice_.Below(static_cast<uint64_t>(topic.count())));
  ModelLog& log = topic.logs[static_cast<size_t>(number)];
  auto partition = At(topic, number);
  if (!partition.has_value()) return;
  const auto count = static_cast<uint64_t>(log.end() - log.start);
  const Offset to = log.start + static_cast<Offset>(dice_.Below(count / 2 + 1));
  const absl::Status status = partition->TrimBefore(to);
  INFO(status.ToString());
  const Offset start = partition->marks().start;
  if (status.ok()) REQUIRE(start == to);
  if (!status.ok()) {
    REQUIRE((IsCaused(status) || log.is_poisoned));
    REQUIRE((start == log.start || start == to));
    log.start_asked = std::max(log.start_asked, to);
  }
  log.start = start;
}

void StoreModel::Sync() {
  const absl::Status status = store_->Sync();
  INFO(status.ToString());
  bool is_any_poisoned = false;
  for (auto& [name, topic] : topics_) {
    for (ModelLog& log : topic.logs) {
      is_any_poisoned |= log.is_poisoned || topic.is_unsure;
      if (status.ok()) log.process_end = log.durable_end = log.end();
    }
  }
  REQUIRE((status.ok() || IsCaused(status) || is_any_poisoned));
}

void StoreModel::Maintain() {
  clock_.Advance(absl::Milliseconds(dice_.Below(200)));
  const absl::Status status = store_->RunMaintenance(clock_.Now());
  INFO(status.ToString());
  // A flush that was due of a topic that is gone is an error, once.
  bool is_excused = status.ok() || IsCaused(status) || IsClosed(status);
  for (auto& [name, topic] : topics_) {
    for (PartitionNumber n = 0; n < topic.count(); ++n) {
      ModelLog& log = topic.logs[static_cast<size_t>(n)];
      is_excused |= log.is_poisoned || topic.is_unsure;
      const auto partition = At(topic, n);
      if (!partition.has_value()) continue;
      const Offset start = partition->marks().start;
      if (topic.has_retention && start > log.start) {
        REQUIRE(start <= log.end());
        log.start = start;
      }
      // One that failed may have happened on the disk.
      if (topic.has_retention && is_faulty_) log.start_asked = log.end();
    }
  }
  REQUIRE(is_excused);
}

void StoreModel::CreateTopic() {
  const std::string name(1, static_cast<char>('a' + dice_.Below(3)));
  TopicOptions options;
  options.partitions = static_cast<PartitionNumber>(1 + dice_.Below(3));
  options.segment_bytes = 8 << 10;
  options.batch_bytes = 1 << 10;
  auto created = store_->CreateTopic(name, options);
  if (topics_.count(name) > 0) {
    CHECK_STATUS(absl::StatusCode::kAlreadyExists, created);
    return;
  }
  ModelTopic topic;
  topic.logs.resize(static_cast<size_t>(options.partitions));
  if (!Succeeded(created.status())) {
    ghosts_[name].push_back(std::move(topic));
    return;
  }
  topic.handle = *std::move(created);
  topic.id = topic.handle.state()->id();
  topics_.insert_or_assign(name, std::move(topic));
  ghosts_.erase(name);
}

// I9: the old handles are of no use, and the records never come back.
void StoreModel::DeleteTopic() {
  const std::string name(1, static_cast<char>('a' + dice_.Below(3)));
  const absl::Status status = store_->DeleteTopic(name);
  INFO(status.ToString());
  const auto found = topics_.find(name);
  if (found == topics_.end()) {
    if (status.ok()) ghosts_.erase(name);
    REQUIRE((status.ok() || absl::IsNotFound(status) || is_faulty_));
    return;
  }
  const auto names = store_->ListTopics();
  REQUIRE_OK(names);
  const bool is_listed =
      std::find(names->begin(), names->end(), name) != names->end();
  if (!Succeeded(status)) {
    found->second.is_unsure = true;
    if (is_listed) return;
    ghosts_[name].push_back(found->second);
  } else {
    ghosts_.erase(name);
    REQUIRE_FALSE(is_listed);
  }
  CHECK(IsClosed(found->second.handle.partition(0).status()));
  topics_.erase(found);
}

void StoreModel::GrowTopic() {
  ModelTopic& topic = AnyTopic().second;
  const PartitionNumber count =
      topic.count() + 1 + static_cast<PartitionNumber>(dice_.Below(2));
  if (count > 6) return;
  if (Succeeded(topic.handle.IncreasePartitions(count))) {
    topic.logs.resize(static_cast<size_t>(count));
    topic.counts_asked.clear();
  } else {
    topic.counts_asked.insert(count);
  }
  REQUIRE(topic.handle.partition_count() == topic.count());
}

void StoreModel::AlterTopic() {
  auto& [name, topic] = AnyTopic();
  TopicOptions options = topic.handle.options();
  options.segment_bytes = dice_.OneIn(2) ? 4 << 10 : 16 << 10;
  // The records of the cursor's topic are only ever trimmed.
  const bool has_retention = name != "t" && dice_.OneIn(2);
  options.retention_bytes = has_retention ? 20 << 10 : 0;
  // The next owner may find the options of a change that failed.
  topic.has_retention |= has_retention;
  Succeeded(topic.handle.Alter(options));
}

}  // namespace tidemark::test
