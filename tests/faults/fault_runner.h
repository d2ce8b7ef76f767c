#ifndef TIDEMARK_TESTS_FAULTS_FAULT_RUNNER_H_
#define TIDEMARK_TESTS_FAULTS_FAULT_RUNNER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "crash/scenarios.h"
#include "faults/coverage.h"
#include "faults/fault_world.h"
#include "support/dice.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {

// What runs with faults came to.
struct FaultCounts {
  uint64_t runs = 0;
  uint64_t faults = 0;        // calls that failed
  uint64_t failed_steps = 0;  // of hosts, because of them
  uint64_t states = 0;        // what a run left, opened and read
  uint64_t lost_seals = 0;    // of these, reported as damage without loss
  uint64_t allocations = 0;   // that failed, one in a run
  uint64_t violation_count = 0;
  std::vector<std::string> violations;  // the first ones
};

// Leads hosts through scenarios, again and again, while other calls to the
// system fail each time.
class FaultRunner {
 public:
  explicit FaultRunner(uint64_t seed) : seed_(seed), dice_(seed) {}

  // A scenario, and the calls of a run of it in which nothing fails.
  struct Plan {
    struct Call {
      EnvCall kind;
      uint64_t size = 0;
      const void* address = nullptr;  // the place in the library
    };
    const Scenario* scenario = nullptr;
    std::vector<Call> calls;
  };
  Plan MakePlan(const Scenario& scenario);

  // One call after the other fails in every way that there is.
  void RunAll(const Plan& plan);
  // Each call that `dice` choose, one in `one_in`, fails in one of these ways.
  void RunSome(const Plan& plan, uint64_t one_in);
  // Each place of the library fails in every way that it did not yet.
  void RunEachSite(const Plan& plan);
  // What RunEachSite has to do for the places that are called only behind a
  // fault, and were seen since the last call.
  void RunSitesBehindFaults();
  // Two calls fail, at random, in each of `count` runs.
  void RunTwo(const Plan& plan, int count);

  // One allocation of the library in `step` fails, from a random one on.
  void RunAllocations(const Scenario& scenario, uint64_t step);

  const FaultCounts& counts() const { return counts_; }
  const Coverage& coverage() const { return coverage_; }

 private:
  // A call that came only because another one had failed.
  struct FollowUp {
    const Scenario* scenario = nullptr;
    Fault cause;
    uint64_t index = 0;
    Plan::Call call;
  };

  // The ways in which a call can fail.
  static std::vector<Fault> FaultsAt(const Plan::Call& call, uint64_t index);
  std::vector<Fault> AnyTwo(const Plan& plan);
  static bool IsPlain(const Fault& fault);
  void NoteSites(const Plan& plan, const Fault& cause, const FaultWorld& world);
  // Returns how many calls failed.
  uint64_t Run(const Plan& plan, const std::vector<Fault>& faults);
  // True if an allocation of the run was the one to fail.
  bool RunAllocation(const Scenario& scenario, uint64_t skip_count,
                     uint64_t* passed_count);
  void NoteViolations(std::string where, const FaultWorld& world);

  const uint64_t seed_;
  Dice dice_;
  FaultCounts counts_;
  Coverage coverage_;
  std::vector<FollowUp> follow_ups_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_FAULTS_FAULT_RUNNER_H_
