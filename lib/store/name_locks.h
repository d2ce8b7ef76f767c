#ifndef TIDEMARK_LIB_STORE_NAME_LOCKS_H_
#define TIDEMARK_LIB_STORE_NAME_LOCKS_H_

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"

namespace tidemark {
inline namespace v0 {

// One lock for each name, so that slow operations on one topic do not hold up
// those on others. Only names that are held take memory.
//
// Thread-safe. Waits without a deadline, for an operation ends by itself.
class NameLocks {
 public:
  // Holds a name for a scope. Never two at a time in one thread.
  class Hold {
   public:
    Hold(NameLocks& locks, std::string_view name)
        : locks_(locks), name_(locks.Take(name)) {}
    ~Hold() { locks_.Release(name_); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    NameLocks& locks_;
    const std::set<std::string, std::less<>>::iterator name_;
  };

 private:
  using Names = std::set<std::string, std::less<>>;

  Names::iterator Take(std::string_view name) {
    MutexLock lock(mutex_);
    for (;;) {
      const auto [place, is_new] = held_.emplace(name);
      if (is_new) return place;
      released_.Wait(mutex_);
    }
  }
  void Release(Names::iterator name) {
    MutexLock lock(mutex_);
    held_.erase(name);
    released_.NotifyAll();
  }

  Mutex mutex_;
  Condition released_;
  Names held_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_NAME_LOCKS_H_
