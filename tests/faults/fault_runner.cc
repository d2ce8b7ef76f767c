#include "faults/fault_runner.h"

#include <fmt/core.h>

#include <set>
#include <utility>

#include "faults/errno_table.h"

namespace tidemark::test {
namespace {

constexpr size_t kViolationsShownMax = 100;

// A call that may do what it should and report an error nonetheless.
bool HasEffect(EnvCall kind) {
  switch (kind) {
    case EnvCall::kCreateFile:
    case EnvCall::kCreateDirectory:
    case EnvCall::kRename:
    case EnvCall::kRemoveFile:
    case EnvCall::kRemoveDirectory:
    case EnvCall::kSyncDirectory:
    case EnvCall::kWrite:
    case EnvCall::kTruncate:
    case EnvCall::kAllocate:
      return true;
    default:
      return false;
  }
}

std::string Describe(const Fault& fault) {
  std::string text = fmt::format(
      "call {}{}: ", *fault.index,
      fault.kind ? fmt::format(", {}", EnvCallName(*fault.kind)) : "");
  text += fault.error != 0 ? ErrorName(fault.error) : "cut short";
  if (fault.short_size.has_value()) {
    text += fmt::format(" behind {} bytes", *fault.short_size);
  }
  if (fault.takes_effect) text += " behind the effect";
  if (fault.is_persistent) {
    text += fault.kind.has_value() ? " of it and later ones of its kind"
                                   : " of it and all later ones";
  }
  return text;
}

}  // namespace

FaultRunner::Plan FaultRunner::MakePlan(const Scenario& scenario) {
  Plan plan;
  plan.scenario = &scenario;
  FaultWorld world(scenario.make_options, seed_);
  world.sites().is_recording = true;
  scenario.run(world);
  const std::vector<EnvCallRecord> calls = world.faults().calls();
  for (size_t i = 0; i < calls.size(); ++i) {
    const void* const address = world.sites().addresses.at(i);
    plan.calls.push_back({calls[i].kind, calls[i].size, address});
    coverage_.NoteSite(address, calls[i].kind);
  }
  world.sites().is_recording = false;
  world.Finish();
  NoteViolations(scenario.name, world);
  return plan;
}

std::vector<Fault> FaultRunner::FaultsAt(const Plan::Call& call,
                                         uint64_t index) {
  std::vector<Fault> faults;
  Fault fault;
  fault.index = index;
  fault.kind = call.kind;
  for (const int error : ErrorsOf(call.kind)) {
    fault.error = error;
    fault.is_persistent = false;
    faults.push_back(fault);
    fault.is_persistent = true;
    faults.push_back(fault);
  }
  Fault dead = fault;
  dead.kind.reset();
  dead.error = EIO;
  faults.push_back(dead);
  fault.is_persistent = false;
  if (HasEffect(call.kind)) {
    Fault lie = fault;
    lie.error = EIO;
    lie.takes_effect = true;
    faults.push_back(lie);
  }
  std::set<uint64_t> sizes;
  if (call.size > 0) sizes = {0, 1, call.size / 2, call.size - 1};
  for (const uint64_t size : sizes) {
    fault.short_size = size;
    if (call.kind == EnvCall::kWrite) {
      for (const int error : {ENOSPC, EIO}) {
        fault.error = error;
        faults.push_back(fault);
      }
    }
    if (call.kind == EnvCall::kRead) {
      fault.error = 0;
      faults.push_back(fault);
    }
  }
  return faults;
}

void FaultRunner::RunAll(const Plan& plan) {
  for (uint64_t index = 0; index < plan.calls.size(); ++index) {
    for (const Fault& fault : FaultsAt(plan.calls[index], index))
      Run(plan, {fault});
  }
}

void FaultRunner::RunSome(const Plan& plan, uint64_t one_in) {
  for (uint64_t index = 0; index < plan.calls.size(); ++index) {
    if (!dice_.OneIn(one_in)) continue;
    const std::vector<Fault> faults = FaultsAt(plan.calls[index], index);
    Run(plan, {faults[dice_.Below(faults.size())]});
  }
}

bool FaultRunner::IsPlain(const Fault& fault) {
  return fault.kind.has_value() && !fault.takes_effect &&
         !fault.short_size.has_value();
}

void FaultRunner::RunEachSite(const Plan& plan) {
  for (uint64_t index = 0; index < plan.calls.size(); ++index) {
    const Plan::Call& call = plan.calls[index];
    for (const Fault& fault : FaultsAt(call, index)) {
      if (!IsPlain(fault) || coverage_.Has(call.address, call.kind, fault.error,
                                           fault.is_persistent)) {
        continue;
      }
      Run(plan, {fault});
    }
  }
}

void FaultRunner::RunSitesBehindFaults() {
  const std::vector<FollowUp> follow_ups = std::move(follow_ups_);
  follow_ups_.clear();
  for (const FollowUp& follow_up : follow_ups) {
    Plan plan;
    plan.scenario = follow_up.scenario;
    const Plan::Call& call = follow_up.call;
    for (const Fault& fault : FaultsAt(call, follow_up.index)) {
      if (!IsPlain(fault)) continue;
      const uint64_t injected = Run(plan, {fault, follow_up.cause});
      if (injected < 2) continue;
      coverage_.NoteError(call.address, call.kind, fault.error,
                          fault.is_persistent);
    }
  }
}

void FaultRunner::RunTwo(const Plan& plan, int count) {
  for (; count > 0; --count) Run(plan, AnyTwo(plan));
}

std::vector<Fault> FaultRunner::AnyTwo(const Plan& plan) {
  std::vector<Fault> faults;
  for (int i = 0; i < 2; ++i) {
    const uint64_t index = dice_.Below(plan.calls.size());
    const auto ways = FaultsAt(plan.calls[index], index);
    faults.push_back(ways[dice_.Below(ways.size())]);
  }
  return faults;
}

void FaultRunner::NoteSites(const Plan& plan, const Fault& cause,
                            const FaultWorld& world) {
  const std::vector<const void*>& addresses = world.sites().addresses;
  std::vector<EnvCallRecord> calls;
  for (size_t i = *cause.index; i < addresses.size(); ++i) {
    if (coverage_.Knows(addresses[i])) continue;
    if (calls.empty()) calls = world.faults().calls();
    const EnvCall kind = calls.at(i).kind;
    coverage_.NoteSite(addresses[i], kind);
    follow_ups_.push_back(
        {plan.scenario, cause, i, {kind, calls[i].size, addresses[i]}});
  }
}

uint64_t FaultRunner::Run(const Plan& plan, const std::vector<Fault>& faults) {
  FaultWorld world(plan.scenario->make_options, seed_);
  for (const Fault& fault : faults) world.Inject(fault);
  world.sites().is_recording = true;
  plan.scenario->run(world);
  const uint64_t injected = world.faults().injected_count();
  if (faults.size() == 1 && injected > 0) {
    NoteSites(plan, faults.front(), world);
  }
  world.sites().is_recording = false;
  world.Finish();
  ++counts_.runs;
  counts_.faults += injected;
  counts_.failed_steps += world.failed_steps();
  counts_.states += world.checked_states();
  counts_.lost_seals += world.lost_seals();
  if (faults.size() == 1 && injected > 0) {
    const Fault& fault = faults.front();
    const Plan::Call& call = plan.calls[*fault.index];
    if (fault.error != 0) {
      coverage_.NoteError(call.address, call.kind, fault.error,
                          fault.is_persistent);
    }
  }
  std::string where = plan.scenario->name;
  for (const Fault& fault : faults) where += "; " + Describe(fault);
  NoteViolations(std::move(where), world);
  return injected;
}

bool FaultRunner::RunAllocation(const Scenario& scenario, uint64_t skip_count,
                                uint64_t* passed_count) {
  FaultWorld world(scenario.make_options, seed_);
  world.FailAllocation(skip_count);
  scenario.run(world);
  *passed_count = world.allocation().passed_count;
  const bool was_reached = world.allocation().was_reached;
  world.Finish();
  counts_.failed_steps += world.failed_steps();
  counts_.states += world.checked_states();
  if (was_reached) ++counts_.allocations;
  NoteViolations(fmt::format("{}; allocation {}", scenario.name, skip_count),
                 world);
  return was_reached;
}

void FaultRunner::RunAllocations(const Scenario& scenario, uint64_t step) {
  constexpr uint64_t kNone = uint64_t{1} << 40;
  uint64_t count = 0;
  RunAllocation(scenario, kNone, &count);
  for (uint64_t skip = dice_.Below(step); skip < count; skip += step) {
    uint64_t passed = 0;
    RunAllocation(scenario, skip, &passed);
  }
}

void FaultRunner::NoteViolations(std::string where, const FaultWorld& world) {
  if (world.violations().empty()) return;
  ++counts_.violation_count;
  if (counts_.violations.size() >= kViolationsShownMax) return;
  for (const std::string& violation : world.violations()) {
    where += fmt::format("\n    {}", violation);
  }
  for (const std::string& failure : world.failures()) {
    where += fmt::format("\n    a step failed: {}", failure);
  }
  counts_.violations.push_back(std::move(where));
}

}  // namespace tidemark::test
