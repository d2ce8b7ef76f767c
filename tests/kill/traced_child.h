#ifndef TIDEMARK_TESTS_KILL_TRACED_CHILD_H_
#define TIDEMARK_TESTS_KILL_TRACED_CHILD_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>

namespace tidemark::test {

// A system call that concerns files.
struct StorageCall {
  int64_t number = -1;
  // Of a write over more than one page, the bytes up to a border of pages near
  // its middle: there, and nowhere else, the kernel looks for SIGKILL.
  uint64_t part_size = 0;
  // Where the host has the parts of a write of several.
  uint64_t parts_at = 0;
};

// A forked child that stops before each of its system calls that concern files:
// those that open, close, lock, map, write, allocate, cut, sync, rename, make
// or remove one. What only reads changes nothing, and does not stop it.
//
// The children of a test are forked, not started as programs of their own,
// because thousands of them run. So none may be made while a thread runs in the
// test. Killed with this object.
class TracedChild {
 public:
  // Forks. `body` gets the descriptor to report to; the child ends with 0
  // behind it. Fails the test when the system allows no tracing.
  explicit TracedChild(const std::function<void(int)>& body);
  ~TracedChild();
  TracedChild(const TracedChild&) = delete;
  TracedChild& operator=(const TracedChild&) = delete;

  // Lets it run to its next call, in any of its threads. False: it has ended.
  bool NextCall();
  const StorageCall& call() const { return call_; }

  // Does the call that it stands before, and stops behind it. The others of its
  // threads must not run.
  void FinishCall();

  // The same, but writes the first part alone.
  void FinishPart();

  void Kill();

  // What the child has reported since the last call.
  std::string TakeReport();
  // The status of waitpid, once it has ended.
  int status() const { return status_; }

 private:
  void Resume();
  [[noreturn]] void RunChild(const std::function<void(int)>& body, int pipe);

  pid_t process_ = -1;
  pid_t stopped_ = -1;  // the thread that stands before a call
  int pipe_ = -1;
  int status_ = 0;
  bool has_ended_ = false;
  StorageCall call_;
  std::string report_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_KILL_TRACED_CHILD_H_
