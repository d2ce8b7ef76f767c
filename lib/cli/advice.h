#ifndef TIDEMARK_LIB_CLI_ADVICE_H_
#define TIDEMARK_LIB_CLI_ADVICE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::cli {

// `status` with another message. Code, reason and gap stay.
absl::Status WithMessage(const absl::Status& status, std::string_view message);

// `status` with a second line that says what to do about it.
absl::Status WithAdvice(const absl::Status& status, std::string_view advice);

// `status`, which refuses the value of an option, naming both.
absl::Status OfOption(const absl::Status& status, std::string_view option,
                      std::string_view value);

// What to print about `status`, which ended the command of that name: its
// message and, below it, what to do, from WithAdvice or else by its reason and
// code.
std::string Explain(const absl::Status& status, std::string_view command);

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_ADVICE_H_
