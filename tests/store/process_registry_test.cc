#include "store/process_registry.h"

#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.h"

namespace tidemark {
namespace {

int Act(uint64_t inode, TidemarkProcessLockAction action) {
  return tidemark_process_lock(0xfeedface, inode, action);
}

TEST_CASE("An entry of the registry is taken once", "[process_registry]") {
  CHECK(Act(1, TIDEMARK_PROCESS_LOCK_LOOK_UP) == 0);
  CHECK(Act(1, TIDEMARK_PROCESS_LOCK_TAKE) == 0);
  CHECK(Act(1, TIDEMARK_PROCESS_LOCK_TAKE) == 1);
  CHECK(Act(1, TIDEMARK_PROCESS_LOCK_LOOK_UP) == 1);
  CHECK(Act(2, TIDEMARK_PROCESS_LOCK_LOOK_UP) == 0);
  CHECK(Act(1, TIDEMARK_PROCESS_LOCK_RELEASE) == 1);
  CHECK(Act(1, TIDEMARK_PROCESS_LOCK_RELEASE) == 0);
  CHECK(Act(1, TIDEMARK_PROCESS_LOCK_LOOK_UP) == 0);
}

TEST_CASE("A forked child has a registry of its own", "[process_registry]") {
  REQUIRE(Act(3, TIDEMARK_PROCESS_LOCK_TAKE) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const bool is_free = Act(3, TIDEMARK_PROCESS_LOCK_LOOK_UP) == 0 &&
                         Act(3, TIDEMARK_PROCESS_LOCK_TAKE) == 0;
    _exit(is_free ? 7 : 1);
  }
  int result = 0;
  REQUIRE(waitpid(child, &result, 0) == child);
  CHECK(WEXITSTATUS(result) == 7);
  CHECK(Act(3, TIDEMARK_PROCESS_LOCK_RELEASE) == 1);
}

}  // namespace
}  // namespace tidemark
