#include <fmt/core.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "crash/crash_world.h"
#include "crash/scenarios.h"
#include "support/catch.h"
#include "support/nightly.h"
#include "support/seed.h"

// Explores what crashes leave of every scenario, on all processors.
namespace tidemark::test {
namespace {

struct Outcome {
  std::string name;
  ExplorerCounts counts;
  double seconds = 0;
};

Outcome Explore(const Scenario& scenario, const ExplorerLimits& limits,
                uint64_t seed) {
  const auto start = std::chrono::steady_clock::now();
  Explorer explorer(scenario.name, scenario.make_options, limits, seed);
  {
    CrashWorld world(explorer, scenario.make_options, seed);
    scenario.run(world);
  }
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  return {scenario.name, explorer.counts(), took.count()};
}

// The one scenario to explore; null for all.
const char* OnlyScenario() { return std::getenv("TIDEMARK_SCENARIO"); }

ExplorerCounts ExploreAll(const ExplorerLimits& limits, uint64_t seed) {
  std::vector<Scenario> scenarios = AllScenarios();
  if (const char* const only = OnlyScenario()) {
    std::erase_if(scenarios, [only](const Scenario& scenario) {
      return scenario.name != only;
    });
  }
  REQUIRE_FALSE(scenarios.empty());
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  ExplorerCounts total;
  double seconds = 0;
  const auto work = [&] {
    for (size_t i = next++; i < scenarios.size(); i = next++) {
      const Outcome outcome = Explore(scenarios[i], limits, seed);
      const std::lock_guard lock(mutex);
      std::fflush(stdout);
      total.Add(outcome.counts);
      seconds += outcome.seconds;
      fmt::print("{:40} {:8} states {:7} kills {:7} in recovery {:6.1f} s\n",
                 outcome.name, outcome.counts.states, outcome.counts.kills,
                 outcome.counts.recovery_states, outcome.seconds);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned n = std::max(1U, std::thread::hardware_concurrency()); n > 0;
       --n) {
    threads.emplace_back(work);
  }
  for (std::thread& thread : threads) thread.join();
  fmt::print(
      "{} scenarios, {} calls, {} distinct states, {} kills, {} states in "
      "recovery, {:.0f} states/s, {} violations\n",
      scenarios.size(), total.boundaries, total.states, total.kills,
      total.recovery_states, static_cast<double>(total.states) / seconds,
      total.violation_count);
  return total;
}

void RequireNoViolation(const ExplorerCounts& counts) {
  std::string text;
  for (const std::string& violation : counts.violations)
    text += violation + "\n";
  INFO(text);
  CHECK(counts.violation_count == 0);
}

TEST_CASE("No crash of a sample breaks a promise", "[crash]") {
  TIDEMARK_TEST_SEED(seed);
  ExplorerLimits limits;
  limits.before_sync = {.exhaustive_units = 3,
                        .random_states = 8,
                        .pairs_max = 4,
                        .places_max = 4};
  limits.elsewhere = {.exhaustive_units = 2,
                      .random_states = 1,
                      .pairs_max = 1,
                      .places_max = 2};
  limits.deep_states_max = 20;
  const ExplorerCounts counts = ExploreAll(limits, seed);
  RequireNoViolation(counts);
  CHECK(counts.states > 10'000);
}

TEST_CASE("No crash breaks a promise", "[crash][.slow]") {
  TIDEMARK_TEST_SEED(seed);
  const NightlyTime time;
  ExplorerLimits limits;
  if (time.is_nightly()) {
    limits.states_max = 3'000'000;
    limits.before_sync.random_states = 200'000;
    limits.before_sync.pairs_max = 20'000;
    limits.elsewhere.random_states = 5'000;
    limits.elsewhere.pairs_max = 2'000;
  }
  const auto start = std::chrono::steady_clock::now();
  ExplorerCounts counts = ExploreAll(limits, seed);
  for (uint64_t next = seed + 1; time.is_left(); ++next) {
    fmt::print("seed {}\n", next);
    counts.Add(ExploreAll(limits, next));
  }
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  RequireNoViolation(counts);
  PrintCount(AllScenarios().size(), "scenarios");
  PrintCount(counts.states, "distinct states");
  PrintCount(counts.kills, "states of killed processes");
  PrintCount(counts.recovery_states, "states of crashed recoveries");
  PrintCount(
      static_cast<uint64_t>(static_cast<double>(counts.states) / took.count()),
      "distinct states per second");
  PrintCount(counts.violation_count, "violations");
  if (OnlyScenario() == nullptr) {
    CHECK(AllScenarios().size() >= 40);
    CHECK(counts.states >= 1'000'000);
  }
}

}  // namespace
}  // namespace tidemark::test
