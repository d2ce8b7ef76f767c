#ifndef TIDEMARK_LIB_CLI_EXIT_CODE_H_
#define TIDEMARK_LIB_CLI_EXIT_CODE_H_

namespace tidemark::cli {

// How the program ends. docs/cli.md promises the numbers.
enum class ExitCode : int { kOk = 0, kDamage = 1, kError = 2 };

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_EXIT_CODE_H_
