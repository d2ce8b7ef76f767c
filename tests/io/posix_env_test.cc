#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "io/child.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/env.h"

namespace tidemark {
namespace {

constexpr auto kEnvRefused = absl::StatusCode::kFailedPrecondition;

std::string MakeDirectory(const test::TempDir& parent, mode_t mode) {
  const std::string path = parent / "d";
  REQUIRE(::mkdir(path.c_str(), 0700) == 0);
  REQUIRE(::chmod(path.c_str(), mode) == 0);
  return path;
}

TEST_CASE("A directory that others may write to is refused", "[io]") {
  const mode_t mode = GENERATE(as<mode_t>(), 0770, 0707, 0777, 01777);
  const test::TempDir parent;
  const std::string path = MakeDirectory(parent, mode);
  CHECK_STATUS(kEnvRefused, Env::Posix().OpenDirectory(path, false));
  CHECK_STATUS(kEnvRefused, Env::Posix().OpenDirectory(path, true));
}

TEST_CASE("A directory that others may read is accepted", "[io]") {
  const test::TempDir parent;
  CHECK_OK(Env::Posix().OpenDirectory(MakeDirectory(parent, 0755), false));
}

TEST_CASE("A sticky directory is good for shared memory only", "[io]") {
  const test::TempDir parent;
  CHECK_OK(
      Env::Posix().OpenSharedMemoryDirectory(MakeDirectory(parent, 01777)));
  REQUIRE(::chmod((parent / "d").c_str(), 0777) == 0);
  CHECK_STATUS(kEnvRefused,
               Env::Posix().OpenSharedMemoryDirectory(parent / "d"));
}

TEST_CASE("The system's place for shared memory can be opened", "[io]") {
  if (!std::filesystem::exists("/dev/shm")) return;
  REQUIRE_OK_AND_ASSIGN(const auto directory,
                        Env::Posix().OpenSharedMemoryDirectory(""));
  CHECK(directory->path() == "/dev/shm");
  CHECK_STATUS(absl::StatusCode::kNotFound,
               Env::Posix().OpenSharedMemoryDirectory("/nowhere"));
}

TEST_CASE("A directory of another user is refused", "[io]") {
  const test::TempDir parent;
  const std::string path = MakeDirectory(parent, 0700);
  if (::geteuid() != 0) return;  // only root can give it away
  REQUIRE(::chown(path.c_str(), test::kNobody, test::kNobody) == 0);
  CHECK_STATUS(kEnvRefused, Env::Posix().OpenDirectory(path, false));
}

TEST_CASE("A link in the path of a directory is followed", "[io]") {
  const test::TempDir parent;
  MakeDirectory(parent, 0700);
  std::filesystem::create_directory_symlink("d", parent / "link");
  CHECK_OK(Env::Posix().OpenDirectory(parent / "link", true));
}

TEST_CASE("A parent that cannot be read does not stop an open", "[io]") {
  const test::TempDir parent;
  const std::string path = MakeDirectory(parent, 0700);
  if (::geteuid() == 0) {
    REQUIRE(::chown(path.c_str(), test::kNobody, test::kNobody) == 0);
  }
  REQUIRE(::chmod(parent.path().c_str(), 0311) == 0);
  CHECK(test::RunInChild([&] {
          if (::chdir(path.c_str()) != 0 || !test::BecomeNobody()) return 1;
          return Env::Posix().OpenDirectory("../d", true).ok() ? 0 : 2;
        }) == 0);
  REQUIRE(::chmod(parent.path().c_str(), 0700) == 0);
}

TEST_CASE("The system Env is one for the whole process", "[io]") {
  CHECK(&Env::Posix() == &Env::Posix());
}

TEST_CASE("The initial PID namespace is told from another one", "[io]") {
  std::error_code ignored;
  const bool is_initial =
      std::filesystem::read_symlink("/proc/self/ns/pid", ignored) ==
      "pid:[4026531836]";
  CHECK(Env::Posix().IsInInitialPidNamespace() == is_initial);
}

}  // namespace
}  // namespace tidemark
