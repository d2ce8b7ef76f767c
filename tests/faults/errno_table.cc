#include "faults/errno_table.h"

#include <cerrno>
#include <cstring>

#include "io/errno_status.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

using Errors = std::vector<int>;

Errors operator+(Errors left, const Errors& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// path_resolution(7), and what the file itself forbids.
Errors OfNames() {
  return {EIO, ESTALE, ENOENT, ENOTDIR, EACCES, ELOOP, ENOMEM};
}
// openat2(2), fstat(2)
Errors OfOpening() {
  return OfNames() + Errors{EMFILE, ENFILE, EINTR, EAGAIN, EPERM, EINVAL};
}
Errors OfWritableOpening() { return OfOpening() + Errors{EROFS}; }
// open(2) with O_CREAT, fchmod(2)
Errors OfCreating() {
  return OfWritableOpening() + Errors{EEXIST, ENOSPC, EDQUOT};
}
// mkdir(2), rename(2)
Errors OfNaming() {
  return OfNames() +
         Errors{EEXIST, ENOSPC, EDQUOT, EROFS, EPERM, EINVAL, EMFILE, ENFILE};
}
// unlink(2), rmdir(2)
Errors OfRemoving() {
  return OfNames() + Errors{EROFS, EPERM, EINVAL, EMFILE, ENFILE};
}
// fsync(2), fdatasync(2)
Errors OfSyncing() {
  return {EIO, ENOSPC, EDQUOT, EROFS, EINTR, EINVAL, ESTALE};
}
// fallocate(2), mmap(2), mlock(2)
Errors OfReserving() {
  return {EIO,    ENOSPC, EDQUOT,     EFBIG,  EINTR,
          EINVAL, EPERM,  EOPNOTSUPP, ENOMEM, EAGAIN};
}

Errors MakeErrorsOf(EnvCall kind) {
  switch (kind) {
    case EnvCall::kOpenDirectory:
      return OfCreating();
    case EnvCall::kOpenSharedMemoryDirectory:
    case EnvCall::kBootId:
    case EnvCall::kList:  // and getdents(2)
      return OfOpening();
    case EnvCall::kFillRandom:  // getrandom(2)
      return {EIO, EAGAIN, EINTR, EINVAL};
    case EnvCall::kOpenFile:
      return OfWritableOpening();
    case EnvCall::kOpenSharedMemory:  // and mmap(2)
      return OfOpening() + Errors{EOPNOTSUPP};
    case EnvCall::kCreateFile:
      return OfCreating();
    case EnvCall::kCreateSharedMemory:  // and mmap(2)
      return OfCreating() + Errors{EOPNOTSUPP};
    case EnvCall::kCreateDirectory:
    case EnvCall::kRename:
      return OfNaming();
    case EnvCall::kStatName:  // fstatat(2)
      return OfNames() + Errors{EMFILE, ENFILE, EINVAL};
    case EnvCall::kRemoveFile:
    case EnvCall::kRemoveDirectory:
      return OfRemoving();
    case EnvCall::kSyncDirectory:  // opens it first
      return OfSyncing() +
             Errors{EMFILE, ENFILE, ENOMEM, EACCES, ENOENT, ENOTDIR, ELOOP};
    case EnvCall::kSyncFileSystem:  // syncfs(2)
      return {EIO, ENOSPC, EDQUOT};
    case EnvCall::kFreeBytes:  // fstatvfs(3)
      return {EIO, EINTR, ENOMEM, EACCES};
    case EnvCall::kRead:  // pread(2)
    case EnvCall::kReadMemory:
      return {EIO, ESTALE, EINTR, EAGAIN, EINVAL};
    case EnvCall::kWrite:  // pwritev(2)
      return {EIO, ESTALE, ENOSPC, EDQUOT, EFBIG, EINTR, EAGAIN, EINVAL, EPERM};
    case EnvCall::kSync:
    case EnvCall::kSyncAll:
      return OfSyncing();
    case EnvCall::kTruncate:  // ftruncate(2)
      return {EIO, ESTALE, EFBIG, EINTR, EINVAL, EPERM, EROFS, ENOSPC};
    case EnvCall::kAllocate:  // fallocate(2)
      return {EIO,   ESTALE, ENOSPC, EDQUOT,    EFBIG,
              EINTR, EINVAL, EPERM,  EOPNOTSUPP};
    case EnvCall::kNextData:  // lseek(2)
      return {EIO, ESTALE, EINVAL};
    case EnvCall::kStatFile:  // fstat(2)
    case EnvCall::kStatMemory:
      return {EIO, ESTALE, ENOMEM};
    case EnvCall::kLock:  // fcntl(2)
    case EnvCall::kLockMemory:
    case EnvCall::kUnlock:
      return {EIO, ESTALE, ENOLCK, EINTR, EINVAL, EAGAIN, EACCES};
    case EnvCall::kClose:  // close(2)
      return {EIO, EINTR, ENOSPC, EDQUOT};
    case EnvCall::kGrow:
    case EnvCall::kReserve:
      return OfReserving();
    case EnvCall::kRelease:  // fallocate(2), which punches a hole
      return {EIO, EINTR, EINVAL, EPERM, EOPNOTSUPP, ENOSPC};
  }
  return {};
}

bool IsSameClass(int left, int right) {
  const absl::Status one = ErrnoStatus(left, "");
  const absl::Status other = ErrnoStatus(right, "");
  return one.code() == other.code() && ReasonOf(one) == ReasonOf(other);
}

}  // namespace

const std::vector<int>& ErrorsOf(EnvCall kind) {
  static const auto* const table = [] {
    auto* const all = new std::vector<Errors>;
    for (int i = 0; i <= static_cast<int>(EnvCall::kLockMemory); ++i) {
      all->push_back(MakeErrorsOf(static_cast<EnvCall>(i)));
    }
    return all;
  }();
  return (*table)[static_cast<size_t>(kind)];
}

int ClassOf(EnvCall kind, int error) {
  for (const int first : ErrorsOf(kind)) {
    if (IsSameClass(first, error)) return first;
  }
  return error;
}

std::vector<int> ClassesOf(EnvCall kind) {
  Errors classes;
  for (const int error : ErrorsOf(kind)) {
    if (ClassOf(kind, error) == error) classes.push_back(error);
  }
  return classes;
}

std::string ErrorName(int error) {
  const char* const name = strerrorname_np(error);
  return name != nullptr ? name : std::to_string(error);
}

}  // namespace tidemark::test
