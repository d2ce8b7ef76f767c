#ifndef TIDEMARK_LIB_CLI_REOPENING_CURSOR_H_
#define TIDEMARK_LIB_CLI_REOPENING_CURSOR_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/store.h"

namespace tidemark::cli {

// A cursor over a store that another process may be writing to.
//
// A store that is opened to read shows the log as it was then; Reopen opens it
// again and goes on at the same positions, so that no record is skipped or
// repeated. After a failed Reopen everything is as it was before.
//
// One thread. Owns store and cursor.
class ReopeningCursor {
 public:
  static absl::StatusOr<ReopeningCursor> Open(const std::string& directory,
                                              const CursorOptions& options);

  absl::Status Reopen();

  ConsumerCursor& cursor() { return *cursor_; }
  Store& store() { return *store_; }

 private:
  ReopeningCursor(std::string directory, CursorOptions options)
      : directory_(std::move(directory)), options_(std::move(options)) {}

  absl::Status OpenAt(const Start& start);

  std::string directory_;
  CursorOptions options_;
  std::optional<Store> store_;
  std::optional<ConsumerCursor> cursor_;
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_REOPENING_CURSOR_H_
