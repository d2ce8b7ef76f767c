#include "consumer/cursor_engine.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/guard.h"
#include "base/status_macros.h"
#include "consumer/commit_level.h"
#include "partition/log_shared.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

absl::Status UnknownPartition(const TopicPartition& partition) {
  return absl::NotFoundError(
      fmt::format("topic {} partition {}: the cursor does not read it",
                  partition.topic, partition.partition));
}

Positions::Entry EntryOf(const CursorPartition& partition, Offset offset,
                         Incarnation incarnation) {
  return {partition.name.topic, partition.key.topic_id.bytes,
          partition.name.partition, offset, incarnation};
}

absl::Status NoName() {
  return absl::FailedPreconditionError("cursor: has no name to commit under");
}

std::vector<CursorKey> KeysOf(const std::vector<CursorPartition>& partitions) {
  std::vector<CursorKey> keys;
  keys.reserve(partitions.size());
  for (const CursorPartition& partition : partitions) {
    keys.push_back(partition.key);
  }
  return keys;
}

}  // namespace

CursorEngine::CursorEngine(const CursorOptions& options,
                           std::unique_ptr<PartitionSet> partitions)
    : options_(options),
      partitions_(std::move(partitions)),
      fetcher_(options.visibility),
      waiter_(std::make_shared<AppendWaiter>(*shared().clock)) {}

CursorEngine::~CursorEngine() {
  // A destructor has nobody to tell; Close does.
  if (!is_closed_) Guarded([this] { return Close(); }).IgnoreError();
}

absl::StatusOr<std::unique_ptr<CursorEngine>> CursorEngine::Open(
    Store& store, const CursorOptions& options) {
  TIDEMARK_RETURN_IF_ERROR(ValidateCursorOptions(options));
  TIDEMARK_ASSIGN_OR_RETURN(auto partitions,
                            PartitionSet::Open(store, options));
  std::unique_ptr<CursorEngine> engine(
      new CursorEngine(options, std::move(partitions)));
  TIDEMARK_RETURN_IF_ERROR(engine->Usable());
  TIDEMARK_RETURN_IF_ERROR(engine->OpenFile());
  TIDEMARK_RETURN_IF_ERROR(engine->Seek(options.start));
  return engine;
}

absl::Status CursorEngine::Usable() const {
  if (is_closed_) {
    return WithReason(absl::FailedPreconditionError("cursor: closed"),
                      ErrorReason::kClosed);
  }
  return shared().Usable();
}

absl::Status CursorEngine::OpenFile() {
  if (options_.name.empty()) return absl::OkStatus();
  LogShared& shared = this->shared();
  if (shared.settings.is_read_only) {
    TIDEMARK_ASSIGN_OR_RETURN(
        file_, CursorFile::OpenToRead(*shared.directory, shared.store_id,
                                      options_.name));
    if (file_ == nullptr) return absl::OkStatus();
  } else {
    TIDEMARK_ASSIGN_OR_RETURN(
        file_, CursorFile::Open(*shared.directory, *shared.env, shared.store_id,
                                options_.name));
  }
  return TakeKeys(KeysOf(partitions_->all()));
}

absl::Status CursorEngine::TakeKeys(std::span<const CursorKey> keys) {
  if (file_ == nullptr) return absl::OkStatus();
  return shared().settings.is_read_only ? file_->Read(keys) : file_->Take(keys);
}

absl::Status CursorEngine::Close() {
  if (is_closed_) return absl::OkStatus();
  is_closed_ = true;
  // A forked child has copies of locks that may be held for ever.
  if (shared().fork_mark.IsInForkedChild()) return absl::OkStatus();
  for (CursorPartition& partition : partitions_->all()) {
    if (partition.is_armed) partition.log->DisarmWaiter(*waiter_);
  }
  return file_ == nullptr ? absl::OkStatus() : file_->Close();
}

void CursorEngine::NotePlace(const CursorPartition& partition,
                             const CursorPlace& place, Positions* positions) {
  if (place.lost.ok()) {
    positions->Set(EntryOf(partition, place.offset, place.incarnation));
  } else {
    positions->Erase(partition.name.topic, partition.name.partition);
  }
}

absl::Status CursorEngine::RereadFile() {
  // In a read-only store another process commits.
  if (file_ == nullptr || !shared().settings.is_read_only) {
    return absl::OkStatus();
  }
  return file_->Read(KeysOf(partitions_->all()));
}

absl::Status CursorEngine::Seek(const Start& start) {
  TIDEMARK_RETURN_IF_ERROR(Usable());
  TIDEMARK_RETURN_IF_ERROR(ValidateStart(start, !options_.name.empty()));
  TIDEMARK_RETURN_IF_ERROR(RereadFile());
  std::vector<CursorPartition>& all = partitions_->all();
  std::vector<CursorPlace> places;
  places.reserve(all.size());
  Positions positions;
  for (const CursorPartition& partition : all) {
    TIDEMARK_ASSIGN_OR_RETURN(CursorPlace place,
                              resolver().Resolve(start, partition));
    NotePlace(partition, place, &positions);
    places.push_back(std::move(place));
  }
  for (size_t i = 0; i < all.size(); ++i) all[i].place = std::move(places[i]);
  positions_ = std::move(positions);
  UpdateEventDescriptor();
  return absl::OkStatus();
}

absl::Status CursorEngine::Seek(const TopicPartition& name,
                                const Start& start) {
  TIDEMARK_RETURN_IF_ERROR(Usable());
  TIDEMARK_RETURN_IF_ERROR(ValidateStart(start, !options_.name.empty()));
  TIDEMARK_RETURN_IF_ERROR(RereadFile());
  CursorPartition* const partition = partitions_->Find(name);
  if (partition == nullptr) return UnknownPartition(name);
  TIDEMARK_ASSIGN_OR_RETURN(CursorPlace place,
                            resolver().Resolve(start, *partition));
  NotePlace(*partition, place, &positions_);
  partition->place = std::move(place);
  UpdateEventDescriptor();
  return absl::OkStatus();
}

absl::Status CursorEngine::SetPaused(std::span<const TopicPartition> partitions,
                                     bool is_paused) {
  TIDEMARK_RETURN_IF_ERROR(Usable());
  for (const TopicPartition& name : partitions) {
    if (partitions_->Find(name) == nullptr) return UnknownPartition(name);
  }
  for (const TopicPartition& name : partitions) {
    partitions_->Find(name)->is_paused = is_paused;
  }
  UpdateEventDescriptor();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<PartitionLag>> CursorEngine::Lag() {
  TIDEMARK_RETURN_IF_ERROR(Usable());
  std::vector<PartitionLag> result;
  for (const CursorPartition& partition : partitions_->all()) {
    PartitionLog& log = *partition.log;
    TIDEMARK_RETURN_IF_ERROR(log.Usable());
    const Offset start = log.start();
    const Offset from = partition.place.lost.ok()
                            ? std::max(start, partition.place.offset)
                            : start;
    const Offset end = log.VisibleEnd(options_.visibility);
    PartitionLag lag{partition.name, 0, 0};
    if (from < end) {
      lag.records = static_cast<uint64_t>(end - from);
      TIDEMARK_ASSIGN_OR_RETURN(lag.bytes, log.BytesBetween(from, end));
    }
    result.push_back(std::move(lag));
  }
  return result;
}

absl::StatusOr<Positions> CursorEngine::committed() {
  TIDEMARK_RETURN_IF_ERROR(Usable());
  if (options_.name.empty()) return NoName();
  TIDEMARK_RETURN_IF_ERROR(RereadFile());
  Positions positions;
  if (file_ == nullptr) return positions;
  for (const CursorPartition& partition : partitions_->all()) {
    const CommittedPosition found = file_->Find(partition.key);
    if (found.state == CommittedPosition::State::kLost) {
      return LostCommit(partition);
    }
    if (found.state != CommittedPosition::State::kCommitted) continue;
    positions.Set(EntryOf(partition, found.offset, found.incarnation));
  }
  return positions;
}

absl::Status CursorEngine::Commit() {
  TIDEMARK_RETURN_IF_ERROR(CheckCanCommit());
  std::vector<CommitTarget> targets;
  std::vector<CursorCommit> commits;
  for (const CursorPartition& partition : partitions_->all()) {
    const CursorPlace& place = partition.place;
    if (!place.lost.ok()) continue;
    const CursorCommit commit{partition.key, place.offset, place.incarnation};
    if (place.needs_check) {
      // Nothing was read here yet. What is committed already may stand, though
      // the log does not lead to it any more.
      if (file_->Holds(commit, options_.commit_level)) continue;
      const absl::Status found =
          partition.log->CheckPosition(place.offset, place.incarnation);
      const bool may_stand =
          absl::IsOutOfRange(found) && file_->Holds(commit, Ack::kProcess);
      if (may_stand) continue;
      TIDEMARK_RETURN_IF_ERROR(found);
    }
    targets.push_back({partition.log, place.offset});
    commits.push_back(commit);
  }
  return WriteCommits(targets, commits);
}

absl::Status CursorEngine::Commit(const Positions& positions) {
  TIDEMARK_RETURN_IF_ERROR(CheckCanCommit());
  std::vector<CommitTarget> targets;
  std::vector<CursorCommit> commits;
  for (const Positions::Entry& entry : positions) {
    const CursorPartition* const partition =
        partitions_->Find({entry.topic, entry.partition});
    if (partition == nullptr ||
        partition->key.topic_id.bytes != entry.topic_id || entry.offset < 0) {
      return absl::InvalidArgumentError(fmt::format(
          "commit: topic {} partition {} at offset {} is not of this cursor",
          entry.topic, entry.partition, entry.offset));
    }
    targets.push_back({partition->log, entry.offset});
    commits.push_back({partition->key, entry.offset, entry.incarnation});
  }
  return WriteCommits(targets, commits);
}

absl::Status CursorEngine::CheckCanCommit() const {
  TIDEMARK_RETURN_IF_ERROR(Usable());
  if (options_.name.empty()) return NoName();
  if (shared().settings.is_read_only) {
    return WithReason(
        absl::FailedPreconditionError(fmt::format(
            "cursor {}: the store was opened read-only", options_.name)),
        ErrorReason::kReadOnly);
  }
  return absl::OkStatus();
}

absl::Status CursorEngine::WriteCommits(
    const std::vector<CommitTarget>& targets,
    const std::vector<CursorCommit>& commits) {
  TIDEMARK_RETURN_IF_ERROR(ReachCommitLevel(targets, options_.commit_level));
  return file_->Write(commits, options_.commit_level,
                      shared().clock->CoarseMicros());
}

}  // namespace v0
}  // namespace tidemark
