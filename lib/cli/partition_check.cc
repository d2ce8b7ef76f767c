#include "partition_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "quantities.h"
#include "tidemark/error.h"

namespace tidemark::cli {
namespace {

// Whether recovery has told of it: the same offsets and the same bytes, or
// more of both.
bool IsKnown(const PartitionRecovery& recovery, const DamagedRange& range) {
  return std::any_of(recovery.damage.begin(), recovery.damage.end(),
                     [&](const DamagedRange& known) {
                       return range.file.ends_with("/" + known.file) &&
                              known.position <= range.position &&
                              range.position <= known.position + known.size &&
                              known.from <= range.from && range.to <= known.to;
                     });
}

}  // namespace

PartitionRecovery PartitionCheck::RecoveryOf(const Topic& topic,
                                             PartitionNumber number) {
  const RecoveryReport report = store_.recovery();
  for (const PartitionRecovery& recovery : report.partitions) {
    if (recovery.topic == topic.name() && recovery.partition == number) {
      return recovery;
    }
  }
  return PartitionRecovery();
}

void PartitionCheck::ReportRecovery(const std::string& path,
                                    const PartitionRecovery& recovery) {
  bool has_meta = false;
  for (const DamagedRange& range : recovery.damage) {
    findings_.Damage(path + "/" + range.file, range);
    has_meta |= range.file == "META";
  }
  const bool was_in_use = !store_.recovery().is_clean;
  for (const DamagedRange& range : recovery.meta_damage) {
    if (has_meta) break;
    findings_.Slot(path + "/" + range.file, range, was_in_use);
  }
}

void PartitionCheck::CheckSegment(const Segment& segment,
                                  const PartitionRecovery& recovery,
                                  Offset end) {
  ++segment_count_;
  bool is_sound = true;
  const absl::Status status =
      segment.FindDamage([&](const DamagedRange& range) {
        is_sound = false;
        if (IsKnown(recovery, range)) return;
        if (range.from < end || segment.is_sealed()) {
          findings_.Damage(range.file, range);
          return;
        }
        findings_.Note(
            range.file,
            fmt::format("{} bytes from position {} on are not part of the log: "
                        "left by a crash, or a writer is at work",
                        range.size, range.position));
      });
  bytes_ += segment.size();
  if (absl::IsNotFound(status)) {
    findings_.Note(segment.file(), "deleted by the writer meanwhile");
    return;
  }
  findings_.Problem(segment.file(), status);
  if (!status.ok() || !is_sound) return;
  findings_.Sound(
      segment.file(),
      fmt::format("offsets [{}, {}), {} batches, {}", segment.base_offset(),
                  segment.next_offset(), ShowCount(segment.batch_count()),
                  ShowBytes(segment.size())));
}

void PartitionCheck::CheckNames(const std::string& path,
                                const std::vector<Segment>& segments,
                                const PartitionRecovery& recovery) {
  const absl::StatusOr<std::vector<DirectoryEntry>> entries =
      directory_.List(path);
  if (!entries.ok()) {
    findings_.Problem(path, entries.status());
    return;
  }
  std::set<std::string> known = {path + "/META"};
  for (const Segment& segment : segments) known.insert(segment.file());
  for (const DamagedRange& range : recovery.damage) {
    known.insert(path + "/" + range.file);
  }
  for (const DirectoryEntry& entry : *entries) {
    const std::string name = path + "/" + entry.name;
    if (!known.contains(name)) {
      findings_.Note(name, "not part of the log, and not checked");
    }
  }
}

void PartitionCheck::CheckMissing(const Topic& topic, const std::string& path) {
  const std::string topic_path = fmt::format("topics/{}", topic.name());
  if (directory_.Stat(topic_path).ok()) {
    findings_.Missing(path, "the directory of a partition, with its records");
  } else {
    findings_.Note(topic_path, "deleted by the writer meanwhile");
  }
}

void PartitionCheck::Check(const Topic& topic, PartitionNumber number) {
  const std::string path = fmt::format("topics/{}/{}", topic.name(), number);
  const absl::StatusOr<Partition> partition = topic.partition(number);
  if (absl::IsNotFound(partition.status())) {
    CheckMissing(topic, path);
    return;
  }
  if (!partition.ok()) {
    findings_.Problem(path, partition.status());
    return;
  }
  const PartitionRecovery recovery = RecoveryOf(topic, number);
  ReportRecovery(path, recovery);
  // The segments may hold more: what a writer appends from now on.
  const Marks marks = partition->marks();
  const absl::StatusOr<std::vector<Segment>> segments = partition->segments();
  if (!segments.ok()) {
    findings_.Problem(path, segments.status());
    return;
  }
  if (recovery.damage.empty() && recovery.meta_damage.empty()) {
    findings_.Sound(path, fmt::format("offsets [{}, {}), durable {}",
                                      marks.start, marks.end, marks.durable));
  }
  for (const Segment& segment : *segments) {
    CheckSegment(segment, recovery, marks.end);
    progress_.Show(segment_count_, bytes_);
    const bool is_last = &segment == &segments->back();
    if (!segment.is_sealed() && !is_last && store_.recovery().is_clean) {
      findings_.Note(segment.file(),
                     "has no index: there was no space for it, or it was cut "
                     "off");
    }
  }
  CheckNames(path, *segments, recovery);
}

}  // namespace tidemark::cli
