#include "io/posix_stat.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.h"
#include "support/status_matchers.h"

namespace tidemark {
namespace {

constexpr auto kStatRefused = absl::StatusCode::kFailedPrecondition;

FileStat Trusted() {
  FileStat stat;
  stat.type = FileType::kRegular;
  stat.link_count = 1;
  stat.mode = 0600;
  stat.uid = ::geteuid();
  return stat;
}

TEST_CASE("A private file of one's own or of root is trusted", "[io]") {
  FileStat stat = Trusted();
  CHECK_OK(CheckTrustedFile(stat, "a"));
  stat.uid = 0;
  CHECK_OK(CheckTrustedFile(stat, "a"));
  stat.mode = 0644;
  CHECK_OK(CheckTrustedFile(stat, "a"));
}

TEST_CASE("A file of another user is refused", "[io]") {
  FileStat stat = Trusted();
  stat.uid = ::geteuid() + 1;
  CHECK_STATUS(kStatRefused, CheckTrustedFile(stat, "a"));
  CHECK_STATUS(kStatRefused, CheckTrustedOwner(stat, "a"));
}

TEST_CASE("A file that others may write to is refused", "[io]") {
  for (const uint32_t mode : {0620U, 0602U, 0666U}) {
    FileStat stat = Trusted();
    stat.mode = mode;
    CHECK_STATUS(kStatRefused, CheckTrustedFile(stat, "a"));
  }
}

TEST_CASE("A file with a second name is refused", "[io]") {
  FileStat stat = Trusted();
  stat.link_count = 2;
  CHECK_STATUS(kStatRefused, CheckTrustedFile(stat, "a"));
}

TEST_CASE("A file that lost its name while it was opened is not there",
          "[io]") {
  FileStat stat = Trusted();
  stat.link_count = 0;
  CHECK_STATUS(absl::StatusCode::kNotFound, CheckTrustedFile(stat, "a"));
}

TEST_CASE("What is not a regular file is refused", "[io]") {
  for (const FileType type : {FileType::kDirectory, FileType::kOther}) {
    FileStat stat = Trusted();
    stat.type = type;
    CHECK_STATUS(kStatRefused, CheckTrustedFile(stat, "a"));
  }
}

TEST_CASE("The type of a stat is regular, directory or other", "[io]") {
  struct stat stat = {};
  stat.st_mode = S_IFREG | 0640;
  stat.st_blocks = 3;
  CHECK(FileStatOf(stat).type == FileType::kRegular);
  CHECK(FileStatOf(stat).mode == 0640);
  CHECK(FileStatOf(stat).allocated_size == 1536);
  stat.st_mode = S_IFDIR | 01777;
  CHECK(FileStatOf(stat).type == FileType::kDirectory);
  CHECK(FileStatOf(stat).mode == 01777);
  for (const mode_t type : {S_IFIFO, S_IFLNK, S_IFSOCK, S_IFCHR}) {
    stat.st_mode = type;
    CHECK(FileStatOf(stat).type == FileType::kOther);
  }
}

TEST_CASE("The stat of a bad descriptor is an I/O error", "[io]") {
  CHECK_STATUS(absl::StatusCode::kInternal, StatDescriptor(-1, "a"));
}

}  // namespace
}  // namespace tidemark
