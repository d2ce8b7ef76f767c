#include "partition/set_aside.h"

#include <fmt/core.h>

#include "segment/file_names.h"

namespace tidemark {
inline namespace v0 {
namespace {

constexpr uint64_t kNamesMax = 1000;

}  // namespace

absl::StatusOr<std::string> SetAside(Directory& root,
                                     std::string_view directory,
                                     std::string_view name,
                                     Incarnation incarnation) {
  for (uint64_t n = 0;; ++n) {
    std::string aside = fmt::format("{}.aside-{}", name, incarnation + n);
    const absl::Status status =
        root.Rename(JoinPath(directory, name), JoinPath(directory, aside),
                    /*is_replacing=*/false);
    if (status.ok()) return aside;
    if (!absl::IsAlreadyExists(status) || n == kNamesMax) return status;
  }
}

}  // namespace v0
}  // namespace tidemark
