#include "named_cursors.h"

#include <memory>

#include "tidemark/consumer_cursor.h"
#include "tidemark/env.h"

namespace tidemark::cli {

absl::StatusOr<std::vector<std::string>> ListCursorNames(
    const std::string& directory) {
  const absl::StatusOr<std::unique_ptr<Directory>> root =
      Env::Posix().OpenDirectory(directory, false);
  if (!root.ok()) return root.status();
  const absl::StatusOr<std::vector<DirectoryEntry>> entries =
      (*root)->List("cursors");
  if (absl::IsNotFound(entries.status())) return std::vector<std::string>();
  if (!entries.ok()) return entries.status();
  std::vector<std::string> names;
  for (const DirectoryEntry& entry : *entries) {
    // Other names are files that are being made.
    if (entry.type == FileType::kRegular && !entry.name.starts_with('.') &&
        !entry.name.ends_with(".tmp")) {
      names.push_back(entry.name);
    }
  }
  return names;
}

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
