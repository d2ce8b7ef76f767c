#ifndef TIDEMARK_TESTS_STORE_STORE_FIXTURE_H_
#define TIDEMARK_TESTS_STORE_STORE_FIXTURE_H_

#include <cerrno>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "fmt/core.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "tidemark/error.h"
#include "tidemark/store.h"
#include "tidemark/testing/fault_env.h"
#include "tidemark/testing/manual_clock.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark::test {

inline constexpr std::string_view kStorePath = "/store";

// A machine in memory with a clock, and the options of a store on it.
struct Machine {
  MemoryEnv env;
  ManualClock clock;

  StoreOptions options() { return StoreOptions::Test(env, clock); }
  absl::StatusOr<Store> Open() { return Store::Open(kStorePath, options()); }
  absl::StatusOr<Store> OpenToRead() {
    StoreOptions reading = options();
    reading.read_only = true;
    return Store::Open(kStorePath, reading);
  }
};

inline Record ValueRecord(std::string_view value) {
  Record record;
  record.value = value;
  return record;
}

inline Record KeyedRecord(std::string_view key, std::string_view value) {
  Record record = ValueRecord(value);
  record.key = key;
  return record;
}

// The values in one partition from its start to its end.
inline absl::StatusOr<std::vector<std::string>> ReadValues(
    const Topic& topic, PartitionNumber number = 0) {
  auto partition = topic.partition(number);
  if (!partition.ok()) return partition.status();
  std::vector<std::string> values;
  Offset from = partition->marks().start;
  for (;;) {
    auto records = partition->Read(from);
    if (!records.ok()) return records.status();
    if (records->empty()) return values;
    for (const RecordView& record : *records) {
      values.emplace_back(record.value().value_or("null"));
      from = record.offset() + 1;
    }
  }
}

inline TopicOptions WithPartitions(PartitionNumber count) {
  TopicOptions options;
  options.partitions = count;
  return options;
}

// The names in a directory.
inline std::vector<std::string> NamesIn(Env& env, std::string_view path) {
  std::vector<std::string> names;
  auto directory = env.OpenDirectory(path, false);
  if (!directory.ok()) return names;
  auto entries = (*directory)->List("");
  if (!entries.ok()) return names;
  for (const DirectoryEntry& entry : *entries) names.push_back(entry.name);
  return names;
}

// How the calls of an Env fail.
struct Failure {
  int error = EIO;
  bool takes_effect = false;
};
inline constexpr Failure kFailures[] = {{EIO}, {EIO, true}, {ENOSPC}};

// Runs a scenario with a fault at each of its calls. `prepare` runs without
// faults, `act` once with the fault and once more without it; `act` gets true
// the first time. Ends behind the first run that no fault reached.
inline void FailAtEachCall(
    const std::function<void(FaultEnv&, ManualClock&)>& prepare,
    const std::function<void(FaultEnv&, ManualClock&, bool)>& act) {
  for (const Failure& failure : kFailures) {
    for (uint64_t index = 0;; ++index) {
      MemoryEnv machine;
      FaultEnv env(machine);
      ManualClock clock;
      prepare(env, clock);
      env.ForgetCalls();
      env.Inject({.index = index,
                  .error = failure.error,
                  .takes_effect = failure.takes_effect});
      const std::string where =
          fmt::format("error {}{} at call {}", failure.error,
                      failure.takes_effect ? " after the effect" : "", index);
      INFO(where);
      act(env, clock, true);
      const bool was_reached = env.injected_count() > 0;
      const std::string call =
          was_reached
              ? fmt::format("{} {}", EnvCallName(env.calls()[index].kind),
                            env.calls()[index].name)
              : "";
      INFO("that was " << call);
      env.ClearFaults();
      act(env, clock, false);
      if (!was_reached) break;
    }
  }
}

// Runs a scenario once and gives `check` the machine as a crash at each of its
// calls would leave it: of the process, then of the power.
inline void CrashAtEachCall(
    const std::function<void(FaultEnv&, ManualClock&)>& prepare,
    const std::function<void(FaultEnv&, ManualClock&)>& act,
    const std::function<void(MemoryEnv&, ManualClock&)>& check) {
  MemoryEnv machine;
  FaultEnv env(machine);
  ManualClock clock;
  prepare(env, clock);
  std::vector<std::unique_ptr<MemoryEnv>> images;
  std::vector<std::string> calls;
  env.SetObserver([&](const EnvCallRecord& call) {
    for (const bool is_power_cut : {false, true}) {
      images.push_back(is_power_cut ? machine.CopyDurable()
                                    : machine.CopyCurrent());
      calls.push_back(fmt::format("{} before {} {}",
                                  is_power_cut ? "power cut" : "kill",
                                  EnvCallName(call.kind), call.name));
    }
  });
  act(env, clock);
  env.SetObserver(nullptr);
  REQUIRE(!images.empty());
  for (size_t i = 0; i < images.size(); ++i) {
    INFO(calls[i]);
    check(*images[i], clock);
  }
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_STORE_STORE_FIXTURE_H_
