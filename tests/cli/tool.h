#ifndef TIDEMARK_TESTS_CLI_TOOL_H_
#define TIDEMARK_TESTS_CLI_TOOL_H_

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/catch.h"

namespace tidemark::test {

inline constexpr uid_t kNobodyUid = 65534;

// The program `tidemark` as a child process with pipes to its three streams.
//
// Every wait ends after 20 seconds, when the child is killed and the test
// fails. The destructor kills what still runs.
class StartedTool {
 public:
  struct Options {
    bool as_nobody = false;  // gives up root's rights, if there are any
    int output = -1;         // standard output instead of a pipe; kept open
    int error = -1;          // standard error instead of a pipe; kept open
    int ignored_signal = 0;  // ignored when the tool starts
    rlim_t file_bytes_max = RLIM_INFINITY;  // of files that it writes
  };

  explicit StartedTool(const std::vector<std::string>& arguments)
      : StartedTool(arguments, Options()) {}
  StartedTool(const std::vector<std::string>& arguments, Options options) {
    const std::string path = std::string(TIDEMARK_TEST_BIN_DIR) + "/tidemark";
    std::vector<char*> argv = {const_cast<char*>("tidemark")};
    for (const std::string& argument : arguments) {
      argv.push_back(const_cast<char*>(argument.c_str()));
    }
    argv.push_back(nullptr);
    const int program = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(program >= 0);
    std::array<int, 2> in, out, err;
    REQUIRE(::pipe2(in.data(), O_CLOEXEC) == 0);
    REQUIRE(::pipe2(out.data(), O_CLOEXEC) == 0);
    REQUIRE(::pipe2(err.data(), O_CLOEXEC) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(options.output >= 0 ? options.output : out[1], STDOUT_FILENO);
      ::dup2(options.error >= 0 ? options.error : err[1], STDERR_FILENO);
      ::signal(SIGPIPE, SIG_DFL);
      if (options.ignored_signal != 0) {
        ::signal(options.ignored_signal, SIG_IGN);
      }
      if (options.file_bytes_max != RLIM_INFINITY) {
        const rlimit limit = {options.file_bytes_max, options.file_bytes_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
      }
      if (options.as_nobody && ::geteuid() == 0 &&
          (::setgroups(0, nullptr) != 0 ||
           ::setresgid(kNobodyUid, kNobodyUid, kNobodyUid) != 0 ||
           ::setresuid(kNobodyUid, kNobodyUid, kNobodyUid) != 0)) {
        ::_exit(126);
      }
      ::fexecve(program, argv.data(), environ);
      ::_exit(127);
    }
    for (const int closed : {program, in[0], out[1], err[1]}) ::close(closed);
    input_ = in[1];
    output_ = out[0];
    error_ = err[0];
    // A child that stops reading is no reason to end the tests.
    ::signal(SIGPIPE, SIG_IGN);
    ::fcntl(input_, F_SETFL, O_NONBLOCK);
  }
  ~StartedTool() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    for (const int descriptor : {input_, output_, error_}) {
      if (descriptor >= 0) ::close(descriptor);
    }
  }
  StartedTool(const StartedTool&) = delete;
  StartedTool& operator=(const StartedTool&) = delete;

  pid_t pid() const { return child_; }

  // Hands `text` to standard input, reading the output meanwhile.
  void Feed(std::string_view text) {
    while (!text.empty()) {
      if (!Step(true)) return;
      const ssize_t size = ::write(input_, text.data(), text.size());
      if (size < 0 && errno == EPIPE) return;
      if (size > 0) text.remove_prefix(static_cast<size_t>(size));
    }
  }
  void CloseInput() { Close(&input_); }
  void CloseOutput() { Close(&output_); }

  // Reads until standard output, or standard error, holds `text`.
  void ReadUntil(std::string_view text) {
    while (out.find(text) == std::string::npos &&
           err.find(text) == std::string::npos) {
      INFO("waiting for " << text << "\n" << out << err);
      REQUIRE(Step(false));
    }
  }

  void Signal(int number) { REQUIRE(::kill(child_, number) == 0); }

  // Reads everything and returns the exit status, or 1000 plus the signal.
  int Wait() {
    CloseInput();
    while (Step(false)) {
    }
    int status = 0;
    REQUIRE(::waitpid(child_, &status, 0) == child_);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }

  std::string out;
  std::string err;

 private:
  static void Close(int* descriptor) {
    if (*descriptor >= 0) ::close(*descriptor);
    *descriptor = -1;
  }

  // Waits for output, or until input is taken, and reads what there is. False
  // when both outputs are closed.
  bool Step(bool is_feeding) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline_ - std::chrono::steady_clock::now());
    if (left.count() <= 0) ::kill(child_, SIGKILL);
    INFO("the tool takes too long\n" << out << err);
    REQUIRE(left.count() > 0);
    std::array<pollfd, 3> wanted = {{{output_, POLLIN, 0},
                                     {error_, POLLIN, 0},
                                     {is_feeding ? input_ : -1, POLLOUT, 0}}};
    if (output_ < 0 && error_ < 0) return false;
    ::poll(wanted.data(), wanted.size(), static_cast<int>(left.count()));
    if (wanted[0].revents != 0) Take(&output_, &out);
    if (wanted[1].revents != 0) Take(&error_, &err);
    return true;
  }

  static void Take(int* descriptor, std::string* text) {
    std::array<char, 65536> buffer;
    const ssize_t size = ::read(*descriptor, buffer.data(), buffer.size());
    if (size > 0) {
      text->append(buffer.data(), static_cast<size_t>(size));
    } else {
      Close(descriptor);
    }
  }

  const std::chrono::steady_clock::time_point deadline_ =
      std::chrono::steady_clock::now() + std::chrono::seconds(20);
  pid_t child_ = -1;
  int input_ = -1;
  int output_ = -1;
  int error_ = -1;
};

// What a run of the tool came to.
struct ToolResult {
  int code = 0;
  std::string out;
  std::string err;
};

inline ToolResult RunTool(
    const std::vector<std::string>& arguments, std::string_view input = "",
    StartedTool::Options options = StartedTool::Options()) {
  StartedTool tool(arguments, options);
  tool.Feed(input);
  const int code = tool.Wait();
  return {code, std::move(tool.out), std::move(tool.err)};
}

// RunTool that must end with 0; returns the output.
inline std::string RunToolOk(const std::vector<std::string>& arguments,
                             std::string_view input = "") {
  const ToolResult result = RunTool(arguments, input);
  INFO("tidemark " << arguments.front() << " says\n"
                   << result.out << result.err);
  REQUIRE(result.code == 0);
  return result.out;
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_CLI_TOOL_H_
