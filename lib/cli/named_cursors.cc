#include "named_cursors.h"

#include <fmt/core.h>

#include "advice.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/cursor_files.h"

namespace tidemark::cli {
namespace {

// Some messages tell of a commit, but not under which name.
absl::Status OfCursor(const absl::Status& status, const std::string& name) {
  const std::string file = "cursors/" + name;
  const std::string text(status.message());
  return text.find(file) != std::string::npos
             ? status
             : WithMessage(status, fmt::format("{}: {}", file, text));
}

}  // namespace

absl::StatusOr<Positions> ReadCommits(
    Store& store, const std::string& name,
    const std::vector<TopicPartition>& partitions) {
  if (partitions.empty()) return Positions();
  CursorOptions options{.partitions = partitions,
                        .start = Start::Committed(Start::Begin()),
                        .name = name};
  const absl::StatusOr<ConsumerCursor> cursor =
      ConsumerCursor::Open(store, options);
  if (!cursor.ok()) return cursor.status();
  return cursor->committed();
}

void VisitCommits(
    Store& store, const std::string& name,
    const std::vector<TopicPartition>& partitions,
    absl::FunctionRef<void(const absl::StatusOr<Positions::Entry>&)> visit) {
  const auto visit_all = [&](const Positions& positions) {
    for (const Positions::Entry& entry : positions) visit(entry);
  };
  const absl::StatusOr<Positions> all = ReadCommits(store, name, partitions);
  if (all.ok()) {
    visit_all(*all);
    return;
  }
  const absl::Status file = FindCursorDamage(store, name).status();
  if (!file.ok()) {
    visit(OfCursor(file, name));
    return;
  }
  for (const TopicPartition& partition : partitions) {
    const absl::StatusOr<Positions> one = ReadCommits(store, name, {partition});
    if (one.ok()) {
      visit_all(*one);
    } else {
      visit(OfCursor(one.status(), name));
    }
  }
}

}  // namespace tidemark::cli
