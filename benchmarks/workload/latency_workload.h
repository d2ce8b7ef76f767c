#ifndef TIDEMARK_BENCHMARKS_WORKLOAD_LATENCY_WORKLOAD_H_
#define TIDEMARK_BENCHMARKS_WORKLOAD_LATENCY_WORKLOAD_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "latencies.h"
#include "log_setup.h"
#include "result_line.h"
#include "settings.h"
#include "stamped_record.h"

namespace bench {

// The pace of W6.
inline constexpr uint64_t kPacedRate = 100'000;
inline constexpr uint64_t kPacedSeconds = 10;

inline uint64_t NowNanos() {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(
          BenchClock::now().time_since_epoch())
          .count());
}

// Calls `append(due)` `count` times, each time when it is due, by spinning.
// `due` is the scheduled time in nanoseconds.
template <typename Append>
absl::Status AppendPaced(uint64_t count, Append&& append) {
  constexpr uint64_t kStepNanos = 1'000'000'000 / kPacedRate;
  constexpr uint64_t kLeadNanos = 10'000'000;  // for the reader to begin
  uint64_t due = NowNanos() + kLeadNanos;
  for (uint64_t i = 0; i < count; ++i, due += kStepNanos) {
    while (NowNanos() < due) {
    }
    if (absl::Status status = append(due); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// W6: one writer at a pace, one reader at the tail.
template <typename Log>
absl::Status RunLatencyWorkload(const Settings& settings, LogSetup setup,
                                Wait wait, ResultLine& line) {
  constexpr size_t kRecordBytes = 100;
  const uint64_t count = settings.Scaled(kPacedRate * kPacedSeconds);
  setup.publish_every = 1;
  auto log = Log::Open(settings.directory, setup);
  if (!log.ok()) return log.status();
  auto reader = (*log)->OpenReader(0);
  if (!reader.ok()) return reader.status();

  std::atomic<bool> is_failed = false;
  absl::Status written;
  std::thread writer([&, part = (*log)->part(0)]() mutable {
    StampedRecord record(kRecordBytes);
    written = AppendPaced(count, [&part, &record](uint64_t due) {
      return part.Append(record.With(due));
    });
    if (!written.ok()) is_failed = true;
  });
  Latencies latencies(count);
  absl::Status status;
  while (latencies.count() < count && !is_failed.load()) {
    const absl::StatusOr<size_t> read =
        reader->Read(wait, [&latencies](std::string_view record) {
          latencies.Add(NowNanos() - StampOf(record));
        });
    status = read.status();
    if (!status.ok()) break;
  }
  writer.join();
  if (!status.ok()) return status;
  if (!written.ok()) return written;
  line.AddCount("records", count);
  line.AddCount("record_bytes", kRecordBytes);
  line.AddCount("paced_rate", kPacedRate);
  latencies.Describe(line);
  return (*log)->Close();
}

// The floor of W6: the same stamps through plain memory.
absl::Status RunLatencyFloor(const Settings& settings, Wait wait,
                             ResultLine& line);

}  // namespace bench

#endif  // TIDEMARK_BENCHMARKS_WORKLOAD_LATENCY_WORKLOAD_H_
