#ifndef TIDEMARK_BENCHMARKS_WORKLOAD_PROGRAM_H_
#define TIDEMARK_BENCHMARKS_WORKLOAD_PROGRAM_H_

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "append_workload.h"
#include "durable_workload.h"
#include "fmt/core.h"
#include "fmt/ostream.h"
#include "kill_workload.h"
#include "latency_workload.h"
#include "log_setup.h"
#include "read_workload.h"
#include "result_line.h"
#include "settings.h"
#include "tailing_workload.h"

namespace bench {

// Runs the workload of that name; NotFound when there is none. A name that ends
// in 'd' is the same workload with the log's own interval of syncs.
template <typename Log>
absl::Status RunWorkload(const Settings& settings, ResultLine& line) {
  std::string_view name = settings.workload;
  AppendShape shape;
  if (name.ends_with('d') && name != "W7cold") {
    shape.setup.has_default_sync = true;
    name.remove_suffix(1);
  }
  if (name == "W8iot") shape.setup.is_iot = true;
  if (name == "B1") shape.setup.publish_every = 1;
  if (name == "W5b") shape.writers = 8;
  if (name == "W2") {
    shape.record_count = 2'000'000;
    shape.record_bytes = 1024;
  }
  if (name == "W1" || name == "B1" || name == "W2" || name == "W5b" ||
      name == "W8" || name == "W8iot") {
    return RunAppendWorkload<Log>(settings, shape, line);
  }
  if (name == "W3x1") return RunDurableWorkload<Log>(settings, 1, line);
  if (name == "W3x8") return RunDurableWorkload<Log>(settings, 8, line);
  if (name == "W4") return RunReadWorkload<Log>(settings, line);
  if (name == "W5") return RunTailingWorkload<Log>(settings, shape.setup, line);
  if (name == "W6spin") {
    return RunLatencyWorkload<Log>(settings, shape.setup, Wait::kSpin, line);
  }
  if (name == "W6sleep") {
    return RunLatencyWorkload<Log>(settings, shape.setup, Wait::kSleep, line);
  }
  if (name == "W6floorspin") {
    return RunLatencyFloor(settings, Wait::kSpin, line);
  }
  if (name == "W6floorsleep") {
    return RunLatencyFloor(settings, Wait::kSleep, line);
  }
  if (name == "W7warm") return RunKillWorkload<Log>(settings, false, line);
  if (name == "W7cold") return RunKillWorkload<Log>(settings, true, line);
  return absl::NotFoundError(
      fmt::format("no such workload: {}", settings.workload));
}

// The main function of a program: `run` fills the line of one run.
template <typename Run>
int RunProgram(std::string_view program, int argc, char** argv, Run&& run) {
  const absl::StatusOr<Settings> settings = ParseSettings(argc, argv);
  absl::Status status = settings.status();
  if (status.ok()) {
    ResultLine line;
    line.AddText("program", program);
    line.AddText("workload", settings->workload);
    line.AddNumber("scale", settings->scale);
    status = run(*settings, line);
    if (status.ok()) fmt::print("{}\n", line.ToJson());
  }
  if (status.ok()) return EXIT_SUCCESS;
  fmt::print(stderr, "{}: {}\n", program, fmt::streamed(status));
  return EXIT_FAILURE;
}

}  // namespace bench

#endif  // TIDEMARK_BENCHMARKS_WORKLOAD_PROGRAM_H_
