#include "rot/cursor_check.h"

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "rot/log_reading.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

std::vector<TopicPartition> PlacesOf(const GoldenCommits& commits,
                                     const std::set<TopicPartition>& opened) {
  std::vector<TopicPartition> places;
  for (const auto& [place, offsets] : commits) {
    if (opened.count(place) > 0) places.push_back(place);
  }
  return places;
}

// What the header of a cursor file may say, with a valid checksum.
bool IsOfAnotherStore(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) &&
         FromAbsl(status.message()).find("belongs to another store") !=
             std::string_view::npos;
}

absl::Status CheckCommit(const TopicPartition& place,
                         const std::set<Offset>& offsets, bool may_be_none,
                         const Positions& committed) {
  const Positions::Entry* const entry =
      committed.Find(place.topic, place.partition);
  if (entry == nullptr) {
    return may_be_none ? absl::OkStatus()
                       : Broken(fmt::format("SILENT: no commit of {}/{}",
                                            place.topic, place.partition));
  }
  if (offsets.count(entry->offset) > 0) return absl::OkStatus();
  return Broken(fmt::format("SILENT: a commit of {}/{} at {}, never made",
                            place.topic, place.partition, entry->offset));
}

absl::Status CheckCursor(Store& store, const std::string& name,
                         const GoldenCommits& commits, const Damage& damage,
                         const std::vector<TopicPartition>& places,
                         bool* has_trouble) {
  const std::string file = "cursors/" + name;
  const bool may_be_none =
      damage.kind == DamageKind::kUnopened ||
      ((damage.kind == DamageKind::kFile || damage.is_stale) &&
       damage.Touches(file));
  auto cursor =
      ConsumerCursor::Open(store, {.partitions = places,
                                   .start = Start::Committed(Start::Begin()),
                                   .name = name});
  if (!cursor.ok()) {
    *has_trouble = true;
    const bool is_expected =
        damage.Touches(file) &&
        (IsDamaged(cursor.status()) || IsOfAnotherStore(cursor.status()));
    return is_expected ? absl::OkStatus()
                       : Broken("cursor: " + cursor.status().ToString());
  }
  const absl::StatusOr<Positions> committed = cursor->committed();
  if (!committed.ok()) {
    *has_trouble = true;
    return IsDamaged(committed.status()) && damage.Touches(file)
               ? absl::OkStatus()
               : Broken("committed: " + committed.status().ToString());
  }
  for (const TopicPartition& place : places) {
    TIDEMARK_RETURN_IF_ERROR(
        CheckCommit(place, commits.at(place), may_be_none, *committed));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckCursors(Store& store, const GoldenStore& golden,
                          const Damage& damage,
                          const std::set<TopicPartition>& opened,
                          bool* has_trouble) {
  for (const auto& [name, commits] : golden.cursors) {
    const std::vector<TopicPartition> places = PlacesOf(commits, opened);
    if (places.empty()) continue;
    const absl::Status status =
        CheckCursor(store, name, commits, damage, places, has_trouble);
    if (!status.ok()) {
      return Broken(
          fmt::format("cursor {}: {}", name, FromAbsl(status.message())));
    }
  }
  return absl::OkStatus();
}

}  // namespace tidemark::test
