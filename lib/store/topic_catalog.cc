#include "store/topic_catalog.h"

#include <fmt/core.h>

#include <utility>

#include "base/guard.h"
#include "base/status_macros.h"
#include "store/layout.h"
#include "store/topic_directory.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

// How many names an error lists.
constexpr size_t kNamesShownMax = 10;

absl::StatusOr<TopicRecord> NewRecord(LogShared& shared, std::string_view name,
                                      const TopicOptions& options) {
  TopicRecord record;
  record.name = name;
  record.store_id = shared.store_id;
  TIDEMARK_ASSIGN_OR_RETURN(record.topic_id, RandomId(*shared.env));
  record.create_micros = absl::ToUnixMicros(shared.clock->Now());
  record.partition_count = options.partitions;
  record.partitioner = options.partitioner;
  if (options.custom_partitioner != nullptr) {
    record.partitioner_name = options.custom_partitioner->name();
  }
  record.options = options;
  // As the next opening will read it.
  record.options.segment_age =
      MicrosDuration(DurationMicros(options.segment_age));
  record.options.retention_age =
      MicrosDuration(DurationMicros(options.retention_age));
  return record;
}

}  // namespace

absl::Status TopicCatalog::Load() {
  Directory& directory = *shared().directory;
  if (!shared().settings.is_read_only) {
    // What cannot be removed is in nobody's way.
    partitions_->events().NoteBackgroundError(RemoveLeftovers(directory));
  }
  TIDEMARK_ASSIGN_OR_RETURN(std::vector<std::string> names,
                            ListTopicDirectories(directory));
  MutexLock lock(mutex_);
  for (std::string& name : names) topics_.emplace(std::move(name), nullptr);
  return absl::OkStatus();
}

absl::Status TopicCatalog::CheckWritable() const {
  TIDEMARK_RETURN_IF_ERROR(shared().Usable());
  if (!shared().settings.is_read_only) return absl::OkStatus();
  return WithReason(absl::FailedPreconditionError(
                        "store: open for reading only, topics cannot be "
                        "created or deleted"),
                    ErrorReason::kReadOnly);
}

absl::Status TopicCatalog::NotFound(std::string_view name) const {
  TIDEMARK_ASSIGN_OR_RETURN(const std::vector<std::string> names, Names());
  std::string list;
  for (size_t i = 0; i < names.size() && i < kNamesShownMax; ++i) {
    list += fmt::format("{}{}", i == 0 ? "" : ", ", names[i]);
  }
  if (names.size() > kNamesShownMax) {
    list += fmt::format(" and {} more", names.size() - kNamesShownMax);
  }
  return absl::NotFoundError(fmt::format("topic {}: not found; there are {}",
                                         name, names.empty() ? "none" : list));
}

absl::StatusOr<std::shared_ptr<TopicState>> TopicCatalog::Create(
    std::string_view name, const TopicOptions& options) {
  TIDEMARK_RETURN_IF_ERROR(CheckWritable());
  TIDEMARK_RETURN_IF_ERROR(CheckTopicName(name));
  TIDEMARK_RETURN_IF_ERROR(ValidateTopicOptions(options));
  TIDEMARK_RETURN_IF_ERROR(FindCodec(options.compression).status());
  const OperationGate::Pass pass(partitions_->gate());
  if (!pass) return shared().Usable();
  const NameLocks::Hold hold(names_, name);
  {
    MutexLock lock(mutex_);
    if (topics_.find(name) != topics_.end()) {
      return absl::AlreadyExistsError(fmt::format("topic {}: exists", name));
    }
  }
  TIDEMARK_RETURN_IF_ERROR(FinishRemoval(name));
  TIDEMARK_ASSIGN_OR_RETURN(TopicRecord record,
                            NewRecord(shared(), name, options));
  // All memory before the first write, so that no topic is made and forgotten.
  auto topic = std::make_shared<TopicState>(partitions_, record);
  topic->Prepare();
  TIDEMARK_RETURN_IF_ERROR(
      topic->partitioner().Install(options.custom_partitioner));
  Topics added;
  added.emplace(name, topic);
  std::map<std::string, std::string, std::less<>> removal;
  removal.emplace(name, TopicPath(name));
  bool is_stuck = false;
  const absl::Status status = Guarded(
      [&] { return CreateTopicDirectory(shared(), record, &is_stuck); });
  if (!status.ok()) partitions_->NoteUnsyncedChange();
  MutexLock lock(mutex_);
  if (is_stuck) removals_.merge(removal);
  if (!status.ok()) return status;
  topics_.merge(added);
  return topic;
}

absl::StatusOr<std::shared_ptr<TopicState>> TopicCatalog::Read(
    std::string_view name) {
  absl::StatusOr<TopicRecord> read =
      ReadTopicFile(*shared().directory, name, shared().store_id);
  if (!read.ok() && shared().settings.is_read_only) {
    const auto stat = shared().directory->Stat(TopicPath(name));
    if (absl::IsNotFound(stat.status())) {
      Forget(name);
      return NotFound(name);
    }
  }
  TIDEMARK_RETURN_IF_ERROR(read.status());
  TopicRecord& record = *read;
  std::shared_ptr<TopicState> known;
  {
    MutexLock lock(mutex_);
    const auto found = topics_.find(name);
    if (found != topics_.end()) known = found->second;
  }
  if (known != nullptr && known->id() == record.topic_id) {
    known->Refresh(record);
    return known;
  }
  auto topic = std::make_shared<TopicState>(partitions_, std::move(record));
  topic->Prepare();
  {
    MutexLock lock(mutex_);
    topics_.insert_or_assign(std::string(name), topic);
  }
  // Another id: the topic was deleted and made again by the process that
  // writes.
  if (known != nullptr) Drop(*known);
  return topic;
}

void TopicCatalog::Forget(std::string_view name) {
  std::shared_ptr<TopicState> topic;
  {
    MutexLock lock(mutex_);
    const auto found = topics_.find(name);
    if (found == topics_.end()) return;
    topic = std::move(found->second);
    topics_.erase(found);
  }
  if (topic != nullptr) Drop(*topic);
}

void TopicCatalog::Drop(TopicState& topic) {
  // Only one that is deleted by now could fail.
  topic.Delete([] { return absl::OkStatus(); }).IgnoreError();
}

absl::StatusOr<std::shared_ptr<TopicState>> TopicCatalog::Open(
    std::string_view name) {
  TIDEMARK_RETURN_IF_ERROR(shared().Usable());
  TIDEMARK_RETURN_IF_ERROR(CheckTopicName(name));
  const OperationGate::Pass pass(partitions_->gate());
  if (!pass) return shared().Usable();
  const EventRelay::Deferral deferral(partitions_->events());
  const NameLocks::Hold hold(names_, name);
  if (shared().settings.is_read_only) return Read(name);
  bool is_there = false;
  {
    MutexLock lock(mutex_);
    const auto found = topics_.find(name);
    is_there = found != topics_.end();
    if (is_there && found->second != nullptr) return found->second;
  }
  return is_there ? Read(name) : NotFound(name);
}

absl::StatusOr<std::vector<std::string>> TopicCatalog::Names() const {
  TIDEMARK_RETURN_IF_ERROR(shared().Usable());
  if (shared().settings.is_read_only) {
    return ListTopicDirectories(*shared().directory);
  }
  std::vector<std::string> names;
  MutexLock lock(mutex_);
  for (const auto& [name, topic] : topics_) names.push_back(name);
  return names;
}

absl::Status TopicCatalog::Delete(std::string_view name) {
  TIDEMARK_RETURN_IF_ERROR(CheckWritable());
  TIDEMARK_RETURN_IF_ERROR(CheckTopicName(name));
  const OperationGate::Pass pass(partitions_->gate());
  if (!pass) return shared().Usable();
  const EventRelay::Deferral deferral(partitions_->events());
  const NameLocks::Hold hold(names_, name);
  std::shared_ptr<TopicState> topic;
  bool is_there = false;
  bool is_removal = false;
  {
    MutexLock lock(mutex_);
    const auto found = topics_.find(name);
    is_there = found != topics_.end();
    if (is_there) topic = found->second;
    is_removal = removals_.find(name) != removals_.end();
  }
  if (is_there) return RemoveHeld(name, topic.get());
  return is_removal ? FinishRemoval(name) : NotFound(name);
}

absl::Status TopicCatalog::RemoveHeld(std::string_view name,
                                      TopicState* topic) {
  std::map<std::string, std::string, std::less<>> removal;
  std::string& path = removal.emplace(name, TopicPath(name)).first->second;
  std::list<std::string> rest(1);
  absl::Status removed;
  const auto remove = [&]() -> absl::Status {
    removed = Guarded([&] {
      return RemoveTopicDirectory(*shared().env, *shared().directory, &path);
    });
    if (!removed.ok()) partitions_->NoteUnsyncedChange();
    if (path == TopicPath(name) && IsStillThere(path, removed)) return removed;
    // Behind the rename there is no way back, and nothing may be allocated.
    MutexLock lock(mutex_);
    topics_.erase(topics_.find(name));
    if (!removed.ok()) {
      removals_.merge(removal);
    } else if (!path.empty()) {
      rest.front() = std::move(path);
      rests_.splice(rests_.end(), rest);
    }
    return absl::OkStatus();
  };
  TIDEMARK_RETURN_IF_ERROR(topic != nullptr ? topic->Delete(remove) : remove());
  return removed;
}

bool TopicCatalog::IsStillThere(const std::string& path,
                                const absl::Status& removed) const {
  if (removed.ok()) return false;
  if (shared().directory->Stat(path).ok()) return true;
  // Nobody can tell, except if the call never reached the disk. Then the topic
  // counts as deleted: no record may be acknowledged that vanishes with it.
  const ErrorReason reason = ReasonOf(removed);
  return reason == ErrorReason::kOutOfFileDescriptors ||
         reason == ErrorReason::kOutOfMemory;
}

absl::Status TopicCatalog::FinishRemoval(std::string_view name) {
  std::string path;
  {
    MutexLock lock(mutex_);
    const auto found = removals_.find(name);
    if (found == removals_.end()) return absl::OkStatus();
    path = found->second;
  }
  const absl::Status status =
      RemoveTopicDirectory(*shared().env, *shared().directory, &path);
  MutexLock lock(mutex_);
  const auto found = removals_.find(name);
  if (!status.ok()) {
    found->second = std::move(path);
    return status;
  }
  if (!path.empty()) rests_.push_back(std::move(path));
  removals_.erase(found);
  return absl::OkStatus();
}

absl::Status TopicCatalog::RemoveRests() {
  std::vector<std::string> rests;
  {
    MutexLock lock(mutex_);
    rests.assign(rests_.begin(), rests_.end());
  }
  absl::Status first;
  for (const std::string& path : rests) {
    const absl::Status status = RemoveTopicTree(*shared().directory, path);
    if (first.ok()) first = status;
    if (!status.ok()) continue;
    MutexLock lock(mutex_);
    rests_.remove(path);
  }
  return first;
}

}  // namespace v0
}  // namespace tidemark
