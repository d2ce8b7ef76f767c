#ifndef TIDEMARK_TESTS_IO_SECCOMP_H_
#define TIDEMARK_TESTS_IO_SECCOMP_H_

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace tidemark::test {

// Has the kernel answer a system call with an error from now on, without doing
// it: all calls of the number, or those whose third argument is as given. For
// forked children; it cannot be undone. False if filters are not allowed.
inline bool FailSystemCall(long number, int error,
                           std::optional<uint32_t> third_argument = {}) {
  const auto answer = SECCOMP_RET_ERRNO | static_cast<uint32_t>(error);
  const auto load = [](size_t offset) {
    return sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0,
                       static_cast<uint32_t>(offset)};
  };
  // The second comparison always holds when no argument is asked for.
  const size_t second = third_argument.has_value()
                            ? offsetof(struct seccomp_data, args[2])
                            : offsetof(struct seccomp_data, nr);
  std::array<struct sock_filter, 6> program = {{
      load(offsetof(struct seccomp_data, nr)),
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, static_cast<uint32_t>(number)},
      load(second),
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1,
       third_argument.value_or(static_cast<uint32_t>(number))},
      {BPF_RET | BPF_K, 0, 0, answer},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  }};
  struct sock_fprog filter = {program.size(), program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_IO_SECCOMP_H_
