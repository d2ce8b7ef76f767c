#ifndef TIDEMARK_BENCHMARKS_WORKLOAD_READ_WORKLOAD_H_
#define TIDEMARK_BENCHMARKS_WORKLOAD_READ_WORKLOAD_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "append_workload.h"
#include "child_process.h"
#include "fmt/core.h"
#include "log_setup.h"
#include "result_line.h"
#include "settings.h"
#include "stamped_record.h"

namespace bench {

// Reads to the end, at which a read returns nothing.
template <typename Reader>
absl::Status ReadAll(Reader& reader, StampCheck& check) {
  while (true) {
    const absl::StatusOr<size_t> count = reader.Read(
        Wait::kSpin, [&check](std::string_view record) { check.Take(record); });
    if (!count.ok()) return count.status();
    if (*count == 0) break;
  }
  if (check.mismatch_count() != 0) {
    return absl::DataLossError(fmt::format("{} of {} records are out of order",
                                           check.mismatch_count(),
                                           check.count()));
  }
  return absl::OkStatus();
}

// W4: the log of W1, written by another process, read in order.
template <typename Log>
absl::Status RunReadWorkload(const Settings& settings, ResultLine& line) {
  const AppendShape shape;
  const uint64_t count = settings.Scaled(shape.record_count);
  const absl::Status written = RunInChild([&settings, &shape] {
    ResultLine unused;
    return RunAppendWorkload<Log>(settings, shape, unused);
  });
  if (!written.ok()) return written;

  auto log = Log::Open(settings.directory, LogSetup{});
  if (!log.ok()) return log.status();
  auto reader = (*log)->OpenReader(0);
  if (!reader.ok()) return reader.status();
  StampCheck check;
  const BenchClock::time_point start = BenchClock::now();
  const absl::Status status = ReadAll(*reader, check);
  const double seconds = SecondsBetween(start, BenchClock::now());
  if (!status.ok()) return status;
  if (check.count() != count) {
    return absl::DataLossError(
        fmt::format("read {} of {} records", check.count(), count));
  }
  line.AddCount("records", count);
  line.AddCount("record_bytes", shape.record_bytes);
  line.AddNumber("seconds", seconds);
  line.AddNumber("rate", static_cast<double>(count) / seconds);
  line.AddCount("sum_of_last_bytes", check.sum());
  return (*log)->Close();
}

}  // namespace bench

#endif  // TIDEMARK_BENCHMARKS_WORKLOAD_READ_WORKLOAD_H_
