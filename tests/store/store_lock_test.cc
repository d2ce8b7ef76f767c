#include "store/store_lock.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "store/layout.h"
#include "store/store_fixture.h"
#include "support/temp_dir.h"

namespace tidemark {
namespace {

using test::Machine;

std::unique_ptr<Directory> OpenRoot(Env& env, std::string_view path) {
  REQUIRE_OK_AND_ASSIGN(auto directory, env.OpenDirectory(path, true));
  return directory;
}

absl::StatusOr<std::unique_ptr<StoreLock>> Lock(
    Env& env, std::string_view path, Clock& clock,
    absl::Duration timeout = absl::ZeroDuration()) {
  auto directory = env.OpenDirectory(path, true);
  if (!directory.ok()) return directory.status();
  return StoreLock::Acquire(**directory, env, clock, timeout);
}

TEST_CASE("A lock is free again when its owner is gone", "[store_lock]") {
  Machine machine;
  auto lock = Lock(machine.env, "/d", machine.clock);
  REQUIRE_OK(lock);
  auto second = Lock(machine.env, "/d", machine.clock);
  CHECK(IsLocked(second.status()));
  lock->reset();
  CHECK_OK(Lock(machine.env, "/d", machine.clock));
  CHECK(test::NamesIn(machine.env, "/d") == std::vector<std::string>{"LOCK"});
}

TEST_CASE("A clock that stands still does not make opening wait for ever",
          "[store_lock]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(const auto lock,
                        Lock(machine.env, "/d", machine.clock));
  CHECK(IsLocked(
      Lock(machine.env, "/d", machine.clock, absl::Milliseconds(50)).status()));
}

TEST_CASE("An owner that dies a moment later does not spoil an opening",
          "[store_lock]") {
  Machine machine;
  FaultEnv env(machine.env);
  auto lock = Lock(machine.env, "/d", machine.clock);
  REQUIRE_OK(lock);
  int tries = 0;
  env.SetObserver([&](const EnvCallRecord& call) {
    if (call.kind == EnvCall::kLock && ++tries == 3) lock->reset();
  });
  CHECK_OK(Lock(env, "/d", machine.clock, absl::Milliseconds(100)));
  CHECK(tries == 3);
}

TEST_CASE("A LOCK that was replaced meanwhile is not a lock", "[store_lock]") {
  Machine machine;
  FaultEnv env(machine.env);
  const auto root = OpenRoot(machine.env, "/d");
  int replaced = 0;
  int replaced_max = 1;
  env.SetObserver([&](const EnvCallRecord& call) {
    if (call.kind != EnvCall::kLock || replaced == replaced_max) return;
    ++replaced;
    REQUIRE_OK(root->RemoveFile(kLockFileName));
    REQUIRE_OK(root->CreateFile(kLockFileName));
  });
  {
    REQUIRE_OK_AND_ASSIGN(const auto lock, Lock(env, "/d", machine.clock));
    REQUIRE_OK_AND_ASSIGN(const FileStat named, root->Stat(kLockFileName));
    CHECK(lock->stat().inode == named.inode);
  }
  replaced = 0;
  replaced_max = 100;
  CHECK(IsLocked(Lock(env, "/d", machine.clock).status()));
  CHECK(replaced < 10);
}

TEST_CASE("Two owners in one process are told apart from two processes",
          "[store_lock]") {
  const test::TempDir temp;
  Env& env = Env::Posix();
  Clock& clock = Clock::System();
  REQUIRE_OK_AND_ASSIGN(const auto lock, Lock(env, temp.path(), clock));
  const auto here = Lock(env, temp.path(), clock, absl::Minutes(10));
  CHECK(IsLocked(here.status()));
  CHECK(std::string(here.status().message()).find("in this process") !=
        std::string::npos);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto there = Lock(env, temp.path(), clock);
    const bool is_right =
        IsLocked(there.status()) &&
        std::string(there.status().message()).find("in another process") !=
            std::string::npos;
    _exit(is_right ? 7 : 1);
  }
  int result = 0;
  REQUIRE(waitpid(child, &result, 0) == child);
  CHECK(WEXITSTATUS(result) == 7);
}

TEST_CASE("A LOCK that somebody deletes lets nobody else in within a process",
          "[store_lock]") {
  const test::TempDir temp;
  Env& env = Env::Posix();
  Clock& clock = Clock::System();
  const auto root = OpenRoot(env, temp.path());
  auto lock = Lock(env, temp.path(), clock);
  REQUIRE_OK(lock);
  REQUIRE_OK(root->RemoveFile(kLockFileName));
  const auto second = Lock(env, temp.path(), clock);
  CHECK(IsLocked(second.status()));
  CHECK(std::string(second.status().message()).find("in this process") !=
        std::string::npos);
  // Nothing was put in its place.
  CHECK_STATUS(absl::StatusCode::kNotFound, root->Stat(kLockFileName));
  lock->reset();
  CHECK_OK(Lock(env, temp.path(), clock));
}

TEST_CASE("A lock dies with the process that has it, not with its children",
          "[store_lock]") {
  const test::TempDir temp;
  Env& env = Env::Posix();
  Clock& clock = Clock::System();
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t owner = fork();
  REQUIRE(owner >= 0);
  if (owner == 0) {
    const auto lock = Lock(env, temp.path(), clock);
    const pid_t heir = fork();
    if (heir == 0) {
      alarm(30);
      pause();
      _exit(0);
    }
    const char told = lock.ok() ? 'y' : 'n';
    static_cast<void>(!write(ready[1], &told, 1));
    static_cast<void>(!write(ready[1], &heir, sizeof(heir)));
    pause();
    _exit(0);
  }
  char told = 'n';
  pid_t heir = 0;
  REQUIRE(read(ready[0], &told, 1) == 1);
  REQUIRE(read(ready[0], &heir, sizeof(heir)) == sizeof(heir));
  CHECK(told == 'y');
  CHECK(IsLocked(Lock(env, temp.path(), clock).status()));
  kill(owner, SIGKILL);
  REQUIRE(waitpid(owner, nullptr, 0) == owner);
  CHECK_OK(Lock(env, temp.path(), clock, absl::Seconds(1)));
  kill(heir, SIGKILL);
  close(ready[0]);
  close(ready[1]);
}

}  // namespace
}  // namespace tidemark
