#include "io/file_space.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

namespace tidemark {
inline namespace v0 {
namespace {

constexpr uint64_t kMaxFileSize = std::numeric_limits<off_t>::max();

int FallocateRetrying(int fd, int mode, uint64_t position, uint64_t size) {
  if (position > kMaxFileSize || size > kMaxFileSize - position) return EFBIG;
  int result;
  do {
    result = ::fallocate(fd, mode, static_cast<off_t>(position),
                         static_cast<off_t>(size));
  } while (result != 0 && errno == EINTR);
  return result == 0 ? 0 : errno;
}

// Unlike writes, changes of the size meet the limit only where they extend.
int CheckResizeLimit(int fd, uint64_t size) {
  const int error = CheckWriteLimit(size);
  if (error == 0) return 0;
  struct stat stat;
  if (::fstat(fd, &stat) != 0) return errno;
  return size <= static_cast<uint64_t>(stat.st_size) ? 0 : error;
}

}  // namespace

int CheckWriteLimit(uint64_t end) {
  struct rlimit limit;
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0) return errno;
  if (limit.rlim_cur == RLIM_INFINITY || end <= limit.rlim_cur) return 0;
  return EFBIG;
}

int AllocateSpace(int fd, uint64_t position, uint64_t size) {
  if (position > kMaxFileSize || size > kMaxFileSize - position) return EFBIG;
  if (const int error = CheckResizeLimit(fd, position + size)) return error;
  return FallocateRetrying(fd, 0, position, size);
}

int ReleaseSpace(int fd, uint64_t position, uint64_t size) {
  return FallocateRetrying(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                           position, size);
}

int TruncateFile(int fd, uint64_t size) {
  if (size > kMaxFileSize) return EFBIG;
  if (const int error = CheckResizeLimit(fd, size)) return error;
  int result;
  do {
    result = ::ftruncate(fd, static_cast<off_t>(size));
  } while (result != 0 && errno == EINTR);
  return result == 0 ? 0 : errno;
}

}  // namespace v0
}  // namespace tidemark
