#ifndef TIDEMARK_LIB_STORE_STORE_ENGINE_H_
#define TIDEMARK_LIB_STORE_STORE_ENGINE_H_

#include <memory>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "partition/log_shared.h"
#include "store/event_relay.h"
#include "store/housekeeper.h"
#include "store/maintenance_tasks.h"
#include "store/open_partitions.h"
#include "store/store_root.h"
#include "store/topic_catalog.h"
#include "tidemark/health.h"
#include "tidemark/recovery_report.h"
#include "tidemark/store_options.h"

namespace tidemark {
inline namespace v0 {

// The engine behind Store: puts its parts together and takes them apart.
//
// Lock order over the whole store, outermost first: close_mutex_; the name of a
// topic; a topic's change_mutex_ or the mutex of one partition's slot; what is
// below in the partitions. Mutexes of lists (mutex_ here and there) are held
// for a few instructions, with nothing taken inside.
//
// Thread-safe. Shared by the Store and by what modules above make of it; what
// topics and partitions need lives on without it. In a forked child it is never
// destroyed, for threads that the child does not have may hold its locks. A
// failed Open leaves nothing open; after a failed Close the store is closed.
class StoreEngine {
 public:
  // See Store::Open.
  static absl::StatusOr<std::shared_ptr<StoreEngine>> Open(
      std::string_view directory, const StoreOptions& options);

  ~StoreEngine();
  StoreEngine(const StoreEngine&) = delete;
  StoreEngine& operator=(const StoreEngine&) = delete;

  TopicCatalog& topics() { return *catalog_; }
  const std::shared_ptr<LogShared>& shared() const { return shared_; }
  bool has_threads() const { return shared_->settings.has_threads; }

  // FailedPrecondition when the store is closed, forked or read-only.
  absl::Status CheckWritable() const;

  // See Store for the contracts of these.
  absl::Status Sync();
  RecoveryReport recovery() const;
  StoreHealth health() const;
  absl::Status RunMaintenance(absl::Time now);
  absl::Status Close();

  // Has `task` run by RunMaintenance for as long as it exists.
  void AddMaintenanceTask(std::weak_ptr<MaintenanceTask> task) {
    tasks_.Add(std::move(task));
  }

  // For a module above that calls partitions with a lock of its own held.
  EventRelay& events() { return *events_; }

  // An error of a module above that nobody waits for.
  void NoteBackgroundError(const absl::Status& status) {
    events_->NoteBackgroundError(status);
  }

 private:
  StoreEngine(const StoreOptions& options, StoreRoot root, Env& env,
              Clock& clock);

  absl::Status Start(const StoreOptions& options);
  // Counts this opening in STORE and makes durable what a crash left.
  absl::Status TakePossession(bool* is_file_system_synced);
  void JudgeHealth(StoreHealth* health) const;
  // Ends all calls and threads that work on the store.
  void StopUse();
  // Leaves an opening that failed as a crash would, for the next one to repeat.
  void GiveUp();

  // Constant once Start is done.
  const std::shared_ptr<EventRelay> events_;
  const std::shared_ptr<LogShared> shared_;
  std::shared_ptr<OpenPartitions> partitions_;
  std::unique_ptr<TopicCatalog> catalog_;
  std::unique_ptr<Housekeeper> housekeeper_;
  RecoveryReport report_;

  MaintenanceTasks tasks_;

  // Serializes closing, which syncs and waits under it.
  Mutex close_mutex_;
  bool is_closed_ ABSL_GUARDED_BY(close_mutex_) = false;
  std::unique_ptr<StoreFile> file_;  // null once closed
  std::unique_ptr<StoreLock> lock_;  // null when reading only and once closed
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_STORE_ENGINE_H_
