#include "io/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "io/child.h"
#include "support/catch.h"

namespace tidemark {
namespace {

bool IsOpen(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

int OpenNull() { return ::open("/dev/null", O_RDWR | O_CLOEXEC); }

TEST_CASE("A descriptor closes at the end of its scope", "[io]") {
  int fd;
  {
    const Descriptor descriptor(OpenNull());
    fd = descriptor.get();
    REQUIRE(IsOpen(fd));
  }
  CHECK_FALSE(IsOpen(fd));
}

TEST_CASE("A moved descriptor has one owner", "[io]") {
  Descriptor first(OpenNull());
  const int fd = first.get();
  Descriptor second(std::move(first));
  CHECK(second.get() == fd);
  Descriptor third(OpenNull());
  const int replaced = third.get();
  third = std::move(second);
  CHECK(third.get() == fd);
  CHECK_FALSE(IsOpen(replaced));
  CHECK(IsOpen(fd));
}

TEST_CASE("Closing reports the error and happens once", "[io]") {
  const int fd = OpenNull();
  Descriptor descriptor(fd);
  REQUIRE(::close(fd) == 0);
  CHECK(descriptor.Close() == EBADF);
  CHECK(descriptor.Close() == 0);
  CHECK_FALSE(descriptor.is_open());
}

TEST_CASE("A released descriptor stays open", "[io]") {
  Descriptor descriptor(OpenNull());
  const int fd = descriptor.Release();
  CHECK_FALSE(descriptor.is_open());
  CHECK(IsOpen(fd));
  ::close(fd);
}

TEST_CASE("A failed open keeps its error number", "[io]") {
  errno = 0;
  const OpenResult result = TakeDescriptor(::open("/nowhere/at/all", O_RDONLY));
  CHECK(result.error == ENOENT);
  CHECK_FALSE(result.descriptor.is_open());
}

TEST_CASE("Descriptors 0 to 2 are never used, whatever is closed", "[io]") {
  const int result = test::RunInChild([] {
    ::close(0);
    ::close(1);
    ::close(2);
    const OpenResult opened = TakeDescriptor(OpenNull());
    if (opened.error != 0 || opened.descriptor.get() < 3) return 1;
    if (IsOpen(0)) return 2;
    const int flags = ::fcntl(opened.descriptor.get(), F_GETFD);
    return (flags & FD_CLOEXEC) != 0 ? 0 : 3;
  });
  CHECK(result == 0);
}

}  // namespace
}  // namespace tidemark
