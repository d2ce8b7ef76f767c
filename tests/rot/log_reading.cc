#include "rot/log_reading.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "rot/record_match.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

// A reader that gets on by one record each time is done before.
constexpr int kReadsMax = 10'000;

absl::Status CheckRecord(const RecordView& record, Offset expected,
                         const GoldenPartition& golden, Offset appended) {
  if (record.offset() != expected) {
    return Broken(fmt::format("SILENT: offset {} where {} is next",
                              record.offset(), expected));
  }
  if (expected == appended) {
    return record.value() == kProbe
               ? absl::OkStatus()
               : Broken(fmt::format("SILENT: not what was appended at {}",
                                    expected));
  }
  const auto index = static_cast<size_t>(expected);
  if (index >= golden.records.size()) {
    return Broken(
        fmt::format("SILENT: a record at {}, nobody appended it", expected));
  }
  return IsSame(golden.records[index], record)
             ? absl::OkStatus()
             : Broken(fmt::format("SILENT: a strange record at {}", expected));
}

// Moves `at` behind the range that an error names.
absl::Status TakeLoss(const absl::Status& status, FoundLog* log, Offset* at) {
  const std::optional<OffsetGap> gap = DamagedGap(status);
  if (!gap.has_value()) {
    return Broken("an error that is no damage: " + status.ToString());
  }
  if (gap->from > *at || gap->to <= *at || gap->to > log->end) {
    return Broken(fmt::format("a gap [{}, {}) at {} of [{}, {})", gap->from,
                              gap->to, *at, log->start, log->end));
  }
  log->lost.push_back({*at, gap->to});
  *at = gap->to;
  return absl::OkStatus();
}

// The place of a reader in one partition.
struct Progress {
  const GoldenPartition* golden = nullptr;
  const FoundLog* expected = nullptr;
  FoundLog log;
  Offset at = 0;
};
using ProgressOf = std::map<PartitionNumber, Progress>;

absl::Status TakePolled(const Records& records, ProgressOf* readers) {
  for (const RecordView& record : records) {
    Progress& reader = readers->at(record.partition());
    TIDEMARK_RETURN_IF_ERROR(CheckRecord(record, reader.at, *reader.golden,
                                         reader.expected->appended));
    ++reader.at;
  }
  return absl::OkStatus();
}

absl::Status PollAll(ConsumerCursor& cursor, const std::string& topic,
                     ProgressOf* readers) {
  for (int i = 0; i < kReadsMax; ++i) {
    const absl::StatusOr<Records> records = cursor.Poll();
    if (records.ok() && records->empty()) return absl::OkStatus();
    if (records.ok()) {
      TIDEMARK_RETURN_IF_ERROR(TakePolled(*records, readers));
      continue;
    }
    const std::optional<OffsetGap> gap = DamagedGap(records.status());
    if (!gap.has_value() || gap->topic != topic ||
        readers->count(gap->partition) == 0) {
      return Broken("poll: " + records.status().ToString());
    }
    Progress& reader = readers->at(gap->partition);
    TIDEMARK_RETURN_IF_ERROR(
        TakeLoss(records.status(), &reader.log, &reader.at));
    TIDEMARK_RETURN_IF_ERROR(
        cursor.Seek({topic, gap->partition}, Start::AtOffset(reader.at)));
  }
  return Broken("poll: no end");
}

}  // namespace

absl::Status Broken(std::string text) {
  return absl::FailedPreconditionError(std::move(text));
}

bool FoundLog::IsLost(Offset offset) const {
  return std::any_of(lost.begin(), lost.end(),
                     [offset](const LostRange& range) {
                       return range.from <= offset && offset < range.to;
                     });
}

absl::StatusOr<FoundLog> ReadLog(const Partition& partition,
                                 const GoldenPartition& golden,
                                 Offset appended) {
  FoundLog log;
  const Marks marks = partition.marks();
  log.start = marks.start;
  log.end = marks.end;
  log.appended = appended;
  Offset at = log.start;
  while (at < log.end) {
    const absl::StatusOr<Records> records = partition.Read(at);
    if (!records.ok()) {
      TIDEMARK_RETURN_IF_ERROR(TakeLoss(records.status(), &log, &at));
      continue;
    }
    if (records->empty()) {
      return Broken(fmt::format("SILENT: nothing at {} of {}", at, log.end));
    }
    for (const RecordView& record : *records) {
      TIDEMARK_RETURN_IF_ERROR(CheckRecord(record, at, golden, appended));
      ++at;
    }
  }
  return log;
}

absl::Status CheckByCursor(Store& store, const GoldenStore& golden,
                           const std::string& topic, bool is_whole,
                           const FoundLogs& logs) {
  CursorOptions options{.start = Start::Begin()};
  if (is_whole) options.topics = {topic};
  ProgressOf readers;
  for (const auto& [place, log] : logs) {
    if (place.topic != topic) continue;
    if (!is_whole) options.partitions.push_back(place);
    Progress& reader = readers[place.partition];
    reader.golden = &golden.partitions.at(place);
    reader.expected = &log;
    reader.log = {.start = log.start, .end = log.end};
    reader.at = log.start;
  }
  if (readers.empty()) return absl::OkStatus();
  absl::StatusOr<ConsumerCursor> cursor = ConsumerCursor::Open(store, options);
  if (!cursor.ok()) return Broken("cursor: " + cursor.status().ToString());
  TIDEMARK_RETURN_IF_ERROR(PollAll(*cursor, topic, &readers));
  for (const auto& [number, reader] : readers) {
    if (reader.at != reader.log.end ||
        reader.log.lost != reader.expected->lost) {
      return Broken(fmt::format(
          "SILENT: a cursor got {}/{} up to {} of {}, {} gaps", topic, number,
          reader.at, reader.log.end, reader.log.lost.size()));
    }
  }
  return absl::OkStatus();
}

}  // namespace tidemark::test
