#ifndef TIDEMARK_TESTS_ROT_VERIFY_CHECK_H_
#define TIDEMARK_TESTS_ROT_VERIFY_CHECK_H_

#include "absl/status/status.h"
#include "rot/damage.h"
#include "rot/golden_store.h"
#include "rot/verify_run.h"

namespace tidemark::test {

// Whether `tidemark verify` told the truth about a damage.
//
//  - A store that was closed: whatever is not as it was is damage, with file
//    and position.
//  - A store that a crash left: a flipped bit or a wrong byte is at least a
//    note, for what was never durable may have been torn.
//  - Where a reader was refused something (`has_trouble`) it is damage, with
//    the place, whatever the store.
//
// `is_named` says whether it named the place.
absl::Status CheckVerify(const GoldenStore& golden, const Damage& damage,
                         const VerifyRun& verify, bool has_trouble,
                         bool* is_named);

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_ROT_VERIFY_CHECK_H_
