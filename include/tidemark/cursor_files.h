#ifndef TIDEMARK_CURSOR_FILES_H_
#define TIDEMARK_CURSOR_FILES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tidemark/damage.h"
#include "tidemark/export.h"
#include "tidemark/store.h"

// The files in which named cursors commit, for tools that look at a store.
namespace tidemark {
inline namespace v0 {

// The names under which cursors of the store commit, ascending.
TIDEMARK_EXPORT absl::StatusOr<std::vector<std::string>> ListCursors(
    Store& store);

// Reads and checks every byte of the file of `name`: headers, extents and all
// slots, also those of topics that are gone. What is found names the file by
// its path within the store. `may_be_torn` where a crash leaves the same, and
// the entry has a commit nonetheless.
//
// NotFound; DataLoss (IsDamaged) when no header or no extent can be read, and
// nothing in the file counts; Unimplemented (IsNewerFormat); FailedPrecondition
// for the file of another store.
TIDEMARK_EXPORT absl::StatusOr<std::vector<DamagedRange>> FindCursorDamage(
    Store& store, std::string_view name);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_CURSOR_FILES_H_
