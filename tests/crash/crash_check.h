#ifndef TIDEMARK_TESTS_CRASH_CRASH_CHECK_H_
#define TIDEMARK_TESTS_CRASH_CRASH_CHECK_H_

#include <functional>

#include "absl/status/status.h"
#include "support/expectation.h"
#include "support/expectation_check.h"
#include "tidemark/store_options.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark::test {

// How the store of a scenario is opened on a machine.
using MakeOptions = std::function<StoreOptions(Env&, Clock&)>;

// How far a check goes behind the first opening.
enum class CheckDepth : uint8_t {
  kRead,      // I1-I7, I11: everything is read
  kUse,       // and I8, I10: appended to, closed, opened and read again
  kTwoOpens,  // and I8: a second opening changes no byte
};

// The store of every scenario.
inline constexpr char kStorePath[] = "/store";

// Opens the store on what a crash left and compares with what was promised.
// Returns the first broken promise, which names its invariant.
absl::Status CheckAfterCrash(MemoryEnv& machine, const Expectation& expected,
                             CrashKind kind, CheckDepth depth,
                             const MakeOptions& make_options);

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_CRASH_CRASH_CHECK_H_
