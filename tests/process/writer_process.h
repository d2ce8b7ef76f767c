#ifndef TIDEMARK_TESTS_PROCESS_WRITER_PROCESS_H_
#define TIDEMARK_TESTS_PROCESS_WRITER_PROCESS_H_

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "process/writer_message.h"
#include "support/catch.h"

namespace tidemark::test {

// A running helper_writer with pipes to its input and its output. Killed with
// this object.
class WriterProcess {
 public:
  WriterProcess(const std::string& mode, const std::string& directory,
                const std::string& durability, uint64_t session,
                uint64_t seed) {
    std::array<int, 2> input;
    std::array<int, 2> output;
    REQUIRE(::pipe2(input.data(), O_CLOEXEC) == 0);
    REQUIRE(::pipe2(output.data(), O_CLOEXEC) == 0);
    std::vector<std::string> words = {
        std::string(TIDEMARK_TEST_BIN_DIR) + "/helper_writer",
        mode,
        directory,
        durability,
        std::to_string(session),
        std::to_string(seed)};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    REQUIRE(::posix_spawn_file_actions_init(&actions) == 0);
    ::posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    const int error = ::posix_spawn(&process_, arguments[0], &actions, nullptr,
                                    arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(input[0]);
    ::close(output[1]);
    input_ = input[1];
    output_ = output[0];
    REQUIRE(error == 0);
  }
  ~WriterProcess() {
    if (process_ > 0) Kill();
    CloseInput();
    ::close(output_);
  }
  WriterProcess(const WriterProcess&) = delete;
  WriterProcess& operator=(const WriterProcess&) = delete;

  // The next message; nothing at the end of the output, or when none came
  // within `patience`.
  std::optional<WriterMessage> Read(
      std::chrono::milliseconds patience = std::chrono::minutes(1)) {
    pollfd wait = {output_, POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(patience.count())) != 1) {
      return std::nullopt;
    }
    WriterMessage message;
    const ssize_t size = ::read(output_, &message, sizeof(message));
    if (size != sizeof(message)) return std::nullopt;
    return message;
  }

  void SendByte() { REQUIRE(::write(input_, "g", 1) == 1); }

  void CloseInput() {
    if (input_ >= 0) ::close(input_);
    input_ = -1;
  }

  // The status of waitpid.
  int Wait() {
    int status = -1;
    ::waitpid(process_, &status, 0);
    process_ = -1;
    return status;
  }

  int Kill() {
    ::kill(process_, SIGKILL);
    return Wait();
  }

  // Returns when none of its threads runs any more.
  void Stop() {
    REQUIRE(::kill(process_, SIGSTOP) == 0);
    int status = 0;
    REQUIRE(::waitpid(process_, &status, WUNTRACED) == process_);
    REQUIRE(WIFSTOPPED(status));
  }

  void Continue() { REQUIRE(::kill(process_, SIGCONT) == 0); }

 private:
  pid_t process_ = -1;
  int input_ = -1;
  int output_ = -1;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_PROCESS_WRITER_PROCESS_H_
