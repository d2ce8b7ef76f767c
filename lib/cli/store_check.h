#ifndef TIDEMARK_LIB_CLI_STORE_CHECK_H_
#define TIDEMARK_LIB_CLI_STORE_CHECK_H_

#include <string>

#include "absl/status/statusor.h"
#include "exit_code.h"
#include "output.h"
#include "tidemark/env.h"

namespace tidemark::cli {

// Checks every byte of every file of the store in `directory`, prints what it
// finds as it finds it, and sums it up. Changes nothing.
//
// kDamage when bytes are damaged or missing, kError when something could not be
// checked. An error when the store cannot be opened at all; IsDamaged for a
// STORE of which nothing is left.
absl::StatusOr<ExitCode> CheckStore(const std::string& directory, Env& env,
                                    Output& out);

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_STORE_CHECK_H_
