#include "tidemark/cursor_files.h"

#include "base/guard.h"
#include "base/status_macros.h"
#include "consumer/cursor_check.h"
#include "store/layout.h"
#include "store/store_engine.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

absl::StatusOr<std::vector<std::string>> ListNames(Directory& root) {
  const auto entries = root.List(kCursorsDirectory);
  std::vector<std::string> names;
  if (absl::IsNotFound(entries.status())) return names;
  TIDEMARK_RETURN_IF_ERROR(entries.status());
  for (const DirectoryEntry& entry : *entries) {
    // The rules for names of topics hold for cursors, too.
    if (entry.type == FileType::kRegular && CheckTopicName(entry.name).ok()) {
      names.push_back(entry.name);
    }
  }
  return names;
}

absl::Status MovedFrom() {
  return WithReason(absl::FailedPreconditionError("store: moved from"),
                    ErrorReason::kClosed);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ListCursors(Store& store) {
  return Guarded([&]() -> absl::StatusOr<std::vector<std::string>> {
    if (store.engine() == nullptr) return MovedFrom();
    const LogShared& shared = *store.engine()->shared();
    TIDEMARK_RETURN_IF_ERROR(shared.Usable());
    return ListNames(*shared.directory);
  });
}

absl::StatusOr<std::vector<DamagedRange>> FindCursorDamage(
    Store& store, std::string_view name) {
  return Guarded([&]() -> absl::StatusOr<std::vector<DamagedRange>> {
    if (store.engine() == nullptr) return MovedFrom();
    const LogShared& shared = *store.engine()->shared();
    TIDEMARK_RETURN_IF_ERROR(shared.Usable());
    TIDEMARK_RETURN_IF_ERROR(CheckName("cursor", name));
    return CheckCursorFile(*shared.directory, shared.store_id, name);
  });
}

}  // namespace v0
}  // namespace tidemark
