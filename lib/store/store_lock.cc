#include "store/store_lock.h"

#include <fmt/core.h>

#include <string_view>
#include <utility>

#include "base/guard.h"
#include "base/mutex.h"
#include "base/status_macros.h"
#include "store/layout.h"
#include "store/process_registry.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

// How often the name may lead to another file by the time that its file is
// locked. Nobody replaces LOCK but by mistake.
constexpr int kReplacedMax = 3;

absl::Status Locked(const Directory& directory, std::string_view cause) {
  return WithReason(absl::FailedPreconditionError(fmt::format(
                        "{}/{}: {}", directory.path(), kLockFileName, cause)),
                    ErrorReason::kLocked);
}

absl::StatusOr<std::unique_ptr<File>> OpenOrCreate(Directory& directory) {
  auto file = directory.OpenFile(kLockFileName, FileAccess::kReadWrite);
  if (!absl::IsNotFound(file.status())) return file;
  file = directory.CreateFile(kLockFileName);
  if (!absl::IsAlreadyExists(file.status())) return file;
  return directory.OpenFile(kLockFileName, FileAccess::kReadWrite);
}

// Waits without a sleep: by the clock that the store was given.
void WaitForRetry(Clock& clock) {
  Mutex mutex;
  Condition never;
  MutexLock lock(mutex);
  never.WaitUntil(mutex, clock, clock.Monotonic() + StoreLock::kRetryInterval);
}

// Only numbers of the operating system mean the same to all of a process.
bool HasRegistry(const Env& env) { return &env == &Env::Posix(); }

bool IsHeldHere(const Env& env, const FileStat& stat) {
  return HasRegistry(env) &&
         tidemark_process_lock(stat.device, stat.inode,
                               TIDEMARK_PROCESS_LOCK_LOOK_UP) == 1;
}

constexpr std::string_view kHeldHere = "the store is open in this process";

}  // namespace

absl::StatusOr<std::unique_ptr<StoreLock>> StoreLock::Acquire(
    Directory& directory, Env& env, Clock& clock, absl::Duration timeout) {
  // Counted, and not only timed, for an injected clock may stand still.
  int64_t tries_left = timeout / kRetryInterval;
  int replaced = 0;
  TIDEMARK_ASSIGN_OR_RETURN(const FileStat root, directory.Stat(""));
  if (IsHeldHere(env, root)) return Locked(directory, kHeldHere);
  for (;;) {
    TIDEMARK_ASSIGN_OR_RETURN(std::unique_ptr<File> file,
                              OpenOrCreate(directory));
    TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat, file->Stat());
    TIDEMARK_ASSIGN_OR_RETURN(const bool is_locked, file->TryLock(0, 0));
    if (!is_locked) {
      if (IsHeldHere(env, stat)) return Locked(directory, kHeldHere);
      if (tries_left-- <= 0) {
        return Locked(directory, "the store is open in another process");
      }
      WaitForRetry(clock);
      continue;
    }
    // The name may lead to another file by now, which others can lock.
    const auto named = directory.Stat(kLockFileName);
    if (!named.ok() && !absl::IsNotFound(named.status())) {
      return named.status();
    }
    if (!named.ok() || named->device != stat.device ||
        named->inode != stat.inode) {
      if (++replaced > kReplacedMax) {
        return Locked(directory, "the file is replaced again and again");
      }
      continue;
    }
    std::unique_ptr<StoreLock> lock(new StoreLock(std::move(file), stat, root));
    if (HasRegistry(env)) {
      TIDEMARK_RETURN_IF_ERROR(lock->file_entry_.Take(directory));
      TIDEMARK_RETURN_IF_ERROR(lock->directory_entry_.Take(directory));
    }
    return lock;
  }
}

absl::Status StoreLock::Entry::Take(const Directory& directory) {
  const int was_there = tidemark_process_lock(stat_.device, stat_.inode,
                                              TIDEMARK_PROCESS_LOCK_TAKE);
  if (was_there < 0) return OutOfMemoryStatus();
  if (was_there == 1) return Locked(directory, kHeldHere);
  is_taken_ = true;
  return absl::OkStatus();
}

StoreLock::Entry::~Entry() {
  if (!is_taken_) return;
  tidemark_process_lock(stat_.device, stat_.inode,
                        TIDEMARK_PROCESS_LOCK_RELEASE);
}

}  // namespace v0
}  // namespace tidemark
