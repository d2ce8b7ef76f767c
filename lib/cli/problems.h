#ifndef TIDEMARK_LIB_CLI_PROBLEMS_H_
#define TIDEMARK_LIB_CLI_PROBLEMS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "exit_code.h"

namespace tidemark::cli {

// What a command could not read while it went on with the rest.
//
// A plain collection for one thread.
class Problems {
 public:
  explicit Problems(std::string_view command) : command_(command) {}

  // OK is no problem.
  void Add(const absl::Status& status);

  // Tells all on standard error, each with what to do about it.
  void Tell() const;

  // What the command ends with: damage counts more than other errors.
  ExitCode code() const;

  // One line each, without advice.
  std::vector<std::string> Messages() const;

 private:
  std::string command_;
  std::vector<absl::Status> problems_;
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_PROBLEMS_H_
