#include "io/posix_lock.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/types.h>

#include <cerrno>
#include <limits>

#include "base/status_macros.h"
#include "io/errno_status.h"

namespace tidemark {
inline namespace v0 {
namespace {

constexpr uint64_t kMaxLockPosition = std::numeric_limits<off_t>::max();

// Sets or clears a lock; returns 0 or the error number.
int SetLock(int descriptor, short type, uint64_t start, uint64_t length) {
  if (start > kMaxLockPosition || length > kMaxLockPosition - start) {
    return EOVERFLOW;
  }
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(start);
  lock.l_len = static_cast<off_t>(length);
  int result;
  do {
    result = ::fcntl(descriptor, F_OFD_SETLK, &lock);
  } while (result != 0 && errno == EINTR);
  return result == 0 ? 0 : errno;
}

}  // namespace

absl::StatusOr<bool> PosixLock::TryLock(int descriptor, uint64_t start,
                                        uint64_t length,
                                        const std::string& path) {
  MutexLock lock(mutex_);
  TIDEMARK_RETURN_IF_ERROR(guard_.Register(descriptor));
  const int error = SetLock(descriptor, F_WRLCK, start, length);
  if (error == EAGAIN || error == EACCES) return false;
  if (error != 0) {
    return ErrnoStatus(
        error, fmt::format("{}: lock {} bytes at {}", path, length, start));
  }
  was_locked_ = true;
  return true;
}

absl::Status PosixLock::Unlock(int descriptor, uint64_t start, uint64_t length,
                               const std::string& path) {
  const int error = SetLock(descriptor, F_UNLCK, start, length);
  if (error == 0) return absl::OkStatus();
  return ErrnoStatus(
      error, fmt::format("{}: unlock {} bytes at {}", path, length, start));
}

bool PosixLock::ReleaseAll(int descriptor) {
  if (guard_.IsClosed()) return false;
  // Closing would release them as well, but not while a child that was forked
  // just now still holds the description.
  if (was_locked_) SetLock(descriptor, F_UNLCK, 0, 0);
  was_locked_ = false;
  guard_.Unregister();
  return true;
}

}  // namespace v0
}  // namespace tidemark
