#include "child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <new>
#include <string_view>

#include "absl/cleanup/cleanup.h"
#include "fmt/core.h"
#include "fmt/ostream.h"

namespace bench {
namespace {

absl::Status SystemError(std::string_view call) {
  return absl::ErrnoToStatus(errno, {call.data(), call.size()});
}

[[noreturn]] void EndChild(const absl::Status& status) {
  if (!status.ok()) fmt::print(stderr, "child: {}\n", fmt::streamed(status));
  std::fflush(nullptr);
  ::_exit(status.ok() ? EXIT_SUCCESS : EXIT_FAILURE);
}

absl::StatusOr<int> WaitForChild(pid_t child) {
  int outcome = 0;
  while (::waitpid(child, &outcome, 0) < 0) {
    if (errno != EINTR) return SystemError("waitpid");
  }
  return outcome;
}

}  // namespace

void AcknowledgedCount::TellGoal() {
  is_goal_told_ = true;
  const char byte = 0;
  if (::write(goal_fd_, &byte, 1) != 1) {
    EndChild(SystemError("write to the parent"));
  }
}

absl::Status RunInChild(const std::function<absl::Status()>& body) {
  const pid_t child = ::fork();
  if (child < 0) return SystemError("fork");
  if (child == 0) EndChild(body());
  const absl::StatusOr<int> outcome = WaitForChild(child);
  if (!outcome.ok()) return outcome.status();
  if (*outcome != 0) {
    return absl::AbortedError(fmt::format("child ended with {:#x}", *outcome));
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> RunInChildUntilKilled(
    uint64_t goal,
    const std::function<absl::Status(AcknowledgedCount&)>& body) {
  using Count = std::atomic<uint64_t>;
  static_assert(Count::is_always_lock_free);
  void* const memory = ::mmap(nullptr, sizeof(Count), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return SystemError("mmap");
  const absl::Cleanup unmap = [memory] { ::munmap(memory, sizeof(Count)); };
  Count* const count = ::new (memory) Count(0);

  int goal_pipe[2];
  if (::pipe2(goal_pipe, O_CLOEXEC) != 0) return SystemError("pipe2");
  const pid_t child = ::fork();
  if (child < 0) return SystemError("fork");
  if (child == 0) {
    ::close(goal_pipe[0]);
    AcknowledgedCount acknowledged(count, goal, goal_pipe[1]);
    EndChild(body(acknowledged));
  }
  ::close(goal_pipe[1]);
  char byte = 0;
  const ssize_t told = ::read(goal_pipe[0], &byte, 1);
  ::close(goal_pipe[0]);
  ::kill(child, SIGKILL);
  const absl::StatusOr<int> outcome = WaitForChild(child);
  if (!outcome.ok()) return outcome.status();
  if (told != 1 || !WIFSIGNALED(*outcome) || WTERMSIG(*outcome) != SIGKILL) {
    return absl::AbortedError(
        fmt::format("child ended with {:#x} before it was killed", *outcome));
  }
  return count->load(std::memory_order_acquire);
}

absl::Status DropPageCache() {
  ::sync();
  const int file = ::open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
  if (file < 0) return SystemError("open /proc/sys/vm/drop_caches");
  const bool is_written = ::write(file, "3\n", 2) == 2;
  absl::Status status =
      is_written ? absl::OkStatus() : SystemError("drop_caches");
  ::close(file);
  return status;
}

}  // namespace bench
