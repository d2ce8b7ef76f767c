#include "named_cursors.h"

#include "tidemark/consumer_cursor.h"

namespace tidemark::cli {

absl::StatusOr<Positions> ReadCommits(Store& store, const std::string& name,
                                      const std::vector<std::string>& topics) {
  if (topics.empty()) return Positions();
  CursorOptions options{.topics = topics,
                        .start = Start::Committed(Start::Begin()),
                        .name = name};
  const absl::StatusOr<ConsumerCursor> cursor =
      ConsumerCursor::Open(store, options);
  if (!cursor.ok()) return cursor.status();
  return cursor->committed();
}

}  // namespace tidemark::cli
