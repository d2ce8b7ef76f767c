#ifndef TIDEMARK_TESTS_CRASH_SCENARIOS_H_
#define TIDEMARK_TESTS_CRASH_SCENARIOS_H_

#include <functional>
#include <string>
#include <vector>

#include "crash/host_world.h"

namespace tidemark::test {

// One life of a host.
struct Scenario {
  std::string name;
  MakeOptions make_options;
  std::function<void(HostWorld&)> run;
};

// How a store is opened in scenarios. All without threads, so that each run is
// the same.
StoreOptions PlainOptions(Env& env, Clock& clock);
StoreOptions ArenaOptions(Env& env, Clock& clock);
StoreOptions StoreFileOptions(Env& env, Clock& clock);
StoreOptions WriteThroughOptions(Env& env, Clock& clock);
StoreOptions PaddedOptions(Env& env, Clock& clock);

// A topic with small segments and batches.
TopicOptions SmallTopic(PartitionNumber partitions = 1);

std::vector<Scenario> AppendScenarios();
std::vector<Scenario> SegmentScenarios();
std::vector<Scenario> TopicScenarios();
std::vector<Scenario> CursorScenarios();
std::vector<Scenario> RecoveryScenarios();
std::vector<Scenario> AllScenarios();

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_CRASH_SCENARIOS_H_
