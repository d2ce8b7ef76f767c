#ifndef TIDEMARK_BENCHMARKS_WORKLOAD_APPEND_WORKLOAD_H_
#define TIDEMARK_BENCHMARKS_WORKLOAD_APPEND_WORKLOAD_H_

#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "footprint.h"
#include "log_setup.h"
#include "result_line.h"
#include "settings.h"
#include "stamped_record.h"

namespace bench {

// W1, W1d, B1, W2, W5b and W8: records appended to one partition.
struct AppendShape {
  uint64_t record_count = 10'000'000;
  size_t record_bytes = 100;
  int writers = 1;
  LogSetup setup;
};

template <typename Part>
absl::Status AppendStamped(Part part, uint64_t count, size_t record_bytes) {
  StampedRecord record(record_bytes);
  for (uint64_t i = 0; i < count; ++i) {
    if (absl::Status status = part.Append(record.With(i)); !status.ok()) {
      return status;
    }
  }
  return part.Publish();
}

template <typename Part>
absl::Status AppendFromThreads(Part part, const AppendShape& shape) {
  std::vector<absl::Status> outcomes(static_cast<size_t>(shape.writers));
  std::vector<std::thread> threads;
  const uint64_t share =
      shape.record_count / static_cast<uint64_t>(shape.writers);
  for (absl::Status& outcome : outcomes) {
    threads.emplace_back([part, share, &shape, &outcome]() mutable {
      StampedRecord record(shape.record_bytes);
      for (uint64_t i = 0; i < share && outcome.ok(); ++i) {
        outcome = part.AppendShared(record.With(i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& outcome : outcomes) {
    if (!outcome.ok()) return outcome;
  }
  return part.Publish();
}

// Appends, syncs once and closes, with `append(part)` doing the appends.
template <typename Log, typename Append>
absl::Status RunAppends(const Settings& settings, const AppendShape& shape,
                        Append&& append, ResultLine& line) {
  const ResidentMemory empty = ResidentMemory::Now();
  auto log = Log::Open(settings.directory, shape.setup);
  if (!log.ok()) return log.status();
  auto part = (*log)->part(0);

  const BenchClock::time_point start = BenchClock::now();
  absl::Status status = append(part);
  if (!status.ok()) return status;
  const double append_seconds = SecondsBetween(start, BenchClock::now());
  const ResidentMemory full = ResidentMemory::Now();
  (*log)->Describe(line);

  const BenchClock::time_point sync_start = BenchClock::now();
  status = part.Sync();
  if (!status.ok()) return status;
  const double sync_seconds = SecondsBetween(sync_start, BenchClock::now());
  status = (*log)->Close();
  if (!status.ok()) return status;

  const auto count = static_cast<double>(shape.record_count);
  line.AddCount("records", shape.record_count);
  line.AddCount("record_bytes", shape.record_bytes);
  line.AddNumber("seconds", append_seconds);
  line.AddNumber("rate", count / append_seconds);
  line.AddNumber("rate_with_sync", count / (append_seconds + sync_seconds));
  AddMemory(empty, full, line);
  AddDiskUse(DiskUse::Of(settings.directory), shape.record_count, line);
  return absl::OkStatus();
}

template <typename Log>
absl::Status RunAppendWorkload(const Settings& settings, AppendShape shape,
                               ResultLine& line) {
  shape.record_count = settings.Scaled(shape.record_count);
  // Each writer gets the same share.
  shape.record_count -=
      shape.record_count % static_cast<uint64_t>(shape.writers);
  const auto append = [&shape](typename Log::Part part) {
    return shape.writers == 1
               ? AppendStamped(part, shape.record_count, shape.record_bytes)
               : AppendFromThreads(part, shape);
  };
  return RunAppends<Log>(settings, shape, append, line);
}

}  // namespace bench

#endif  // TIDEMARK_BENCHMARKS_WORKLOAD_APPEND_WORKLOAD_H_
