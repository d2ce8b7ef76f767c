#include "io/open_beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace tidemark {
inline namespace v0 {
namespace {

int OpenRetrying(int directory, const char* name, int flags, mode_t mode) {
  int fd;
  do {
    fd = ::openat(directory, name, flags, mode);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

int OpenAt2Retrying(int root, const char* name, int flags, mode_t mode) {
  struct open_how how = {};
  how.flags = static_cast<uint64_t>(flags);
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  long fd;
  do {
    fd = ::syscall(SYS_openat2, root, name, &how, sizeof(how));
  } while (fd < 0 && errno == EINTR);
  return static_cast<int>(fd);
}

}  // namespace

OpenResult OpenBeneath(int root, const std::string& name, int flags,
                       mode_t mode) {
  OpenResult result = TakeDescriptor(OpenAt2Retrying(
      root, name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode));
  switch (result.error) {
    case ENOSYS:  // Linux before 5.6
    case EPERM:   // a seccomp filter that does not know the call
    case EAGAIN:  // a rename or mount beside it; cannot happen without ".."
      return OpenBeneathByComponents(root, name, flags, mode);
    default:
      return result;
  }
}

OpenResult OpenBeneathByComponents(int root, const std::string& name, int flags,
                                   mode_t mode) {
  Descriptor parent;
  size_t begin = 0;
  for (size_t slash = name.find('/'); slash != std::string::npos;
       slash = name.find('/', begin)) {
    const std::string component = name.substr(begin, slash - begin);
    OpenResult next = TakeDescriptor(
        OpenRetrying(parent.is_open() ? parent.get() : root, component.c_str(),
                     O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0));
    if (next.error != 0) return next;
    parent = std::move(next.descriptor);
    begin = slash + 1;
  }
  return TakeDescriptor(OpenRetrying(parent.is_open() ? parent.get() : root,
                                     name.c_str() + begin,
                                     flags | O_CLOEXEC | O_NOFOLLOW, mode));
}

}  // namespace v0
}  // namespace tidemark
