#include "partition_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <set>

#include "quantities.h"
#include "tidemark/error.h"

namespace tidemark::cli {
namespace {

bool IsKnown(const PartitionRecovery& recovery, const OffsetGap& gap) {
  return std::any_of(recovery.damage.begin(), recovery.damage.end(),
                     [&](const DamagedRange& range) {
                       return range.from <= gap.from && gap.to <= range.to;
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
  for (const DamagedRange& range : recovery.damage) {
    findings_.Damage(path, range);
  }
  if (recovery.cut.has_value()) {
    findings_.Note(
        path + "/" + recovery.cut->file,
        fmt::format("{} bytes from position {} on are not part of the log: "
                    "left by a crash, or a writer is at work",
                    recovery.cut->size, recovery.cut->position));
  }
}

void PartitionCheck::ReadBehind(const Partition& partition,
                                const Segment& segment, Offset from) {
  for (Offset at = from; at < segment.next_offset();) {
    const absl::StatusOr<Records> records = partition.Read(at);
    if (records.ok()) {
      if (records->empty()) return;
      for (const RecordView& record : *records) at = record.offset() + 1;
      continue;
    }
    const std::optional<OffsetGap> gap = DamagedGap(records.status());
    findings_.Problem(segment.file(), records.status());
    if (!gap.has_value() || gap->to <= at) return;
    at = gap->to;
  }
}

void PartitionCheck::CheckSegment(const Partition& partition,
                                  const Segment& segment,
                                  const PartitionRecovery& recovery,
                                  Offset end) {
  ++segment_count_;
  const absl::Status status = segment.Verify();
  bytes_ += segment.size();
  if (absl::IsNotFound(status)) {
    findings_.Note(segment.file(), "deleted by the writer meanwhile");
    return;
  }
  if (status.ok()) {
    findings_.Sound(
        segment.file(),
        fmt::format("offsets [{}, {}), {} batches, {}", segment.base_offset(),
                    segment.next_offset(), ShowCount(segment.batch_count()),
                    ShowBytes(segment.size())));
    return;
  }
  const std::optional<OffsetGap> gap = DamagedGap(status);
  if (gap.has_value() && gap->from >= end && !segment.is_sealed()) {
    findings_.Note(segment.file(),
                   fmt::format("bytes behind the end of the log at offset {}: "
                               "left by a crash, or a writer is at work",
                               end));
    return;
  }
  if (!gap.has_value() || !IsKnown(recovery, *gap)) {
    findings_.Problem(segment.file(), status);
  }
  if (gap.has_value()) {
    ReadBehind(partition, segment, std::max(gap->to, partition.marks().start));
  }
}

void PartitionCheck::CheckNames(const std::string& path,
                                const std::vector<Segment>& segments) {
  const absl::StatusOr<std::vector<DirectoryEntry>> entries =
      directory_.List(path);
  if (!entries.ok()) {
    findings_.Problem(path, entries.status());
    return;
  }
  std::set<std::string> known = {path + "/META"};
  for (const Segment& segment : segments) known.insert(segment.file());
  for (const DirectoryEntry& entry : *entries) {
    const std::string name = path + "/" + entry.name;
    if (!known.contains(name)) {
      findings_.Note(name, "not part of the log, and not checked");
    }
  }
}

void PartitionCheck::Check(const Topic& topic, PartitionNumber number) {
  const std::string path = fmt::format("topics/{}/{}", topic.name(), number);
  const absl::StatusOr<Partition> partition = topic.partition(number);
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
  if (recovery.damage.empty()) {
    findings_.Sound(path, fmt::format("offsets [{}, {}), durable {}",
                                      marks.start, marks.end, marks.durable));
  }
  for (const Segment& segment : *segments) {
    CheckSegment(*partition, segment, recovery, marks.end);
    progress_.Show(segment_count_, bytes_);
  }
  CheckNames(path, *segments);
}

}  // namespace tidemark::cli
