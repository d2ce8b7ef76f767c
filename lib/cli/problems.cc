#include "problems.h"

#include "advice.h"
#include "output.h"
#include "tidemark/error.h"

namespace tidemark::cli {

void Problems::Add(const absl::Status& status) {
  if (!status.ok()) problems_.push_back(status);
}

void Problems::Tell() const {
  for (const absl::Status& problem : problems_) {
    PrintToPerson(Explain(problem, command_));
  }
}

ExitCode Problems::code() const {
  ExitCode code = ExitCode::kOk;
  for (const absl::Status& problem : problems_) {
    if (IsDamaged(problem)) return ExitCode::kDamage;
    code = ExitCode::kError;
  }
  return code;
}

std::vector<std::string> Problems::Messages() const {
  std::vector<std::string> messages;
  for (const absl::Status& problem : problems_) {
    const std::string text(problem.message());
    messages.push_back(text.substr(0, text.find('\n')));
  }
  return messages;
}

}  // namespace tidemark::cli
