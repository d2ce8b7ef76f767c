#ifndef TIDEMARK_LIB_STORE_STORE_LOCK_H_
#define TIDEMARK_LIB_STORE_STORE_LOCK_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tidemark/clock.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// The ownership of a store: a lock on its LOCK file, which is never deleted.
//
// At most one exists for a store on a machine. The system gives it back when
// the process dies, so there is nothing to break or to clean up; a forked child
// does not inherit it. Constant; the destructor releases it. Owns the
// descriptor, not the Directory.
class StoreLock {
 public:
  // Locks LOCK, which is created if it is missing. Tries again every
  // kRetryInterval for about `timeout`, for a dying owner may be a moment late,
  // but not when the owner is this process. FailedPrecondition (IsLocked) when
  // somebody else owns the store.
  static absl::StatusOr<std::unique_ptr<StoreLock>> Acquire(
      Directory& directory, Env& env, Clock& clock, absl::Duration timeout);

  static constexpr absl::Duration kRetryInterval = absl::Milliseconds(10);

  ~StoreLock();
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

  // Device and inode of the file that is locked.
  const FileStat& stat() const { return stat_; }

 private:
  StoreLock(std::unique_ptr<File> file, const FileStat& stat,
            bool is_registered);

  const std::unique_ptr<File> file_;
  const FileStat stat_;
  const bool is_registered_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_STORE_LOCK_H_
