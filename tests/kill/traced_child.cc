#include "kill/traced_child.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <vector>

#include "support/catch.h"

namespace tidemark::test {
namespace {

constexpr int kCannotTrace = 90;
constexpr int kCannotFilter = 91;

// Without mmap, of which only shared mappings concern files.
const std::vector<long>& StorageCalls() {
  static const auto* const calls = new std::vector<long>{
#ifdef SYS_open
      SYS_open,
      SYS_mkdir,
      SYS_rmdir,
      SYS_rename,
      SYS_unlink,
      SYS_creat,
      SYS_chmod,
#endif
      SYS_openat,
      SYS_openat2,
      SYS_close,
      SYS_pwrite64,
      SYS_pwritev,
      SYS_pwritev2,
      SYS_fsync,
      SYS_fdatasync,
      SYS_syncfs,
      SYS_sync,
      SYS_ftruncate,
      SYS_fallocate,
      SYS_mkdirat,
      SYS_unlinkat,
      SYS_renameat2,
      SYS_linkat,
      SYS_fchmod,
      SYS_fchmodat,
      SYS_fcntl,
      SYS_flock,
      SYS_munmap,
      SYS_madvise,
      SYS_mlock,
      SYS_msync,
#ifdef SYS_renameat
      SYS_renameat,
#endif
#ifdef SYS_sync_file_range
      SYS_sync_file_range,
#endif
  };
  return *calls;
}

sock_filter Load(size_t offset) {
  return {BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<uint32_t>(offset)};
}

sock_filter Return(uint32_t answer) { return {BPF_RET | BPF_K, 0, 0, answer}; }

// Has the tracer told of the calls from now on.
bool StopBeforeStorageCalls() {
  std::vector<sock_filter> program = {Load(offsetof(seccomp_data, nr))};
  for (const long call : StorageCalls()) {
    program.push_back(
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, static_cast<uint32_t>(call)});
    program.push_back(Return(SECCOMP_RET_TRACE));
  }
  program.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SYS_mmap});
  program.push_back(Load(offsetof(seccomp_data, args[3])));
  program.push_back({BPF_JMP | BPF_JSET | BPF_K, 0, 1, MAP_SHARED});
  program.push_back(Return(SECCOMP_RET_TRACE));
  program.push_back(Return(SECCOMP_RET_ALLOW));
  const sock_fprog filter = {static_cast<uint16_t>(program.size()),
                             program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

constexpr uint64_t kPage = 4096;

std::vector<iovec> ReadParts(pid_t thread, uint64_t at, uint64_t count) {
  std::vector<iovec> parts(count);
  const iovec to = {parts.data(), count * sizeof(iovec)};
  const iovec from = {reinterpret_cast<void*>(at), to.iov_len};
  REQUIRE(::process_vm_readv(thread, &to, 1, &from, 1, 0) ==
          static_cast<ssize_t>(to.iov_len));
  return parts;
}

StorageCall CallOf(pid_t thread) {
  __ptrace_syscall_info info = {};
  REQUIRE(::ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof(info), &info) > 0);
  REQUIRE(info.op == PTRACE_SYSCALL_INFO_SECCOMP);
  StorageCall call;
  call.number = static_cast<int64_t>(info.seccomp.nr);
#if defined(__x86_64__)
  uint64_t size = 0;
  if (call.number == SYS_pwrite64) {
    size = info.seccomp.args[2];
  } else if (call.number == SYS_pwritev) {
    call.parts_at = info.seccomp.args[1];
    for (const iovec& part :
         ReadParts(thread, call.parts_at, info.seccomp.args[2])) {
      size += part.iov_len;
    }
  }
  const uint64_t begin = info.seccomp.args[3];
  const uint64_t border = (begin + size / 2 + kPage) / kPage * kPage;
  if (border < begin + size) call.part_size = border - begin;
#endif
  return call;
}

bool IsEvent(int status, int event) {
  return status >> 8 == (SIGTRAP | event << 8);
}

}  // namespace

void TracedChild::RunChild(const std::function<void(int)>& body, int pipe) {
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(kCannotTrace);
  ::raise(SIGSTOP);
  // What malloc maps would come and go between the calls that count.
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TRIM_THRESHOLD, -1);
  if (!StopBeforeStorageCalls()) ::_exit(kCannotFilter);
  body(pipe);
  ::_exit(0);
}

TracedChild::TracedChild(const std::function<void(int)>& body) {
  std::array<int, 2> pipe;
  REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  // The child must not wait for its report to be read.
  REQUIRE(::fcntl(pipe[1], F_SETPIPE_SZ, 1 << 20) >= 1 << 20);
  REQUIRE(::fcntl(pipe[0], F_SETFL, O_NONBLOCK) == 0);
  process_ = ::fork();
  REQUIRE(process_ >= 0);
  if (process_ == 0) {
    ::close(pipe[0]);
    RunChild(body, pipe[1]);
  }
  ::close(pipe[1]);
  pipe_ = pipe[0];
  int status = 0;
  REQUIRE(::waitpid(process_, &status, 0) == process_);
  INFO("ptrace must be permitted here: waitpid says " << status);
  REQUIRE(WIFSTOPPED(status));
  constexpr long kOptions = PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE |
                            PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD;
  REQUIRE(::ptrace(PTRACE_SETOPTIONS, process_, nullptr, kOptions) == 0);
  stopped_ = process_;
}

TracedChild::~TracedChild() {
  Kill();
  ::close(pipe_);
}

void TracedChild::Resume() {
  if (stopped_ > 0) ::ptrace(PTRACE_CONT, stopped_, nullptr, nullptr);
  stopped_ = -1;
}

bool TracedChild::NextCall() {
  if (has_ended_) return false;
  Resume();
  for (;;) {
    int status = 0;
    const pid_t thread = ::waitpid(-1, &status, __WALL);
    REQUIRE(thread > 0);
    if (!WIFSTOPPED(status)) {
      if (thread != process_) continue;
      has_ended_ = true;
      status_ = status;
      INFO("seccomp filters must be permitted here: waitpid says " << status);
      REQUIRE(!(WIFEXITED(status) && WEXITSTATUS(status) == kCannotFilter));
      return false;
    }
    if (IsEvent(status, PTRACE_EVENT_SECCOMP)) {
      stopped_ = thread;
      call_ = CallOf(thread);
      return true;
    }
    // A new thread begins with a stop of its own; other signals are its own.
    const int signal = WSTOPSIG(status);
    const bool is_ours = signal == SIGTRAP || signal == SIGSTOP;
    ::ptrace(PTRACE_CONT, thread, nullptr, is_ours ? 0 : signal);
  }
}

void TracedChild::FinishCall() {
  REQUIRE(::ptrace(PTRACE_SYSCALL, stopped_, nullptr, nullptr) == 0);
  int status = 0;
  REQUIRE(::waitpid(stopped_, &status, __WALL) == stopped_);
  INFO("waitpid says " << status);
  REQUIRE(WIFSTOPPED(status));
  REQUIRE(WSTOPSIG(status) == (SIGTRAP | 0x80));
}

void TracedChild::FinishPart() {
#if defined(__x86_64__)
  user_regs_struct registers;
  REQUIRE(::ptrace(PTRACE_GETREGS, stopped_, nullptr, &registers) == 0);
  if (call_.parts_at == 0) {
    registers.rdx = call_.part_size;
  } else {
    // The host dies, so its memory may change.
    uint64_t left = call_.part_size;
    uint64_t count = 0;
    for (const iovec& part :
         ReadParts(stopped_, call_.parts_at, registers.rdx)) {
      if (part.iov_len >= left) break;
      left -= part.iov_len;
      ++count;
    }
    const uint64_t length_at =
        call_.parts_at + count * sizeof(iovec) + offsetof(iovec, iov_len);
    REQUIRE(::ptrace(PTRACE_POKEDATA, stopped_, length_at, left) == 0);
    registers.rdx = count + 1;
  }
  REQUIRE(::ptrace(PTRACE_SETREGS, stopped_, nullptr, &registers) == 0);
#endif
  FinishCall();
}

void TracedChild::Kill() {
  if (has_ended_ || process_ <= 0) return;
  ::kill(process_, SIGKILL);
  for (;;) {
    int status = 0;
    const pid_t thread = ::waitpid(-1, &status, __WALL);
    if (thread < 0) break;
    if (thread == process_ && !WIFSTOPPED(status)) {
      status_ = status;
      break;
    }
  }
  has_ended_ = true;
}

std::string TracedChild::TakeReport() {
  std::string report;
  std::array<char, 4096> bytes;
  for (;;) {
    const ssize_t size = ::read(pipe_, bytes.data(), bytes.size());
    if (size <= 0) break;
    report.append(bytes.data(), static_cast<size_t>(size));
  }
  return report;
}

}  // namespace tidemark::test
