#ifndef TIDEMARK_LIB_CLI_COMMAND_H_
#define TIDEMARK_LIB_CLI_COMMAND_H_

#include <CLI/CLI.hpp>
#include <functional>

#include "absl/status/statusor.h"
#include "exit_code.h"
#include "output.h"

namespace tidemark::cli {

// What a command does once its arguments are known. A status that is not OK is
// printed with advice; damage (IsDamaged) ends with kDamage, others with
// kError.
using Action = std::function<absl::StatusOr<ExitCode>(Output& out)>;

// Each adds one command with its options to `app`. When the command line names
// the command, `*action` is set and holds the values of the options.
void AddTopics(CLI::App& app, Action* action);
void AddCreate(CLI::App& app, Action* action);
void AddDescribe(CLI::App& app, Action* action);
void AddProduce(CLI::App& app, Action* action);
void AddConsume(CLI::App& app, Action* action);
void AddDump(CLI::App& app, Action* action);
void AddVerify(CLI::App& app, Action* action);
void AddStats(CLI::App& app, Action* action);

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_COMMAND_H_
