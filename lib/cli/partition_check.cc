#include "partition_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "quantities.h"
#include "recovered_damage.h"
#include "tidemark/error.h"

namespace tidemark::cli {
namespace {

// So often a partition of which a file vanished is opened again: its writer may
// have deleted a segment meanwhile.
constexpr int kOpenAttemptsMax = 10;

absl::StatusOr<Partition> OpenPatiently(const Topic& topic,
                                        PartitionNumber number) {
  absl::StatusOr<Partition> partition = topic.partition(number);
  for (int i = 1; i < kOpenAttemptsMax && absl::IsNotFound(partition.status());
       ++i) {
    partition = topic.partition(number);
  }
  return partition;
}

}  // namespace

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

void PartitionCheck::CheckBytes(
    const Segment& segment,
    absl::FunctionRef<void(const DamagedRange&)> report) {
  ++segment_count_;
  bool is_sound = true;
  const absl::Status status =
      segment.FindDamage([&](const DamagedRange& range) {
        is_sound = false;
        report(range);
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

void PartitionCheck::CheckSegment(const Segment& segment,
                                  const PartitionRecovery& recovery,
                                  Offset end) {
  CheckBytes(segment, [&](const DamagedRange& range) {
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
}

void PartitionCheck::CheckSegmentAlone(const std::string& file) {
  const absl::StatusOr<Segment> segment =
      Segment::Open(env_, directory_.path(), file);
  if (!segment.ok()) {
    findings_.Problem(file, segment.status());
    return;
  }
  CheckBytes(*segment, [&](const DamagedRange& range) {
    if (range.from < range.to || segment->is_sealed()) {
      findings_.Damage(range.file, range);
      return;
    }
    findings_.Note(
        range.file,
        fmt::format("bytes [{}, {}): {}: left by a crash, or rot at the end of "
                    "the log; without TOPIC nothing tells",
                    range.position, range.position + range.size, range.what));
  });
}

void PartitionCheck::CheckWithoutTopic(const std::string& path) {
  const absl::StatusOr<std::vector<DirectoryEntry>> entries =
      directory_.List(path);
  findings_.Problem(path, entries.status());
  if (!entries.ok()) return;
  for (const DirectoryEntry& entry : *entries) {
    const std::string name = path + "/" + entry.name;
    if (entry.name.ends_with(".log")) {
      CheckSegmentAlone(name);
      progress_.Show(segment_count_, bytes_);
    } else if (entry.name == "META") {
      findings_.Note(name, "not checked: that takes a sound TOPIC");
    } else {
      findings_.Note(name, "not part of the log, and not checked");
    }
  }
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

void PartitionCheck::ReportMissing(const Topic& topic, const std::string& path,
                                   const absl::Status& status) {
  const std::string topic_path = fmt::format("topics/{}", topic.name());
  if (absl::IsNotFound(directory_.Stat(topic_path).status())) {
    findings_.Note(topic_path, "deleted by the writer meanwhile");
  } else if (absl::IsNotFound(directory_.Stat(path).status())) {
    findings_.Missing(path, "the directory of a partition, with its records");
  } else {
    findings_.Problem(path, status);
  }
}

bool PartitionCheck::Check(const Topic& topic, PartitionNumber number) {
  const std::string path = fmt::format("topics/{}/{}", topic.name(), number);
  const absl::StatusOr<Partition> partition = OpenPatiently(topic, number);
  if (absl::IsNotFound(partition.status())) {
    ReportMissing(topic, path, partition.status());
    return false;
  }
  if (!partition.ok()) {
    findings_.Problem(path, partition.status());
    return false;
  }
  const PartitionRecovery recovery =
      RecoveryOf(store_.recovery(), topic.name(), number);
  ReportRecovery(path, recovery);
  // The segments may hold more: what a writer appends from now on.
  const Marks marks = partition->marks();
  const absl::StatusOr<std::vector<Segment>> segments = partition->segments();
  if (!segments.ok()) {
    findings_.Problem(path, segments.status());
    return true;
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
  return true;
}

}  // namespace tidemark::cli
