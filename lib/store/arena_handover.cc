#include "store/arena_handover.h"

#include <fmt/core.h>
#include <fmt/ostream.h>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "partition/chunk_arena.h"
#include "store/topic_state.h"
#include "store/unreadable_topics.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

// The batches of one partition, in the order of their offsets.
using TakenPartition = std::pair<Id128, PartitionNumber>;
using TakenBatches = std::map<TakenPartition, std::vector<const TakenBatch*>>;

// What a store has by way of topics.
struct Topics {
  std::map<Id128, std::shared_ptr<TopicState>> by_id;
  UnreadableTopics unreadable;
};

absl::StatusOr<Topics> OpenTopics(const ArenaHandover& handover) {
  Topics topics{.by_id = {},
                .unreadable = UnreadableTopics(handover.partitions)};
  TIDEMARK_ASSIGN_OR_RETURN(const auto names, handover.catalog.Names());
  for (const std::string& name : names) {
    auto topic = handover.catalog.Open(name);
    if (absl::IsDataLoss(topic.status())) {
      topics.unreadable.Add(name, topic.status());
      continue;
    }
    TIDEMARK_RETURN_IF_ERROR(topic.status());
    const Id128 id = (*topic)->id();
    topics.by_id.emplace(id, *std::move(topic));
  }
  return topics;
}

void ReportGap(const ArenaHandover& handover, std::string_view topic,
               PartitionNumber partition, const absl::Status& status) {
  handover.events.Report(
      {.kind = EventKind::kDamageFound,
       .topic = std::string(topic),
       .partition = partition,
       .status = status,
       .text = fmt::format("take-over: {}", fmt::streamed(status))});
}

// Gives the batches of one partition to it. `*is_homeless` if there is no such
// topic.
absl::Status TakeOverPartition(const ArenaHandover& handover,
                               const Topics& topics,
                               const TakenPartition& partition,
                               std::span<const TakenBatch* const> batches,
                               bool* is_homeless) {
  const auto& [id, number] = partition;
  std::string name;
  absl::Status status;
  if (const auto topic = topics.by_id.find(id); topic != topics.by_id.end()) {
    name = topic->second->name();
    status = topic->second->TakeOver(number, batches);
  } else {
    TIDEMARK_ASSIGN_OR_RETURN(name, topics.unreadable.FindOwner(id, number));
    *is_homeless = name.empty();
    if (name.empty()) return absl::OkStatus();
    status = topics.unreadable.TakeOver(name, id, number, batches);
  }
  if (!absl::IsDataLoss(status) && !absl::IsNotFound(status)) return status;
  ReportGap(handover, name, number, status);
  return absl::OkStatus();
}

absl::Status TakeOverBatches(const ArenaHandover& handover,
                             const DeadArena& dead, RecoveryReport* report) {
  TakenBatches by_partition;
  for (const TakenBatch& batch : dead.batches()) {
    by_partition[{batch.topic_id, batch.partition}].push_back(&batch);
  }
  if (by_partition.empty()) return absl::OkStatus();
  TIDEMARK_ASSIGN_OR_RETURN(const Topics topics, OpenTopics(handover));
  size_t homeless = 0;
  for (const auto& [partition, batches] : by_partition) {
    bool is_homeless = false;
    TIDEMARK_RETURN_IF_ERROR(
        TakeOverPartition(handover, topics, partition, batches, &is_homeless));
    if (is_homeless) homeless += batches.size();
  }
  if (homeless > 0) {
    report->arena_detail +=
        fmt::format("; {} batches of topics that are gone", homeless);
  }
  return absl::OkStatus();
}

void ReportOutcome(const ArenaHandover& handover, const DeadArena& dead,
                   RecoveryReport* report) {
  report->arena = dead.outcome();
  report->arena_detail = dead.detail();
  if (dead.outcome() == ArenaOutcome::kNone) return;
  absl::Status status;
  if (dead.outcome() == ArenaOutcome::kMissing) {
    status = absl::DataLossError(fmt::format(
        "arena {}; records that were acknowledged at the process level and "
        "not yet written are lost",
        dead.detail()));
  }
  handover.events.Report(
      {.kind = EventKind::kTakeOver,
       .status = status,
       .text = fmt::format("arena: {}: {}", ToString(dead.outcome()),
                           dead.detail())});
}

// While an arena is made it is one to be unlinked: a process that dies
// meanwhile has lost nothing with it. `old` is the one of the last owner;
// nobody needs it any more if `is_old_done`.
absl::Status MakeNewArena(const ArenaHandover& handover,
                          const StoreOptions& options, const ArenaPlace& old,
                          bool is_old_done) {
  LogShared& shared = handover.shared;
  const auto plan = [&](const ArenaPlace& place) {
    return handover.file.Update(
        [&](StoreRecord& changed) { changed.previous_arena = place; });
  };
  const ArenaWish wish{
      .size_max = options.arena_bytes,
      .block_size = options.arena_block_bytes,
      .durability = options.process_durability,
      .shared_memory_directory = options.shared_memory_directory};
  auto made = MakeArena(*shared.env, *shared.directory, wish, handover.identity,
                        shared.incarnation, plan);
  TIDEMARK_RETURN_IF_ERROR(made.status());
  TIDEMARK_RETURN_IF_ERROR(handover.file.Update([&](StoreRecord& changed) {
    changed.arena = made->place;
    changed.previous_arena = is_old_done ? old : ArenaPlace{};
  }));
  shared.arena = std::move(made->arena);
  shared.arena_lock = std::move(made->lock);
  shared.process_durability.store(made->durability);
  handover.events.SetProcessDurabilityReason(std::move(made->reason));
  return absl::OkStatus();
}

}  // namespace

absl::Status TakeOverAndMakeArena(const ArenaHandover& handover,
                                  const StoreOptions& options,
                                  RecoveryReport* report) {
  LogShared& shared = handover.shared;
  const StoreRecord before = handover.file.record();
  // Left by a crash between the last use of an arena and its end.
  if (before.previous_arena.kind != ArenaKind::kNone) {
    const auto done = DeadArena::Open(*shared.env, *shared.directory,
                                      before.previous_arena, handover.identity);
    handover.events.NoteBackgroundError(done.ok() ? (*done)->Remove()
                                                  : done.status());
  }
  TIDEMARK_ASSIGN_OR_RETURN(const std::unique_ptr<DeadArena> dead,
                            DeadArena::Open(*shared.env, *shared.directory,
                                            before.arena, handover.identity));
  ReportOutcome(handover, *dead, report);
  TIDEMARK_RETURN_IF_ERROR(TakeOverBatches(handover, *dead, report));
  // What somebody else holds is never to be unlinked.
  const bool is_done = dead->outcome() == ArenaOutcome::kTakenOver ||
                       dead->outcome() == ArenaOutcome::kOtherBoot;
  TIDEMARK_RETURN_IF_ERROR(
      MakeNewArena(handover, options, before.arena, is_done));
  handover.events.NoteBackgroundError(dead->Remove());
  return absl::OkStatus();
}

absl::Status RetireArena(LogShared& shared, StoreFile& file, bool is_clean) {
  const StoreRecord before = file.record();
  const ArenaPlace& place = before.arena;
  // From here on its name stands nowhere.
  RemoveArena(*shared.env, *shared.directory, before.previous_arena)
      .IgnoreError();
  TIDEMARK_RETURN_IF_ERROR(file.Update([&](StoreRecord& changed) {
    changed.is_clean = is_clean;
    changed.arena = {};
    changed.previous_arena = place;
  }));
  // Named in STORE, so the next opening tries again.
  RemoveArena(*shared.env, *shared.directory, place).IgnoreError();
  return absl::OkStatus();
}

}  // namespace v0
}  // namespace tidemark
