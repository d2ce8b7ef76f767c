#include "io/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace tidemark {
inline namespace v0 {

int Descriptor::Close() {
  if (fd_ < 0) return 0;
  const int fd = std::exchange(fd_, -1);
  // Linux has released the descriptor even when close was interrupted; calling
  // it again could close the file of another thread.
  if (::close(fd) == 0 || errno == EINTR) return 0;
  return errno;
}

OpenResult TakeDescriptor(int fd) {
  if (fd < 0) return {Descriptor(), errno};
  Descriptor descriptor(fd);
  if (fd > STDERR_FILENO) return {std::move(descriptor), 0};
  const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (moved < 0) return {Descriptor(), errno};
  return {Descriptor(moved), 0};
}

}  // namespace v0
}  // namespace tidemark
