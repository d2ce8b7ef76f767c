#ifndef TIDEMARK_LIB_STORE_MAINTENANCE_TASKS_H_
#define TIDEMARK_LIB_STORE_MAINTENANCE_TASKS_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"

namespace tidemark {
inline namespace v0 {

// Something on top of a store that Store::RunMaintenance serves.
class MaintenanceTask {
 public:
  virtual ~MaintenanceTask() = default;

  // Does what is due now. Called without any lock held, possibly by several
  // threads at once; may call functions of the host.
  virtual void RunDue() = 0;
};

// The tasks of one store, each for as long as somebody else owns it.
// Thread-safe.
class MaintenanceTasks {
 public:
  void Add(std::weak_ptr<MaintenanceTask> task) {
    MutexLock lock(mutex_);
    std::erase_if(tasks_, [](const auto& one) { return one.expired(); });
    tasks_.push_back(std::move(task));
  }

  void RunAll() {
    std::vector<std::weak_ptr<MaintenanceTask>> tasks;
    {
      MutexLock lock(mutex_);
      tasks = tasks_;
    }
    for (const std::weak_ptr<MaintenanceTask>& task : tasks) {
      if (const auto owned = task.lock()) owned->RunDue();
    }
  }

 private:
  Mutex mutex_;
  std::vector<std::weak_ptr<MaintenanceTask>> tasks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_MAINTENANCE_TASKS_H_
