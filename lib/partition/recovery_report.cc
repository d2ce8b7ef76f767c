#include "tidemark/recovery_report.h"

#include <fmt/core.h>

#include <algorithm>

namespace tidemark {
inline namespace v0 {
namespace {

std::string DescribeSpare(const DamagedRange& range) {
  return fmt::format("  damaged, no record lost: {} bytes [{}, {}): {}{}\n",
                     range.file, range.position, range.position + range.size,
                     range.what, range.may_be_torn ? ", perhaps torn" : "");
}

std::string DescribeDamage(const DamagedRange& range) {
  const std::string where =
      range.size == 0
          ? fmt::format("{} position {}", range.file, range.position)
          : fmt::format("{} bytes [{}, {})", range.file, range.position,
                        range.position + range.size);
  if (range.from == range.to) {
    return fmt::format("  damaged, no record lost: {}: {}\n", where,
                       range.what);
  }
  return fmt::format("  damaged: offsets [{}, {}), {}: {}\n", range.from,
                     range.to, where, range.what);
}

}  // namespace

std::string ToString(ArenaOutcome outcome) {
  switch (outcome) {
    case ArenaOutcome::kNone:
      return "none";
    case ArenaOutcome::kTakenOver:
      return "taken over";
    case ArenaOutcome::kMissing:
      return "missing";
    case ArenaOutcome::kForeign:
      return "of another store";
    case ArenaOutcome::kOtherBoot:
      return "of an earlier boot";
    case ArenaOutcome::kLocked:
      return "locked";
  }
  return "unknown";
}

bool RecoveryReport::has_damage() const {
  return std::any_of(partitions.begin(), partitions.end(),
                     [](const PartitionRecovery& partition) {
                       return partition.has_damage();
                     });
}

std::string ToString(const PartitionRecovery& recovery) {
  std::string text = fmt::format(
      "{}/{}: offsets [{}, {}), recorded durable {}, {}, scanned {} bytes\n",
      recovery.topic, recovery.partition, recovery.start, recovery.end,
      recovery.recorded_durable_end, recovery.is_clean ? "clean" : "not clean",
      recovery.bytes_scanned);
  if (recovery.records_taken_over > 0) {
    text += fmt::format("  taken over: {} records, {} bytes\n",
                        recovery.records_taken_over, recovery.bytes_taken_over);
  }
  if (recovery.cut.has_value()) {
    text += fmt::format("  cut: {} bytes of {} at position {}, offset {}\n",
                        recovery.cut->size, recovery.cut->file,
                        recovery.cut->position, recovery.cut->offset);
  }
  for (const std::string& file : recovery.files_removed) {
    text += fmt::format("  removed: {}\n", file);
  }
  for (const std::string& file : recovery.files_set_aside) {
    text += fmt::format("  set aside: {}\n", file);
  }
  for (const DamagedRange& range : recovery.damage) {
    text += DescribeDamage(range);
  }
  for (const DamagedRange& range : recovery.meta_damage) {
    text += DescribeSpare(range);
  }
  return text;
}

std::string ToString(const RecoveryReport& report) {
  std::string text =
      fmt::format("incarnation {}, {}, memory of the last owner: {}{}{}\n",
                  report.incarnation, report.is_clean ? "clean" : "not clean",
                  ToString(report.arena),
                  report.arena_detail.empty() ? "" : ", ", report.arena_detail);
  for (const DamagedRange& range : report.store_damage) {
    text += DescribeSpare(range);
  }
  for (const PartitionRecovery& partition : report.partitions) {
    text += ToString(partition);
  }
  return text;
}

}  // namespace v0
}  // namespace tidemark
