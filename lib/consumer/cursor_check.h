#ifndef TIDEMARK_LIB_CONSUMER_CURSOR_CHECK_H_
#define TIDEMARK_LIB_CONSUMER_CURSOR_CHECK_H_

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "consumer/cursor_slot.h"
#include "tidemark/damage.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// Looks at every byte of the cursor file of `name`; see FindCursorDamage.
absl::StatusOr<std::vector<DamagedRange>> CheckCursorFile(
    Directory& root, const Id128& store_id, std::string_view name);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_CONSUMER_CURSOR_CHECK_H_
