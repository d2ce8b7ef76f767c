#ifndef TIDEMARK_TESTS_IO_CHILD_H_
#define TIDEMARK_TESTS_IO_CHILD_H_

#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>

#include "support/catch.h"

namespace tidemark::test {

// Runs `body` in a forked child and returns what it returned, or 1000 plus the
// signal that ended it. The child must not use Catch.
inline int RunInChild(const std::function<int()>& body) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(body());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

// The unprivileged user that BecomeNobody turns root into.
inline constexpr uid_t kNobody = 65534;

// Gives up root's rights for good; nothing to do for others. False on failure.
inline bool BecomeNobody() {
  if (::geteuid() != 0) return true;
  return ::setgroups(0, nullptr) == 0 &&
         ::setresgid(kNobody, kNobody, kNobody) == 0 &&
         ::setresuid(kNobody, kNobody, kNobody) == 0;
}

// A forked child that lives until this object goes.
//
// It runs `body` first and only then lets the constructor return.
class LivingChild {
 public:
  explicit LivingChild(const std::function<void()>& body = [] {}) {
    std::array<int, 2> ready;
    std::array<int, 2> leave;
    REQUIRE(::pipe2(ready.data(), O_CLOEXEC) == 0);
    REQUIRE(::pipe2(leave.data(), O_CLOEXEC) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      ::close(leave[1]);
      body();
      char byte = 0;
      if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
      // Ends when the parent closes its side.
      const ssize_t count = ::read(leave[0], &byte, 1);
      ::_exit(count == 0 ? 0 : 1);
    }
    ::close(leave[0]);
    ::close(ready[1]);
    leave_ = leave[1];
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    ::close(ready[0]);
  }
  ~LivingChild() {
    ::close(leave_);
    int status = 0;
    ::waitpid(child_, &status, 0);
  }
  LivingChild(const LivingChild&) = delete;
  LivingChild& operator=(const LivingChild&) = delete;

  pid_t pid() const { return child_; }

 private:
  pid_t child_ = -1;
  int leave_ = -1;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_IO_CHILD_H_
