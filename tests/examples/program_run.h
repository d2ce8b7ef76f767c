#ifndef TIDEMARK_TESTS_EXAMPLES_PROGRAM_RUN_H_
#define TIDEMARK_TESTS_EXAMPLES_PROGRAM_RUN_H_

#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <string>

namespace tidemark::test {

// What a program printed, to both of its outputs, and how it ended.
struct ProgramRun {
  std::string output;
  int exit_code = -1;

  bool Says(const std::string& text) const {
    return output.find(text) != std::string::npos;
  }
};

inline std::string ProgramPath(const std::string& program) {
  return std::string(TIDEMARK_TEST_BIN_DIR) + "/" + program;
}

inline bool HasProgram(const std::string& program) {
  return std::filesystem::exists(ProgramPath(program));
}

// Runs a program of the build to its end. The arguments are words of a shell.
inline ProgramRun RunProgram(const std::string& program,
                             const std::string& arguments = "") {
  const std::string command =
      "'" + ProgramPath(program) + "' " + arguments + " 2>&1 </dev/null";
  ProgramRun run;
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return run;
  char buffer[4096];
  while (const size_t size = std::fread(buffer, 1, sizeof(buffer), pipe)) {
    run.output.append(buffer, size);
  }
  const int outcome = ::pclose(pipe);
  if (WIFEXITED(outcome)) run.exit_code = WEXITSTATUS(outcome);
  return run;
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_EXAMPLES_PROGRAM_RUN_H_
