#include "reopening_cursor.h"

#include <utility>

#include "store_access.h"

namespace tidemark::cli {

absl::StatusOr<ReopeningCursor> ReopeningCursor::Open(
    const std::string& directory, const CursorOptions& options) {
  ReopeningCursor reopening(directory, options);
  const absl::Status status = reopening.OpenAt(options.start);
  if (!status.ok()) return status;
  return reopening;
}

absl::Status ReopeningCursor::Reopen() {
  return OpenAt(Start::At(cursor_->positions()));
}

absl::Status ReopeningCursor::OpenAt(const Start& start) {
  absl::StatusOr<Store> store = OpenToRead(directory_);
  if (!store.ok()) return store.status();
  CursorOptions options = options_;
  options.start = start;
  absl::StatusOr<ConsumerCursor> cursor = ConsumerCursor::Open(*store, options);
  if (!cursor.ok()) return cursor.status();
  cursor_ = *std::move(cursor);
  store_ = *std::move(store);
  return absl::OkStatus();
}

}  // namespace tidemark::cli
