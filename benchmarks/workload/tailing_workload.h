#ifndef TIDEMARK_BENCHMARKS_WORKLOAD_TAILING_WORKLOAD_H_
#define TIDEMARK_BENCHMARKS_WORKLOAD_TAILING_WORKLOAD_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "append_workload.h"
#include "fmt/core.h"
#include "log_setup.h"
#include "result_line.h"
#include "settings.h"
#include "stamped_record.h"

namespace bench {

// Reads `count` records as they come. Ends early when `is_failed` is set.
template <typename Reader>
absl::Status ReadTail(Reader& reader, uint64_t count,
                      const std::atomic<bool>& is_failed) {
  StampCheck check;
  while (check.count() < count && !is_failed.load()) {
    const absl::StatusOr<size_t> read =
        reader.Read(Wait::kSleep,
                    [&check](std::string_view record) { check.Take(record); });
    if (!read.ok()) return read.status();
  }
  if (check.mismatch_count() != 0) {
    return absl::DataLossError(
        fmt::format("{} records out of order", check.mismatch_count()));
  }
  return absl::OkStatus();
}

// W5: 4 partitions, each with one writer and one reader at its tail, until all
// readers have all.
template <typename Log>
absl::Status RunTailingWorkload(const Settings& settings, LogSetup setup,
                                ResultLine& line) {
  constexpr int kPartitions = 4;
  constexpr size_t kRecordBytes = 100;
  const uint64_t share = settings.Scaled(10'000'000) / kPartitions;
  setup.partitions = kPartitions;
  auto log = Log::Open(settings.directory, setup);
  if (!log.ok()) return log.status();

  std::vector<typename Log::Reader> readers;
  for (int i = 0; i < kPartitions; ++i) {
    auto reader = (*log)->OpenReader(i);
    if (!reader.ok()) return reader.status();
    readers.push_back(*std::move(reader));
  }
  std::vector<absl::Status> outcomes(2 * kPartitions);
  std::vector<std::thread> threads;
  std::atomic<bool> is_failed = false;
  const BenchClock::time_point start = BenchClock::now();
  for (int i = 0; i < kPartitions; ++i) {
    const auto at = static_cast<size_t>(i);
    threads.emplace_back([&, at] {
      outcomes[at] = ReadTail(readers[at], share, is_failed);
      if (!outcomes[at].ok()) is_failed = true;
    });
    threads.emplace_back([&, at, part = (*log)->part(i)] {
      absl::Status& outcome = outcomes[kPartitions + at];
      outcome = AppendStamped(part, share, kRecordBytes);
      if (!outcome.ok()) is_failed = true;
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = SecondsBetween(start, BenchClock::now());
  for (const absl::Status& outcome : outcomes) {
    if (!outcome.ok()) return outcome;
  }
  line.AddCount("records", share * kPartitions);
  line.AddCount("record_bytes", kRecordBytes);
  line.AddNumber("seconds", seconds);
  line.AddNumber("rate", static_cast<double>(share * kPartitions) / seconds);
  readers.clear();
  return (*log)->Close();
}

}  // namespace bench

#endif  // TIDEMARK_BENCHMARKS_WORKLOAD_TAILING_WORKLOAD_H_
