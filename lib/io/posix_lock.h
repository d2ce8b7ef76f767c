#ifndef TIDEMARK_LIB_IO_POSIX_LOCK_H_
#define TIDEMARK_LIB_IO_POSIX_LOCK_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "io/fork_guard.h"

namespace tidemark {
inline namespace v0 {

// The locks on byte ranges that belong to one open file description.
//
// OFD locks: unlike those of POSIX they are not lost when somebody else in the
// process opens and closes the file, and two opens in one process exclude each
// other. The descriptor is guarded against fork before the first lock is taken.
//
// Thread-safe, except ReleaseAll and the destructor. Borrows the descriptor,
// which must be open for each call. An error leaves the locks as they were.
class PosixLock {
 public:
  PosixLock() = default;
  PosixLock(const PosixLock&) = delete;
  PosixLock& operator=(const PosixLock&) = delete;

  // As File::TryLock; the range is that of fcntl(2), so length 0 has no end.
  absl::StatusOr<bool> TryLock(int descriptor, uint64_t start, uint64_t length,
                               const std::string& path)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // As File::Unlock.
  absl::Status Unlock(int descriptor, uint64_t start, uint64_t length,
                      const std::string& path);

  // Gives up all locks and the guard; to be called before the descriptor is
  // closed. A child that is being forked shares the description, and so holds
  // none of them, whenever the fork happens. False if the fork guard closed the
  // descriptor: then its number must not be closed again.
  //
  // No other call runs beside it. So it takes no lock: in a forked child
  // another thread of the parent may hold it for ever.
  bool ReleaseAll(int descriptor) ABSL_NO_THREAD_SAFETY_ANALYSIS;

 private:
  Mutex mutex_;
  ClosedInForkedChild guard_ ABSL_GUARDED_BY(mutex_);
  bool was_locked_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_POSIX_LOCK_H_
