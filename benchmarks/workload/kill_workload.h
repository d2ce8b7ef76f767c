#ifndef TIDEMARK_BENCHMARKS_WORKLOAD_KILL_WORKLOAD_H_
#define TIDEMARK_BENCHMARKS_WORKLOAD_KILL_WORKLOAD_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "child_process.h"
#include "fmt/core.h"
#include "log_setup.h"
#include "read_workload.h"
#include "result_line.h"
#include "settings.h"
#include "stamped_record.h"

namespace bench {

// Appends without end and counts what is acknowledged.
template <typename Log>
absl::Status AppendUntilKilled(const Settings& settings, size_t record_bytes,
                               AcknowledgedCount& acknowledged) {
  auto log = Log::Open(settings.directory, LogSetup{.has_default_sync = true});
  if (!log.ok()) return log.status();
  auto part = (*log)->part(0);
  StampedRecord record(record_bytes);
  for (uint64_t i = 0;; ++i) {
    const absl::Status status = part.Append(record.With(i));
    if (!status.ok()) return status;
    acknowledged.Set(part.acknowledged());
  }
}

// W7: a process is killed behind 4 GiB; how long until another one appends?
// How much there is to recover depends on what was synced before, so tidemark
// keeps its default interval of syncs.
template <typename Log>
absl::Status RunKillWorkload(const Settings& settings, bool is_cold,
                             ResultLine& line) {
  constexpr size_t kRecordBytes = 1024;
  constexpr uint64_t kBytes = uint64_t{4} << 30;
  const uint64_t goal = settings.Scaled(kBytes / kRecordBytes);
  const absl::StatusOr<uint64_t> acknowledged =
      RunInChildUntilKilled(goal, [&settings](AcknowledgedCount& count) {
        return AppendUntilKilled<Log>(settings, kRecordBytes, count);
      });
  if (!acknowledged.ok()) return acknowledged.status();
  if (is_cold) {
    const absl::Status dropped = DropPageCache();
    if (!dropped.ok()) return dropped;
  }

  const BenchClock::time_point start = BenchClock::now();
  auto log = Log::Open(settings.directory, LogSetup{.has_default_sync = true});
  if (!log.ok()) return log.status();
  auto part = (*log)->part(0);
  const BenchClock::time_point opened = BenchClock::now();
  const uint64_t kept = part.acknowledged();
  StampedRecord record(kRecordBytes);
  absl::Status status = part.Append(record.With(kept));
  if (status.ok()) status = part.Publish();
  const BenchClock::time_point appended = BenchClock::now();
  if (!status.ok()) return status;

  auto reader = (*log)->OpenReader(0);
  if (!reader.ok()) return reader.status();
  StampCheck check;
  status = ReadAll(*reader, check);
  if (!status.ok()) return status;
  if (kept < *acknowledged || check.count() != kept + 1) {
    return absl::DataLossError(fmt::format("{} acknowledged, {} kept, {} read",
                                           *acknowledged, kept, check.count()));
  }
  line.AddCount("record_bytes", kRecordBytes);
  line.AddCount("acknowledged", *acknowledged);
  line.AddCount("kept", kept);
  line.AddNumber("open_ms", SecondsBetween(start, opened) * 1000);
  line.AddNumber("first_append_ms", SecondsBetween(opened, appended) * 1000);
  line.AddNumber("open_and_append_ms", SecondsBetween(start, appended) * 1000);
  return (*log)->Close();
}

}  // namespace bench

#endif  // TIDEMARK_BENCHMARKS_WORKLOAD_KILL_WORKLOAD_H_
