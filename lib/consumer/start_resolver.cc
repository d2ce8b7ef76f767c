#include "consumer/start_resolver.h"

#include <fmt/core.h>

#include <variant>

#include "base/status_macros.h"
#include "partition/log_shared.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

// A place that this open of the store vouches for. Whatever replaces the record
// before it later does so in a later incarnation. A reader beside the writing
// process cannot say that: the writer may be in a later one already.
CursorPlace Known(Offset offset, const CursorPartition& partition) {
  const LogShared& shared = partition.log->shared();
  CursorPlace place;
  place.offset = offset;
  place.incarnation = shared.settings.is_read_only ? 0 : shared.incarnation;
  return place;
}

CursorPlace Begin(const CursorPartition& partition) {
  return Known(partition.log->start(), partition);
}

// A place that the host or a commit remembers.
CursorPlace Remembered(Offset offset, Incarnation incarnation) {
  CursorPlace place;
  place.offset = offset;
  place.incarnation = incarnation;
  place.needs_check = true;
  return place;
}

}  // namespace

absl::Status ValidateStart(const Start& start, bool has_name) {
  const Start::Choice& choice = start.choice();
  if (const auto* fixed = std::get_if<Start::FixedOffset>(&choice)) {
    if (fixed->offset >= 0) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format(
        "start: offset {}, allowed are 0 and above", fixed->offset));
  }
  if (const auto* at = std::get_if<Start::FixedPositions>(&choice)) {
    for (const Positions::Entry& entry : *at->positions) {
      if (entry.offset >= 0) continue;
      return absl::InvalidArgumentError(
          fmt::format("start: topic {} partition {} at offset {}, allowed are "
                      "0 and above",
                      entry.topic, entry.partition, entry.offset));
    }
    return at->otherwise == nullptr ? absl::OkStatus()
                                    : ValidateStart(*at->otherwise, has_name);
  }
  if (const auto* commit = std::get_if<Start::LastCommit>(&choice)) {
    if (has_name) return ValidateStart(*commit->otherwise, has_name);
    return absl::InvalidArgumentError(
        "start: Committed, but the cursor has no name");
  }
  return absl::OkStatus();
}

absl::Status LostCommit(const CursorPartition& partition) {
  return WithReason(absl::DataLossError(fmt::format(
                        "topic {} partition {}: its commit cannot be read",
                        partition.name.topic, partition.name.partition)),
                    ErrorReason::kDamaged);
}

absl::StatusOr<CursorPlace> StartResolver::Resolve(
    const Start& start, const CursorPartition& partition) const {
  const Start::Choice& choice = start.choice();
  if (std::holds_alternative<Start::BeginOfLog>(choice)) {
    return Begin(partition);
  }
  if (std::holds_alternative<Start::EndOfLog>(choice)) {
    return Known(partition.log->VisibleEnd(visibility), partition);
  }
  if (const auto* fixed = std::get_if<Start::FixedOffset>(&choice)) {
    CursorPlace place;
    place.offset = fixed->offset;
    return place;
  }
  if (const auto* at = std::get_if<Start::FixedTime>(&choice)) {
    TIDEMARK_ASSIGN_OR_RETURN(const Offset offset,
                              partition.log->OffsetForTime(at->time));
    return Known(offset, partition);
  }
  if (const auto* at = std::get_if<Start::FixedPositions>(&choice)) {
    return ResolvePositions(*at, partition);
  }
  return ResolveCommitted(std::get<Start::LastCommit>(choice), partition);
}

absl::StatusOr<CursorPlace> StartResolver::ResolveNew(
    const Start& start, const CursorPartition& partition) const {
  // Another cursor of the name may have had it in its hands before.
  if (std::holds_alternative<Start::LastCommit>(start.choice()) &&
      file != nullptr &&
      file->Find(partition.key).state != CommittedPosition::State::kNone) {
    return Resolve(start, partition);
  }
  return Begin(partition);
}

absl::StatusOr<CursorPlace> StartResolver::ResolvePositions(
    const Start::FixedPositions& start,
    const CursorPartition& partition) const {
  const Positions& positions = *start.positions;
  const std::string& topic = partition.name.topic;
  const Positions::Entry* const entry =
      positions.Find(topic, partition.name.partition);
  // All entries of a topic are of one topic id.
  const Positions::Entry* const any = positions.FindTopic(topic);
  if (any != nullptr && any->topic_id == partition.key.topic_id.bytes) {
    if (entry != nullptr) {
      return Remembered(entry->offset, entry->incarnation);
    }
    if (partition.is_subscribed) return Begin(partition);
  }
  if (start.otherwise != nullptr) return Resolve(*start.otherwise, partition);
  return absl::InvalidArgumentError(fmt::format(
      "start: topic {} partition {} is {}", topic, partition.name.partition,
      entry == nullptr ? "not in the positions"
                       : "in the positions of an earlier topic of that name"));
}

absl::StatusOr<CursorPlace> StartResolver::ResolveCommitted(
    const Start::LastCommit& start, const CursorPartition& partition) const {
  using State = CommittedPosition::State;
  const CommittedPosition found =
      file == nullptr ? CommittedPosition() : file->Find(partition.key);
  if (found.state == State::kCommitted) {
    return Remembered(found.offset, found.incarnation);
  }
  if (found.state == State::kLost) {
    CursorPlace place;
    place.lost = LostCommit(partition);
    return place;
  }
  const bool is_new_partition = partition.is_subscribed && file != nullptr &&
                                file->HasCommitsOf(partition.key.topic_id);
  if (is_new_partition) return Begin(partition);
  return Resolve(*start.otherwise, partition);
}

}  // namespace v0
}  // namespace tidemark
