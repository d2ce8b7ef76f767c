#include "io/file_space.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "io/descriptor.h"
#include "io/limits.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark {
namespace {

using test::ScopedLimit;

class SpaceFile {
 public:
  SpaceFile()
      : descriptor_(::open((directory_ / "file").c_str(),
                           O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {
    REQUIRE(descriptor_.is_open());
  }
  int fd() const { return descriptor_.get(); }
  struct stat Stat() const {
    struct stat stat;
    REQUIRE(::fstat(fd(), &stat) == 0);
    return stat;
  }

 private:
  test::TempDir directory_;
  Descriptor descriptor_;
};

TEST_CASE("Space is allocated, released and cut", "[io]") {
  const SpaceFile file;
  REQUIRE(AllocateSpace(file.fd(), 0, 65'536) == 0);
  CHECK(file.Stat().st_size == 65'536);
  CHECK(file.Stat().st_blocks == 128);
  REQUIRE(ReleaseSpace(file.fd(), 0, 32'768) == 0);
  CHECK(file.Stat().st_size == 65'536);
  CHECK(file.Stat().st_blocks == 64);
  REQUIRE(TruncateFile(file.fd(), 0) == 0);
  CHECK(file.Stat().st_blocks == 0);
}

TEST_CASE("Sizes above the largest one of the system are too large", "[io]") {
  const SpaceFile file;
  CHECK(AllocateSpace(file.fd(), uint64_t{1} << 63, 1) == EFBIG);
  CHECK(AllocateSpace(file.fd(), 1, ~uint64_t{0}) == EFBIG);
  CHECK(TruncateFile(file.fd(), uint64_t{1} << 63) == EFBIG);
  CHECK(ReleaseSpace(file.fd(), ~uint64_t{0}, 2) == EFBIG);
}

TEST_CASE("Growth above the limit of the process is an error, not a signal",
          "[io]") {
  const SpaceFile file;
  const ScopedLimit limit(RLIMIT_FSIZE, 8'192);
  CHECK(CheckWriteLimit(8'192) == 0);
  CHECK(CheckWriteLimit(8'193) == EFBIG);
  CHECK(AllocateSpace(file.fd(), 0, 8'192) == 0);
  CHECK(AllocateSpace(file.fd(), 8'192, 4'096) == EFBIG);
  CHECK(TruncateFile(file.fd(), 8'193) == EFBIG);
  CHECK(file.Stat().st_size == 8'192);
}

TEST_CASE("A file above the limit may still be cut and filled", "[io]") {
  const SpaceFile file;
  REQUIRE(TruncateFile(file.fd(), 100'000) == 0);
  const ScopedLimit limit(RLIMIT_FSIZE, 8'192);
  CHECK(AllocateSpace(file.fd(), 50'000, 4'096) == 0);
  CHECK(TruncateFile(file.fd(), 90'000) == 0);
  CHECK(TruncateFile(file.fd(), 100'000) == EFBIG);
}

TEST_CASE("Errors of the system come back as their numbers", "[io]") {
  CHECK(AllocateSpace(-1, 0, 1) == EBADF);
  CHECK(ReleaseSpace(-1, 0, 1) == EBADF);
  CHECK(TruncateFile(-1, 0) == EBADF);
  const ScopedLimit limit(RLIMIT_FSIZE, 8'192);
  CHECK(TruncateFile(-1, 10'000) == EBADF);
}

TEST_CASE("A full file system refuses an allocation whole", "[io]") {
  const test::SmallTmpfs tmpfs("size=64k");
  if (!tmpfs.is_mounted()) return;
  const Descriptor file(::open((tmpfs.path() + "/file").c_str(),
                               O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  REQUIRE(AllocateSpace(file.get(), 0, 32'768) == 0);
  CHECK(AllocateSpace(file.get(), 32'768, 65'536) == ENOSPC);
  struct stat stat;
  REQUIRE(::fstat(file.get(), &stat) == 0);
  CHECK(stat.st_blocks == 64);
}

TEST_CASE("A file system without allocation says so", "[io]") {
  const Descriptor pipe_like(::open("/proc/self/comm", O_RDWR | O_CLOEXEC));
  REQUIRE(pipe_like.is_open());
  CHECK(AllocateSpace(pipe_like.get(), 0, 4'096) == EOPNOTSUPP);
}

}  // namespace
}  // namespace tidemark
