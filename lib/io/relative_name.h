#ifndef TIDEMARK_LIB_IO_RELATIVE_NAME_H_
#define TIDEMARK_LIB_IO_RELATIVE_NAME_H_

#include <string_view>

#include "absl/status/status.h"

namespace tidemark {
inline namespace v0 {

// A name within a Directory, cut at its last '/'. The parent is "" in the root.
struct SplitName {
  std::string_view parent;
  std::string_view leaf;
};

// InvalidArgument unless `name` keeps the rules of tidemark/env.h; "", which
// means the root, breaks them.
absl::Status CheckRelativeName(std::string_view name);

// As CheckRelativeName, but accepts "".
absl::Status CheckDirectoryName(std::string_view name);

// Cuts a name that keeps the rules.
SplitName SplitRelativeName(std::string_view name);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_RELATIVE_NAME_H_
