#include <array>
#include <cerrno>

#include "model/store_model.h"
#include "store/topic_state.h"

// What happens to the host: ends, crashes, faults.
namespace tidemark::test {
namespace {

constexpr uint64_t kPlenty = uint64_t{1} << 34;

}  // namespace

StoreModel::StoreModel(uint64_t seed) : StoreModel(Dice(seed), seed) {}

StoreModel::StoreModel(Dice dice, uint64_t machine_seed) : dice_(dice) {
  machines_.push_back(std::make_unique<MemoryEnv>(machine_seed));
  faults_.push_back(std::make_unique<FaultEnv>(*machines_.back()));
  REQUIRE_OK(TryOpen());
  TopicOptions wish;
  wish.partitions = 2;
  wish.segment_bytes = 8 << 10;
  wish.batch_bytes = 1 << 10;
  wish.compression = dice_.OneIn(2) ? Compression::kLz4 : Compression::kNone;
  ModelTopic topic;
  REQUIRE_OK_AND_ASSIGN(topic.handle, store_->CreateTopic("t", wish));
  topic.id = topic.handle.state()->id();
  topic.logs.resize(2);
  topics_.emplace("t", std::move(topic));
  OpenCursor();
}

StoreModel::~StoreModel() { DropHandles(); }

void StoreModel::DropHandles() {
  cursor_.reset();
  for (auto& [name, topic] : topics_) topic.handle = Topic();
  for (auto& [name, ghosts] : ghosts_) {
    for (ModelTopic& ghost : ghosts) ghost.handle = Topic();
  }
  store_.reset();
}

StoreOptions StoreModel::Options() {
  StoreOptions options = StoreOptions::Test(*faults_.back(), clock_);
  constexpr std::array kChoices = {ProcessDurability::kSharedMemory,
                                   ProcessDurability::kStoreFile,
                                   ProcessDurability::kWriteThrough};
  options.process_durability = kChoices[dice_.Below(kChoices.size())];
  options.arena_bytes = 256 << 10;
  options.arena_block_bytes = 1024;
  return options;
}

absl::Status StoreModel::TryOpen() {
  auto opened = Store::Open("/store", Options());
  if (opened.ok()) store_.emplace(*std::move(opened));
  return opened.status();
}

void StoreModel::OpenCursor() {
  cursor_.reset();
  commit_level_ = dice_.OneIn(2) ? Ack::kDisk : Ack::kProcess;
  CursorOptions options{.topics = {"t"},
                        .start = Start::Committed(Start::Begin()),
                        .name = "c",
                        .commit_level = commit_level_};
  REQUIRE_OK_AND_ASSIGN(auto cursor, ConsumerCursor::Open(*store_, options));
  cursor_.emplace(std::move(cursor));
}

void StoreModel::CheckAll() {
  REQUIRE_OK_AND_ASSIGN(const auto names, store_->ListTopics());
  REQUIRE(names.size() == topics_.size());
  for (auto& [name, topic] : topics_) {
    INFO("topic " << name);
    REQUIRE(topic.handle.partition_count() == topic.count());
    if (topic.is_unsure) continue;
    for (PartitionNumber n = 0; n < topic.count(); ++n) {
      INFO("partition " << n);
      const auto partition = At(topic, n);
      REQUIRE(partition.has_value());
      CheckLog(topic.logs[static_cast<size_t>(n)], *partition);
    }
  }
}

void StoreModel::ResolveTopic(ModelTopic& topic, bool is_power_cut) {
  const PartitionNumber count = topic.handle.partition_count();
  if (count != topic.count()) {
    REQUIRE(topic.counts_asked.count(count) == 1);
    topic.logs.resize(static_cast<size_t>(count));
  }
  for (PartitionNumber n = 0; n < count; ++n) {
    INFO("partition " << n);
    const auto partition = At(topic, n);
    REQUIRE(partition.has_value());
    ModelLog& log = topic.logs[static_cast<size_t>(n)];
    if (topic.has_retention) {
      log.start_asked = std::max(log.start_asked, partition->marks().start);
    }
    Resolve(log, *partition, is_power_cut);
  }
}

void StoreModel::ResolveTopics(bool is_power_cut) {
  REQUIRE_OK_AND_ASSIGN(const auto names, store_->ListTopics());
  std::map<std::string, ModelTopic> before;
  before.swap(topics_);
  for (const std::string& name : names) {
    INFO("topic " << name);
    REQUIRE_OK_AND_ASSIGN(Topic handle, store_->OpenTopic(name));
    const Id128 id = handle.state()->id();
    ModelTopic topic;
    bool is_known = false;
    const auto known = before.find(name);
    if (known != before.end() && known->second.id == id) {
      topic = std::move(known->second);
      before.erase(known);
      is_known = true;
    }
    for (ModelTopic& ghost : ghosts_[name]) {
      const bool may_be = ghost.id == Id128()
                              ? ghost.count() == handle.partition_count()
                              : ghost.id == id;
      if (is_known || !may_be) continue;
      topic = ghost;
      is_known = true;
    }
    REQUIRE(is_known);
    topic.id = id;
    topic.handle = std::move(handle);
    ResolveTopic(topic, is_power_cut);
    topics_.emplace(name, std::move(topic));
  }
  for (auto& [name, missing] : before) {
    INFO("missing topic " << name);
    REQUIRE(missing.is_unsure);
    ghosts_[name].push_back(std::move(missing));
  }
}

void StoreModel::ResolveCommits(bool is_power_cut) {
  REQUIRE_OK_AND_ASSIGN(const Positions committed, cursor_->committed());
  for (PartitionNumber n = 0; n < topics_.at("t").count(); ++n) {
    INFO("commit of partition " << n);
    const Positions::Entry* const entry = committed.Find("t", n);
    const Offset offset = entry == nullptr ? -1 : entry->offset;
    Commits& commits = commits_[n];
    if (is_power_cut) {
      REQUIRE(commits.powerless.count(offset) == 1);
      commits.powerless = {offset};
    } else {
      REQUIRE(commits.killed.count(offset) == 1);
    }
    commits.killed = {offset};
    commits.is_cut |=
        offset > topics_.at("t").logs[static_cast<size_t>(n)].end();
  }
}

void StoreModel::Open(bool is_power_cut) {
  sticky_.clear();
  REQUIRE_OK(TryOpen());
  CHECK_FALSE(store_->recovery().has_damage());
  CHECK(store_->recovery().arena != ArenaOutcome::kMissing);
  ResolveTopics(is_power_cut);
  OpenCursor();
  ResolveCommits(is_power_cut);
}

// I8: the same after a close; I10: and still usable.
void StoreModel::Reopen() {
  bool is_any_poisoned = false;
  for (auto& [name, topic] : topics_) {
    for (const ModelLog& log : topic.logs) {
      is_any_poisoned |= log.is_poisoned || topic.is_unsure;
    }
  }
  cursor_.reset();
  const absl::Status closed = store_->Close();
  INFO("closed: " << closed.ToString());
  REQUIRE((closed.ok() || is_any_poisoned || IsCaused(closed)));
  faults_.back()->ClearFaults();
  if (closed.ok()) {
    for (auto& [name, topic] : topics_) {
      for (ModelLog& log : topic.logs) {
        log.process_end = log.durable_end = log.end();
      }
    }
  }
  DropHandles();
  Open(/*is_power_cut=*/false);
}

void StoreModel::Crash(bool is_power_cut) {
  // What it says at the end binds it, too.
  for (auto& [name, topic] : topics_) {
    if (topic.is_unsure) continue;
    for (PartitionNumber n = 0; n < topic.count(); ++n) {
      const auto partition = At(topic, n);
      REQUIRE(partition.has_value());
      topic.logs[static_cast<size_t>(n)].Believe(partition->marks());
    }
  }
  auto after = is_power_cut ? machines_.back()->CopyDurable()
                            : machines_.back()->CopyCurrent();
  DropHandles();
  machines_.push_back(std::move(after));
  faults_.push_back(std::make_unique<FaultEnv>(*machines_.back()));
  Open(is_power_cut);
  // The file system was synced, so nothing is unsure from here on.
  ghosts_.clear();
  for (auto& [name, topic] : topics_) {
    topic.is_unsure = false;
    topic.counts_asked.clear();
  }
}

// G7: full is not broken.
void StoreModel::FillDisk() {
  machines_.back()->SetCapacity(0);
  ModelTopic& topic = AnyTopic().second;
  const auto number = static_cast<PartitionNumber>(
      dice_.Below(static_cast<uint64_t>(topic.count())));
  ModelLog& log = topic.logs[static_cast<size_t>(number)];
  auto partition = At(topic, number);
  for (int i = 0; i < 200 && partition.has_value(); ++i) {
    ModelRecord record;
    record.value = std::string(200, 'f');
    record.create_time = clock_.Now();
    const auto offset = partition->Append(
        {.value = record.value, .create_time = record.create_time},
        Ack::kMemory);
    if (!offset.ok()) {
      INFO(offset.status().ToString());
      REQUIRE((IsDiskFull(offset.status()) || IsCaused(offset.status()) ||
               log.is_poisoned));
      break;
    }
    REQUIRE(*offset == log.end());
    log.records.push_back(record);
  }
  CheckAll();
  machines_.back()->SetCapacity(kPlenty);
  Sync();
}

// One step with one call of it that fails, or with all of its kind from there
// on.
void StoreModel::Fault() {
  constexpr std::array kErrors = {EIO, EIO, ENOSPC, EMFILE, ENOMEM, EACCES};
  constexpr std::array kCalls = {
      EnvCall::kOpenFile,   EnvCall::kCreateFile,    EnvCall::kCreateDirectory,
      EnvCall::kList,       EnvCall::kStatName,      EnvCall::kRename,
      EnvCall::kRemoveFile, EnvCall::kSyncDirectory, EnvCall::kSyncFileSystem,
      EnvCall::kRead,       EnvCall::kWrite,         EnvCall::kWrite,
      EnvCall::kSync,       EnvCall::kSync,          EnvCall::kSyncAll,
      EnvCall::kAllocate,   EnvCall::kFillRandom,    EnvCall::kStatMemory,
      EnvCall::kRelease,    EnvCall::kClose};
  FaultEnv& env = *faults_.back();
  const EnvCall call = kCalls[dice_.Below(kCalls.size())];
  env.Inject({.kind = call,
              .skip_count = dice_.Below(4),
              .is_persistent = dice_.OneIn(4),
              .error = kErrors[dice_.Below(kErrors.size())],
              .takes_effect = call != EnvCall::kCreateFile && dice_.OneIn(4)});
  is_faulty_ = true;
  constexpr std::array kSteps = {
      &StoreModel::Append,      &StoreModel::Append,
      &StoreModel::Append,      &StoreModel::ReadSomewhere,
      &StoreModel::PollCursor,  &StoreModel::CommitCursor,
      &StoreModel::Trim,        &StoreModel::Sync,
      &StoreModel::Maintain,    &StoreModel::CreateTopic,
      &StoreModel::DeleteTopic, &StoreModel::GrowTopic,
      &StoreModel::AlterTopic,  &StoreModel::Reopen};
  (this->*kSteps[dice_.Below(kSteps.size())])();
  is_faulty_ = false;
  env.ClearFaults();
  CheckAll();
}

}  // namespace tidemark::test
