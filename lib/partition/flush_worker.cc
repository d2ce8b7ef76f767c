#include "partition/flush_worker.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/guard.h"
#include "base/status_macros.h"
#include "partition/chunk_arena.h"
#include "partition/partition_log.h"
#include "partition/segment_file_cache.h"

namespace tidemark {
inline namespace v0 {
namespace {

// Above this many partitions one sync of the file system is cheaper than a
// sync of each file (four files: 220 us against 94 us).
constexpr size_t kSingleSyncsMax = 8;

// Without syncs by time, records still go to the operating system this long
// after the append.
constexpr absl::Duration kWriteOutInterval = absl::Milliseconds(100);

// Not deleted; nothing is due for what is.
bool IsInUse(const std::shared_ptr<PartitionLog>& log) {
  return log != nullptr && log->Usable().ok();
}

void Keep(absl::Status* first, const absl::Status& status) {
  if (first->ok()) *first = status;
}

}  // namespace

absl::Status FlushWorker::Start() {
  TIDEMARK_ASSIGN_OR_RETURN(worker_,
                            Worker::Start("tidemark-flush", *shared_.clock,
                                          [this] { return RunJob(); }));
  return absl::OkStatus();
}

void FlushWorker::Stop() {
  if (worker_ != nullptr) worker_->Stop();
}

absl::Duration FlushWorker::RunJob() {
  RunDue().IgnoreError();  // the partitions and the events have it
  const MutexLock lock(mutex_);
  if (!ready_.empty()) return shared_.clock->Monotonic();
  return by_time_.empty() ? absl::InfiniteDuration() : by_time_.begin()->first;
}

void FlushWorker::NoteDirty(PartitionLog& log, absl::Duration now) {
  const absl::Duration interval = shared_.settings.sync_interval;
  Schedule(log,
           now + (interval == absl::InfiniteDuration() ? kWriteOutInterval
                                                       : interval),
           Task::kSync);
}

void FlushWorker::NoteIdle(PartitionLog& log, absl::Duration at) {
  Schedule(log, at, Task::kIdle);
}

void FlushWorker::Schedule(PartitionLog& log, absl::Duration at, Task task) {
  {
    const MutexLock lock(mutex_);
    const auto found = due_.find(&log);
    if (found == due_.end()) {
      // Memory first, so that a log without it is in neither map.
      ByTime timed = {{at, &log}};
      due_.emplace(&log, Due{log.weak_from_this(), at, task});
      by_time_.merge(timed);
    } else {
      Due& due = found->second;
      // A sync that is planned is never put off, and does what idling does. An
      // entry of a log that is gone is one of another log at its address.
      if (!due.log.expired() && due.task == Task::kSync &&
          (due.at <= at || task == Task::kIdle)) {
        return;
      }
      const auto range = by_time_.equal_range(due.at);
      auto timed = by_time_.extract(std::find_if(
          range.first, range.second,
          [&log](const auto& entry) { return entry.second == &log; }));
      timed.key() = at;
      by_time_.insert(std::move(timed));
      due = {log.weak_from_this(), at, task};
    }
    StoreNextDue();
  }
  if (worker_ != nullptr) worker_->WakeAt(at);
}

void FlushWorker::StoreNextDue() {
  int64_t at = INT64_MAX;
  if (!ready_.empty()) {
    at = 0;
  } else if (!by_time_.empty()) {
    at = absl::ToInt64Nanoseconds(by_time_.begin()->first);
  }
  next_due_.store(at, std::memory_order_relaxed);
}

void FlushWorker::RequestWriteOut(PartitionLog& log) {
  {
    const MutexLock lock(mutex_);
    ready_.push_back(log.weak_from_this());
    StoreNextDue();
  }
  if (worker_ != nullptr) worker_->Wake();
}

void FlushWorker::NoteChunk(PartitionLog& log) {
  if (log.is_holder.exchange(true)) return;
  const MutexLock lock(mutex_);
  holders_.push_back(log.weak_from_this());
}

void FlushWorker::TakeDue(absl::Duration now, LogList* writes, LogList* syncs,
                          LogList* idles) {
  const MutexLock lock(mutex_);
  // Room first: what is taken out of the lists below must reach the caller.
  const auto end = by_time_.upper_bound(now);
  const auto count = static_cast<size_t>(std::distance(by_time_.begin(), end));
  writes->reserve(ready_.size());
  syncs->reserve(count);
  idles->reserve(count);
  for (const std::weak_ptr<PartitionLog>& ready : ready_) {
    if (auto log = ready.lock(); IsInUse(log)) writes->push_back(log);
  }
  ready_.clear();
  while (by_time_.begin() != end) {
    const auto due = due_.find(by_time_.begin()->second);
    by_time_.erase(by_time_.begin());
    if (auto log = due->second.log.lock(); IsInUse(log)) {
      (due->second.task == Task::kSync ? syncs : idles)
          ->push_back(std::move(log));
    }
    due_.erase(due);
  }
  StoreNextDue();
}

void FlushWorker::WatchArena() {
  if (!shared_.arena->outlives_process() ||
      shared_.process_durability.load() == ProcessDurability::kWriteThrough) {
    return;
  }
  const absl::StatusOr<uint64_t> links = shared_.arena->LinkCount();
  if (links.ok() && *links > 0) return;
  shared_.process_durability.store(ProcessDurability::kWriteThrough);
  // What was acknowledged on the strength of the arena goes to the files now.
  for (const auto& log : DirtyLogs()) {
    log->WriteOut(/*is_everything=*/true).IgnoreError();  // the log keeps it
  }
  shared_.on_event({EventKind::kProcessLevelChanged, "", -1, links.status(),
                    "the shared memory was removed: appends are written "
                    "through"});
}

absl::Status FlushWorker::RunDue() {
  if (shared_.arena != nullptr) WatchArena();
  LogList writes;
  LogList syncs;
  LogList idles;
  TakeDue(shared_.clock->Monotonic(), &writes, &syncs, &idles);
  absl::Status first;
  // Where memory runs out for one log the others still get their turn.
  const auto run = [&first](auto&& work) { Keep(&first, Guarded(work)); };
  for (const auto& log : writes) {
    log->is_write_requested.store(false);
    run([&] { return log->WriteOut(/*is_everything=*/false); });
  }
  const absl::Duration now = shared_.clock->Monotonic();
  const auto idle = [now](PartitionLog& log) {
    log.RunIdle(now);
    return absl::OkStatus();
  };
  if (shared_.settings.sync_interval == absl::InfiniteDuration()) {
    for (const auto& log : syncs) {
      run([&] { return WriteOutOrRetry(*log, now); });
      run([&] { return idle(*log); });
    }
  } else {
    std::erase_if(syncs, [&](const auto& log) {
      bool is_later = false;
      run([&] {
        is_later = PutOffSync(*log, now);
        return absl::OkStatus();
      });
      return is_later;
    });
    run([&] { return SyncLogs(std::move(syncs)); });
  }
  for (const auto& log : idles) run([&] { return idle(*log); });
  return first;
}

absl::Status FlushWorker::WriteOutOrRetry(PartitionLog& log,
                                          absl::Duration now) {
  const absl::Status status =
      Guarded([&] { return log.WriteOut(/*is_everything=*/true); });
  // As behind a sync: a disk that is full now may have room then.
  if (!status.ok() && log.failure().ok()) NoteDirty(log, now);
  return status;
}

bool FlushWorker::PutOffSync(PartitionLog& log, absl::Duration now) {
  if (log.IsClean()) {
    NoteIdle(log, now);  // another sync had it meanwhile, or a trim
    return true;
  }
  // It became dirty anew since the deadline was set.
  const absl::Duration since = log.unsynced_since();
  if (since == absl::InfiniteDuration() ||
      since + shared_.settings.sync_interval <= now) {
    return false;
  }
  NoteDirty(log, since);
  return true;
}

absl::Status FlushWorker::SyncLogs(LogList logs) {
  std::erase_if(logs, [](const auto& log) { return log->IsClean(); });
  return logs.size() > kSingleSyncsMax ? SyncTogether(logs) : SyncEach(logs);
}

absl::Status FlushWorker::SyncEach(const LogList& logs) {
  absl::Status first;
  for (const auto& log : logs) {
    Keep(&first, Guarded([&] { return log->Sync(); }));
  }
  return first;
}

absl::Status FlushWorker::SyncTogether(const LogList& logs) {
  struct Begun {
    std::shared_ptr<PartitionLog> log;
    SyncPlan plan;
  };
  std::vector<Begun> begun;
  LogList others;  // somebody else syncs them at this moment
  const absl::Status room = Guarded([&] {
    begun.reserve(logs.size());
    others.reserve(logs.size());
    return absl::OkStatus();
  });
  if (!room.ok()) return SyncEach(logs);
  // From here on nothing may end the function before every sync that was begun
  // is finished.
  absl::Status first;
  for (const auto& log : logs) {
    if (!log->group_sync().TryBegin()) {
      others.push_back(log);
      continue;
    }
    SyncPlan plan;
    const absl::Status prepared =
        Guarded([&] { return log->PrepareSync(&plan); });
    if (!prepared.ok()) {
      log->group_sync().Finish(prepared, /*is_final=*/false, 0);
      log->AfterSync(plan, prepared, /*is_final=*/false);
      Keep(&first, prepared);
      continue;
    }
    begun.push_back({log, std::move(plan)});
  }
  const bool is_any_dirty =
      std::any_of(begun.begin(), begun.end(),
                  [](const Begun& one) { return !one.plan.files.empty(); });
  const absl::Status synced =
      is_any_dirty
          ? Guarded([&] { return shared_.directory->SyncFileSystem(); })
          : absl::OkStatus();
  for (Begun& one : begun) {
    absl::Status status = synced;
    if (absl::IsUnimplemented(synced) || absl::IsPermissionDenied(synced)) {
      // Not an error of the device: a sandbox without this call.
      status = Guarded([&] { return one.log->ExecuteSync(&one.plan); });
    } else if (status.ok()) {
      status = Guarded([&] { return one.log->AfterFilesSynced(&one.plan); });
    }
    const bool is_final = one.log->IsFinal(one.plan, &status);
    one.log->group_sync().Finish(status, is_final, one.plan.end);
    one.log->AfterSync(one.plan, status, is_final);
    Keep(&first, status);
  }
  Keep(&first, SyncEach(others));
  return first;
}

FlushWorker::LogList FlushWorker::DirtyLogs() const {
  LogList logs;
  const MutexLock lock(mutex_);
  for (const auto& [key, due] : due_) {
    if (auto log = due.log.lock()) logs.push_back(std::move(log));
  }
  return logs;
}

absl::Status FlushWorker::SyncDirty() { return SyncLogs(DirtyLogs()); }

bool FlushWorker::ReclaimMemory(const PartitionLog& except) {
  size_t left;
  {
    const MutexLock lock(mutex_);
    left = holders_.size();
  }
  for (; left > 0; --left) {
    std::shared_ptr<PartitionLog> log;
    {
      const MutexLock lock(mutex_);
      if (holders_.empty()) return false;
      log = holders_.front().lock();
      holders_.pop_front();
    }
    if (log == nullptr) continue;
    log->is_holder.store(false);
    if (log.get() == &except) {
      NoteChunk(*log);
      continue;
    }
    if (log->TryWriteOutForMemory()) return true;
    NoteChunk(*log);
  }
  return false;
}

bool FlushWorker::ReleaseFiles() {
  const absl::Duration now = shared_.clock->Monotonic();
  for (const auto& log : DirtyLogs()) log->RunIdle(now);
  return shared_.files->has_room_for_writer();
}

absl::Duration FlushWorker::sync_lag() const {
  const LogList logs = DirtyLogs();
  absl::Duration oldest = absl::InfiniteDuration();
  for (const auto& log : logs) {
    oldest = std::min(oldest, log->unsynced_since());
  }
  return oldest == absl::InfiniteDuration()
             ? absl::ZeroDuration()
             : shared_.clock->Monotonic() - oldest;
}

}  // namespace v0
}  // namespace tidemark
