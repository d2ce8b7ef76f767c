#ifndef TIDEMARK_TESTS_ROT_CURSOR_CHECK_H_
#define TIDEMARK_TESTS_ROT_CURSOR_CHECK_H_

#include <set>

#include "absl/status/status.h"
#include "rot/damage.h"
#include "rot/golden_store.h"
#include "tidemark/store.h"

namespace tidemark::test {

// Opens every named cursor over the partitions in `opened`. A commit may be the
// last one or one before it, or a typed error says that it is lost, which sets
// `has_trouble`. Only a file that is missing as a whole, or came from before,
// may know of none.
absl::Status CheckCursors(Store& store, const GoldenStore& golden,
                          const Damage& damage,
                          const std::set<TopicPartition>& opened,
                          bool* has_trouble);

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_ROT_CURSOR_CHECK_H_
