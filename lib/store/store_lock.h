#ifndef TIDEMARK_LIB_STORE_STORE_LOCK_H_
#define TIDEMARK_LIB_STORE_STORE_LOCK_H_

#include <memory>
#include <utility>

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
// does not inherit it. Within this process nobody else gets in either when
// somebody deletes LOCK. Constant; the destructor releases it. Owns the
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

  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

  // Device and inode of the file that is locked.
  const FileStat& stat() const { return stat_; }

 private:
  // An entry in the list of what this process owns.
  class Entry {
   public:
    explicit Entry(const FileStat& stat) : stat_(stat) {}
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    // FailedPrecondition (IsLocked) when it is taken.
    absl::Status Take(const Directory& directory);

   private:
    const FileStat stat_;
    bool is_taken_ = false;
  };

  StoreLock(std::unique_ptr<File> file, const FileStat& file_stat,
            const FileStat& directory_stat)
      : file_(std::move(file)),
        stat_(file_stat),
        file_entry_(file_stat),
        directory_entry_(directory_stat) {}

  // In this order, so that the next owner in this process never finds the lock
  // free and an entry taken.
  const std::unique_ptr<File> file_;
  const FileStat stat_;
  Entry file_entry_;
  // LOCK may be deleted by somebody, and another one made.
  Entry directory_entry_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_STORE_LOCK_H_
