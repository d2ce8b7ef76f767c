#include "store/store_engine.h"

#include <fmt/core.h>
#include <fmt/ostream.h>

#include <string>
#include <utility>
#include <vector>

#include "base/guard.h"
#include "base/status_macros.h"
#include "partition/chunk_arena.h"
#include "partition/flush_worker.h"
#include "partition/partition_log.h"
#include "partition/segment_file_cache.h"
#include "store/arena_handover.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

// Leaves the object alone in a forked child.
template <typename T>
void DeleteUnlessForked(T* object, const ForkMark& mark) {
  std::unique_ptr<T> owned(object);
  if (mark.IsInForkedChild()) static_cast<void>(owned.release());
}

LogSettings SettingsOf(const StoreOptions& options) {
  return {.sync_interval = options.sync_interval,
          .append_timeout = options.append_timeout,
          .mark_delay = options.mark_delay,
          .unsynced_bytes_max = options.unsynced_bytes_max,
          .is_padding_synced_batches = options.pad_synced_batches,
          .has_threads = options.background_threads && !options.read_only,
          .is_read_only = options.read_only};
}

std::shared_ptr<LogShared> NewShared() {
  return {std::make_unique<LogShared>().release(), [](LogShared* shared) {
            const ForkMark mark = shared->fork_mark;
            DeleteUnlessForked(shared, mark);
          }};
}

}  // namespace

absl::StatusOr<std::shared_ptr<StoreEngine>> StoreEngine::Open(
    std::string_view directory, const StoreOptions& options) {
  TIDEMARK_RETURN_IF_ERROR(ValidateStoreOptions(options));
  Env& env = options.env != nullptr ? *options.env : Env::Posix();
  Clock& clock = options.clock != nullptr ? *options.clock : Clock::System();
  TIDEMARK_ASSIGN_OR_RETURN(StoreRoot root,
                            OpenStoreRoot(directory, options, env, clock));
  const std::shared_ptr<StoreEngine> engine(
      new StoreEngine(options, std::move(root), env, clock),
      [](StoreEngine* closed) {
        const ForkMark mark = closed->shared_->fork_mark;
        DeleteUnlessForked(closed, mark);
      });
  absl::Status status = Guarded([&] { return engine->Start(options); });
  if (status.ok()) return engine;
  engine->GiveUp();
  return status;
}

StoreEngine::StoreEngine(const StoreOptions& options, StoreRoot root, Env& env,
                         Clock& clock)
    : events_(std::make_shared<EventRelay>(options.on_event)),
      shared_(NewShared()),
      file_(std::move(root.file)),
      lock_(std::move(root.lock)) {
  shared_->settings = SettingsOf(options);
  shared_->store_id = file_->record().store_id;
  shared_->clock = &clock;
  shared_->env = &env;
  shared_->directory = std::move(root.directory);
  shared_->on_event = [events = events_](const Event& event) {
    events->Report(event);
  };
}

StoreEngine::~StoreEngine() {
  // Without memory for its first handle it never started.
  if (partitions_ == nullptr) return;
  Guarded([this] { return Close(); }).IgnoreError();  // as Store promises
}

absl::Status StoreEngine::TakePossession(bool* is_file_system_synced) {
  const StoreRecord before = file_->record();
  // A damaged slot may have been the newer one: then the store may have been
  // opened once more, and no crash is ruled out.
  const bool is_damaged = file_->is_one_slot_damaged();
  report_.is_clean = before.is_clean && !is_damaged;
  report_.incarnation = before.incarnation;
  report_.store_damage = file_->damage();
  *is_file_system_synced = report_.is_clean;
  if (!shared_->settings.is_read_only) {
    report_.incarnation += is_damaged ? 2 : 1;
    if (!report_.is_clean) {
      const absl::Status synced = shared_->directory->SyncFileSystem();
      if (!synced.ok() && !absl::IsUnimplemented(synced)) return synced;
      *is_file_system_synced = synced.ok();
    }
    TIDEMARK_RETURN_IF_ERROR(file_->Update([this](StoreRecord& record) {
      record.incarnation = report_.incarnation;
      record.is_clean = false;
    }));
  }
  shared_->incarnation = report_.incarnation;
  return absl::OkStatus();
}

absl::Status StoreEngine::Start(const StoreOptions& options) {
  LogShared& shared = *shared_;
  shared.files = std::make_unique<SegmentFileCache>(*shared.directory,
                                                    options.open_files_max);
  bool is_file_system_synced = false;
  TIDEMARK_RETURN_IF_ERROR(TakePossession(&is_file_system_synced));
  partitions_ =
      std::make_shared<OpenPartitions>(shared_, events_, is_file_system_synced);
  catalog_ = std::make_unique<TopicCatalog>(partitions_);
  housekeeper_ = std::make_unique<Housekeeper>(*partitions_, *catalog_);
  TIDEMARK_RETURN_IF_ERROR(catalog_->Load());
  if (shared.settings.is_read_only) return absl::OkStatus();
  shared.flush = std::make_unique<FlushWorker>(shared);
  const ArenaHandover handover{.shared = shared,
                               .file = *file_,
                               .catalog = *catalog_,
                               .partitions = partitions_,
                               .events = *events_,
                               .identity = {.store_id = shared.store_id,
                                            .lock_device = lock_->stat().device,
                                            .lock_inode = lock_->stat().inode}};
  TIDEMARK_RETURN_IF_ERROR(TakeOverAndMakeArena(handover, options, &report_));
  if (!shared.settings.has_threads) return absl::OkStatus();
  TIDEMARK_RETURN_IF_ERROR(shared.flush->Start());
  return housekeeper_->Start();
}

absl::Status StoreEngine::CheckWritable() const {
  TIDEMARK_RETURN_IF_ERROR(shared_->Usable());
  if (!shared_->settings.is_read_only) return absl::OkStatus();
  return WithReason(
      absl::FailedPreconditionError("store: open for reading only"),
      ErrorReason::kReadOnly);
}

absl::Status StoreEngine::Sync() {
  TIDEMARK_RETURN_IF_ERROR(CheckWritable());
  return shared_->flush->SyncLogs(partitions_->logs());
}

RecoveryReport StoreEngine::recovery() const {
  RecoveryReport report = report_;
  report.partitions = partitions_->recoveries();
  return report;
}

StoreHealth StoreEngine::health() const {
  StoreHealth health;
  events_->AddTo(&health);
  for (const std::shared_ptr<PartitionLog>& log : partitions_->logs()) {
    const PartitionAddress& address = log->address();
    absl::Status failure = log->failure();
    if (!failure.ok()) {
      health.failures.push_back(
          {{address.topic, address.number}, std::move(failure)});
    }
    // Recovery told of all ranges with one event.
    const size_t ranges = log->recovery().damage.size();
    if (ranges > 1) health.damaged_ranges += ranges - 1;
  }
  health.process_durability = shared_->process_durability.load();
  if (shared_->flush != nullptr) {
    health.sync_lag = shared_->flush->sync_lag();
  }
  if (shared_->arena != nullptr) {
    health.arena_bytes_used = shared_->arena->bytes_used();
    health.arena_bytes_max = shared_->arena->size_max();
  }
  for (std::string& warning : shared_->directory->Warnings()) {
    health.warnings.push_back(std::move(warning));
  }
  if (shared_->directory->is_in_memory()) {
    health.warnings.push_back(
        "the file system is in memory: nothing survives a loss of power");
  }
  housekeeper_->AddTo(&health);
  if (!shared_->fork_mark.is_installed()) {
    health.warnings.push_back("forks of this process go unnoticed");
  }
  JudgeHealth(&health);
  return health;
}

void StoreEngine::JudgeHealth(StoreHealth* health) const {
  health->status = shared_->Usable();
  if (!health->status.ok()) return;
  if (!health->failures.empty()) {
    const PartitionFailure& first = health->failures.front();
    health->status =
        WithReason(absl::FailedPreconditionError(fmt::format(
                       "{} partitions refuse appends, {}/{} for: {}",
                       health->failures.size(), first.partition.topic,
                       first.partition.partition, fmt::streamed(first.cause))),
                   ErrorReason::kPoisoned);
  } else if (health->damaged_ranges > 0) {
    health->status =
        WithReason(absl::DataLossError(fmt::format(
                       "{} damaged ranges were found", health->damaged_ranges)),
                   ErrorReason::kDamaged);
  } else {
    health->status = health->background_error;
  }
}

absl::Status StoreEngine::RunMaintenance(absl::Time now) {
  TIDEMARK_RETURN_IF_ERROR(shared_->Usable());
  const OperationGate::Pass pass(partitions_->gate());
  if (!pass) return shared_->Usable();
  if (shared_->settings.is_read_only) {
    tasks_.RunAll();
    return absl::OkStatus();
  }
  const absl::Status flushed = shared_->flush->RunDue();
  const absl::Status kept = housekeeper_->RunRound(now);
  tasks_.RunAll();
  return flushed.ok() ? kept : flushed;
}

absl::Status StoreEngine::Close() {
  // In a forked child the mutex may be held by a thread that is not there.
  if (shared_->fork_mark.IsInForkedChild()) return shared_->Usable();
  MutexLock lock(close_mutex_);
  if (is_closed_) return absl::OkStatus();
  is_closed_ = true;
  const bool is_writable = !shared_->settings.is_read_only;
  if (is_writable) {
    // All at once where that is cheaper. The partitions keep what fails.
    shared_->flush->SyncLogs(partitions_->logs()).IgnoreError();
  }
  StopUse();
  absl::Status status = partitions_->CloseAll();
  // Behind a store that is not clean the next opening syncs what it finds.
  const bool is_clean = !partitions_->has_unsynced_change();
  if (is_writable && status.ok()) {
    status = RetireArena(*shared_, *file_, is_clean);
  }
  // Handles may outlive the store; the next opening must not wait for them, and
  // nobody reads any more.
  shared_->files->Clear();
  shared_->arena_lock = nullptr;
  file_ = nullptr;
  lock_ = nullptr;
  return status;
}

void StoreEngine::StopUse() {
  shared_->is_closed.store(true, std::memory_order_release);
  if (partitions_ != nullptr) partitions_->gate().CloseAndWait();
  if (housekeeper_ != nullptr) housekeeper_->Stop();
  if (shared_->flush != nullptr) shared_->flush->Stop();
}

void StoreEngine::GiveUp() {
  MutexLock lock(close_mutex_);
  is_closed_ = true;
  StopUse();
  if (partitions_ != nullptr) partitions_->AbandonAll();
  shared_->arena_lock = nullptr;
  file_ = nullptr;
  lock_ = nullptr;
}

}  // namespace v0
}  // namespace tidemark
