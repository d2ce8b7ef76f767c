#ifndef TIDEMARK_BENCHMARKS_WORKLOAD_DURABLE_WORKLOAD_H_
#define TIDEMARK_BENCHMARKS_WORKLOAD_DURABLE_WORKLOAD_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "log_setup.h"
#include "result_line.h"
#include "settings.h"
#include "stamped_record.h"

namespace bench {

// W3: each record durable before the next one of its thread, for 10 seconds.
template <typename Log>
absl::Status RunDurableWorkload(const Settings& settings, int writers,
                                ResultLine& line) {
  constexpr size_t kRecordBytes = 100;
  constexpr std::chrono::duration<double> kDuration{10};
  struct Writer {
    uint64_t count = 0;
    absl::Status status;
  };

  auto log = Log::Open(settings.directory, LogSetup{});
  if (!log.ok()) return log.status();
  std::vector<Writer> outcomes(static_cast<size_t>(writers));
  std::vector<std::thread> threads;
  const BenchClock::time_point start = BenchClock::now();
  const BenchClock::time_point end =
      start + std::chrono::duration_cast<BenchClock::duration>(kDuration *
                                                               settings.scale);
  for (Writer& writer : outcomes) {
    threads.emplace_back([part = (*log)->part(0), end, &writer]() mutable {
      StampedRecord record(kRecordBytes);
      uint64_t count = 0;
      while (writer.status.ok() && BenchClock::now() < end) {
        writer.status = part.AppendDurable(record.With(count));
        ++count;
      }
      writer.count = count;
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = SecondsBetween(start, BenchClock::now());

  uint64_t count = 0;
  for (const Writer& writer : outcomes) {
    if (!writer.status.ok()) return writer.status;
    count += writer.count;
  }
  line.AddCount("writers", static_cast<uint64_t>(writers));
  line.AddCount("records", count);
  line.AddCount("record_bytes", kRecordBytes);
  line.AddNumber("seconds", seconds);
  line.AddNumber("rate", static_cast<double>(count) / seconds);
  return (*log)->Close();
}

}  // namespace bench

#endif  // TIDEMARK_BENCHMARKS_WORKLOAD_DURABLE_WORKLOAD_H_
