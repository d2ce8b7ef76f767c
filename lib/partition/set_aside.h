#ifndef TIDEMARK_LIB_PARTITION_SET_ASIDE_H_
#define TIDEMARK_LIB_PARTITION_SET_ASIDE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tidemark/env.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// Gives the file `name` in `directory` a name that the log never needs, and
// returns it: what stands where the log wants a segment and is none of its own
// may be of use to a person. The caller syncs the directory. AlreadyExists when
// a thousand such names are taken; otherwise the errors of Directory::Rename.
absl::StatusOr<std::string> SetAside(Directory& root,
                                     std::string_view directory,
                                     std::string_view name,
                                     Incarnation incarnation);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_SET_ASIDE_H_
