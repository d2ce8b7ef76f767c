#include <memory>
#include <string>

#include "command.h"
#include "store_access.h"
#include "store_check.h"
#include "tidemark/env.h"

namespace tidemark::cli {

void AddVerify(CLI::App& app, Action* action) {
  CLI::App* command =
      app.add_subcommand("verify", "Check every byte of a store");
  auto directory = std::make_shared<std::string>();
  AddStoreArgument(*command, *directory);
  command->footer(
      "Reads everything and changes nothing. Exit status: 0 all is sound,\n"
      "1 damaged bytes were found, 2 something could not be checked.\n"
      "\n"
      "Example: tidemark verify /var/lib/app/log");
  command->callback([directory, action] {
    *action = [directory](Output& out) {
      return CheckStore(*directory, Env::Posix(), out);
    };
  });
}

}  // namespace tidemark::cli
