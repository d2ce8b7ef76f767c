#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "faults/fault_runner.h"
#include "faults/fault_world.h"
#include "faults/more_scenarios.h"
#include "support/catch.h"
#include "support/nightly.h"
#include "support/seed.h"

// Every call to the system of every scenario fails, in every way that its
// manual page knows, and so do allocations. I1 to I5, I8, I10 to I13
namespace tidemark::test {
namespace {

const char* OnlyScenario() { return std::getenv("TIDEMARK_SCENARIO"); }

std::vector<Scenario> ChosenOf(std::vector<Scenario> scenarios) {
  if (const char* const only = OnlyScenario()) {
    std::erase_if(scenarios, [only](const Scenario& scenario) {
      return scenario.name != only;
    });
  }
  REQUIRE_FALSE(scenarios.empty());
  return scenarios;
}

std::string Join(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

void Report(const FaultCounts& counts) {
  if (counts.runs > 0) {
    PrintCount(counts.runs, "runs with failing calls to the system");
    PrintCount(counts.faults, "calls to the system that failed");
    PrintCount(counts.lost_seals, "states with a segment that lost its seal");
  }
  if (counts.allocations > 0) {
    PrintCount(counts.allocations, "runs with a failing allocation");
  }
  PrintCount(counts.failed_steps, "steps of a host that failed");
  PrintCount(counts.states, "states opened, read and used behind a fault");
  PrintCount(counts.violation_count, "violations");
  INFO(Join(counts.violations));
  CHECK(counts.violation_count == 0);
}

void CheckCoverage(const Coverage& coverage) {
  const Coverage::Report report = coverage.Compare();
  for (const std::string& line : report.lines) fmt::print("{}\n", line);
  PrintCount(report.site_count - report.exempt_count,
             "places that call the system");
  PrintCount(report.exempt_count, "places exempt, with a reason");
  PrintCount(report.reached_pair_count, "pairs of a place and an error");
  INFO(Join(report.missing));
  CHECK(report.missing.empty());
  CHECK(report.reached_pair_count == report.pair_count);
  CHECK(report.pair_count >= 2'500);
}

TEST_CASE("A call of a sample that fails breaks no promise", "[faults]") {
  TIDEMARK_TEST_SEED(seed);
  FaultRunner runner(seed);
  for (const Scenario& scenario : ChosenOf(ScenariosWithFaults())) {
    runner.RunSome(runner.MakePlan(scenario), 20);
  }
  Report(runner.counts());
  if (OnlyScenario() == nullptr) CHECK(runner.counts().runs >= 300);
}

TEST_CASE("An allocation of a sample that fails breaks no promise",
          "[faults]") {
  if (!FaultWorld::CanFailAllocations()) return;
  TIDEMARK_TEST_SEED(seed);
  FaultRunner runner(seed);
  for (const Scenario& scenario : ChosenOf(AllScenarios())) {
    runner.RunAllocations(scenario, 75);
  }
  Report(runner.counts());
  if (OnlyScenario() == nullptr) CHECK(runner.counts().allocations >= 300);
}

TEST_CASE("A call that fails breaks no promise", "[faults][.slow]") {
  TIDEMARK_TEST_SEED(seed);
  const NightlyTime time;
  const std::vector<Scenario> scenarios = ChosenOf(ScenariosWithFaults());
  FaultRunner runner(seed);
  std::vector<FaultRunner::Plan> plans;
  for (const Scenario& scenario : scenarios) {
    plans.push_back(runner.MakePlan(scenario));
    runner.RunEachSite(plans.back());
    runner.RunSitesBehindFaults();
    for (int i = 0; i < 3; ++i) runner.RunSome(plans.back(), 1);
    runner.RunTwo(plans.back(), 10);
  }
  // Every call in every way, then two of them.
  for (const FaultRunner::Plan& plan : plans) {
    if (time.is_left()) runner.RunAll(plan);
  }
  while (time.is_left()) {
    for (const FaultRunner::Plan& plan : plans) runner.RunTwo(plan, 100);
  }
  if (OnlyScenario() == nullptr) {
    CheckCoverage(runner.coverage());
    CHECK(scenarios.size() >= 70);
    CHECK(runner.counts().runs >= 40'000);
  }
  Report(runner.counts());
}

TEST_CASE("An allocation that fails breaks no promise", "[faults][.slow]") {
  if (!FaultWorld::CanFailAllocations()) return;
  TIDEMARK_TEST_SEED(seed);
  const NightlyTime time;
  FaultRunner runner(seed);
  for (const Scenario& scenario : ChosenOf(AllScenarios())) {
    runner.RunAllocations(scenario, 3);
  }
  for (uint64_t next = seed + 1; time.is_left(); ++next) {
    for (const Scenario& scenario : ChosenOf(AllScenarios())) {
      if (time.is_left()) runner.RunAllocations(scenario, 2);
    }
  }
  Report(runner.counts());
  if (OnlyScenario() == nullptr) CHECK(runner.counts().allocations >= 8'000);
}

}  // namespace
}  // namespace tidemark::test
