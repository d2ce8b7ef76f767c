#include <cstdlib>
#include <string>

#include "examples/program_run.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark::test {
namespace {

// Runs a workload of the benchmarks, smaller than it is defined.
ProgramRun RunWorkload(const std::string& program,
                       const std::string& workload) {
  const TempDir directory;
  return RunProgram(program, "--workload " + workload +
                                 " --scale 0.0005 --dir '" + directory.path() +
                                 "'");
}

// A number of the line of JSON that a run prints; -1 when it is not there.
double NumberOf(const ProgramRun& run, const std::string& name) {
  const size_t at = run.output.find("\"" + name + "\": ");
  if (at == std::string::npos) return -1;
  return std::strtod(run.output.c_str() + at + name.size() + 4, nullptr);
}

TEST_CASE("Every workload runs on both programs", "[examples]") {
  if (!HasProgram("log_bench")) {
    WARN("built without the benchmarks");
    return;
  }
  const std::string program = GENERATE("log_bench", "baseline");
  const std::string workload = GENERATE(
      "W1", "W1d", "B1", "W2", "W3x1", "W3x8", "W4", "W5", "W5b", "W6spin",
      "W6sleep", "W6floorspin", "W6floorsleep", "W7warm", "W8", "W8iot");
  const ProgramRun run = RunWorkload(program, workload);
  INFO(program << " " << workload << ": " << run.output);
  CHECK(run.exit_code == 0);
  CHECK(run.Says("\"workload\": \"" + workload + "\""));
}

TEST_CASE("Batches are a workload of tidemark alone", "[examples]") {
  if (!HasProgram("log_bench")) return;
  const ProgramRun run = RunWorkload("log_bench", "W1x100");
  INFO(run.output);
  CHECK(NumberOf(run, "records") == 5000);
  CHECK(RunWorkload("baseline", "W1x100").exit_code == 1);
}

TEST_CASE("Both programs read the same records", "[examples]") {
  if (!HasProgram("log_bench")) return;
  const ProgramRun ours = RunWorkload("log_bench", "W4");
  const ProgramRun others = RunWorkload("baseline", "W4");
  INFO(ours.output << others.output);
  CHECK(NumberOf(ours, "sum_of_last_bytes") > 0);
  CHECK(NumberOf(ours, "sum_of_last_bytes") ==
        NumberOf(others, "sum_of_last_bytes"));
}

TEST_CASE("A benchmark refuses a directory that is not empty", "[examples]") {
  if (!HasProgram("log_bench")) return;
  const ProgramRun run =
      RunProgram("log_bench", "--workload W1 --dir '" TIDEMARK_SOURCE_DIR "'");
  INFO(run.output);
  CHECK(run.exit_code == 1);
  CHECK(run.Says("not an empty directory"));
}

}  // namespace
}  // namespace tidemark::test
