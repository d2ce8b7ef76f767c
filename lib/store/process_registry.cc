#include "store/process_registry.h"

#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace tidemark {
inline namespace v0 {
namespace {

struct Registry {
  explicit Registry(pid_t process_in) : process(process_in) {}

  const pid_t process;
  std::mutex mutex;
  std::vector<std::pair<uint64_t, uint64_t>> held;  // guarded by mutex
};

// Never freed: what a forked child inherits may be locked by a thread that the
// child does not have.
std::atomic<Registry*> current_registry{nullptr};

Registry& OwnRegistry() {
  const pid_t process = getpid();
  Registry* registry = current_registry.load(std::memory_order_acquire);
  if (registry != nullptr && registry->process == process) return *registry;
  auto fresh = std::make_unique<Registry>(process);
  if (current_registry.compare_exchange_strong(registry, fresh.get(),
                                               std::memory_order_acq_rel)) {
    return *fresh.release();
  }
  return *registry;  // another thread was faster
}

int Act(uint64_t device, uint64_t inode, int action) {
  Registry& registry = OwnRegistry();
  const std::lock_guard<std::mutex> lock(registry.mutex);
  const std::pair<uint64_t, uint64_t> key(device, inode);
  auto& held = registry.held;
  const auto found = std::find(held.begin(), held.end(), key);
  const bool was_there = found != held.end();
  if (was_there && action == TIDEMARK_PROCESS_LOCK_RELEASE) held.erase(found);
  if (!was_there && action == TIDEMARK_PROCESS_LOCK_TAKE) held.push_back(key);
  return was_there ? 1 : 0;
}

}  // namespace
}  // namespace v0
}  // namespace tidemark

int tidemark_process_lock(uint64_t device, uint64_t inode, int action) {
  try {
    return tidemark::Act(device, inode, action);
  } catch (const std::bad_alloc&) {
    return -1;
  }
}
