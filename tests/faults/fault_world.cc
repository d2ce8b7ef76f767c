#include "faults/fault_world.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "crash/state_enumerator.h"
#include "support/allocation_fault.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

// The fault of the call that runs. One thread at a time runs scenarios.
std::optional<AllocationFault> active_fault;

// What is reported is only that the seal of a segment is not valid, and costs
// no record: a device that failed a call has really lost it.
bool IsLostSeal(std::string_view text) {
  constexpr std::string_view kReport = "a crash is reported as damage";
  constexpr std::string_view kLoss = "    damaged";
  constexpr std::string_view kHarmless = "    damaged, no record lost";
  if (text.find(kReport) == std::string_view::npos) return false;
  for (size_t at = text.find(kLoss); at != std::string_view::npos;
       at = text.find(kLoss, at + 1)) {
    const std::string_view line = text.substr(at, text.find('\n', at) - at);
    if (!line.starts_with(kHarmless) || !line.ends_with("no valid trailer")) {
      return false;
    }
  }
  return true;
}

}  // namespace

FaultWorld::FaultWorld(MakeOptions make_options, uint64_t seed)
    : HostWorld(std::move(make_options), seed),
      faults_(present_),
      sites_(faults_) {
  AddMachine(std::make_unique<MemoryEnv>(seed), nullptr);
  faults_.SetObserver([this](const EnvCallRecord& call) {
    if (call.is_injected) DropWhatIsNotSynced(call);
  });
}

void FaultWorld::AddMachine(std::unique_ptr<MemoryEnv> machine,
                            const DiskImage* image) {
  journals_.push_back(image == nullptr
                          ? std::make_unique<RecordingEnv>(*machine)
                          : std::make_unique<RecordingEnv>(*machine, *image));
  machines_.push_back(std::move(machine));
  present_.target = journals_.back().get();
}

void FaultWorld::FailAllocation(uint64_t skip_count) {
  allocation_.emplace().skip_count = skip_count;
  // What an Env allocates is its own affair.
  sites().on_enter = [] { AllocationFault::Pause(true); };
  sites().on_leave = [] { AllocationFault::Pause(false); };
  faults_.SetObserver(nullptr);
  present_.target = machines_.back().get();
}

bool FaultWorld::CanFailAllocations() { return AllocationFault::kIsPossible; }

void FaultWorld::BeginCall() {
  if (!allocation_.has_value() || allocation_->was_reached) return;
  active_fault.emplace(allocation_->skip_count - allocation_->passed_count);
}

void FaultWorld::EndCall() {
  if (!active_fault.has_value()) return;
  allocation_->was_reached = active_fault->was_reached();
  allocation_->passed_count = allocation_->skip_count - active_fault->left();
  active_fault.reset();
}

void FaultWorld::DropWhatIsNotSynced(const EnvCallRecord& call) {
  Recording& recording = journals_.back()->recording();
  if (call.kind == EnvCall::kSync || call.kind == EnvCall::kSyncAll) {
    // The call reaches the journal, as a fault that takes effect.
    recording.syncs_to_failure = 1;
  }
  if (call.kind != EnvCall::kSyncFileSystem) return;
  std::set<NodeId> nodes;
  for (const Atom& atom : recording.journal.pending()) nodes.insert(atom.node);
  for (const NodeId node : nodes) recording.journal.FailSync(node);
}

void FaultWorld::Inject(Fault fault) {
  if (fault.kind == EnvCall::kSync || fault.kind == EnvCall::kSyncAll) {
    fault.takes_effect = true;
  }
  faults_.Inject(std::move(fault));
}

void FaultWorld::FailSync(uint64_t n) {
  Fault fault;
  fault.kind = EnvCall::kSync;
  fault.skip_count = n - 1;
  Inject(fault);
  may_fail_ = true;
}

void FaultWorld::RestartMachine() {
  machine().AbandonLocks();
  if (allocation_.has_value()) {
    machine().DropUnsynced();
    return;
  }
  StateEnumerator states(journals_.back()->recording().journal, {},
                         dice().Below(UINT64_MAX));
  const DiskImage image = states.Any();
  AddMachine(image.MakeMachine(), &image);
}

bool FaultWorld::WasFaulty() const {
  if (may_fail_) return true;
  return allocation_.has_value() ? allocation_->was_reached
                                 : faults_.injected_count() > 0;
}

void FaultWorld::NoteBroken(std::string text) {
  violations_.push_back(std::move(text));
}

bool FaultWorld::IsOk(std::string_view step, const absl::Status& status) {
  if (status.ok()) return true;
  ++failed_steps_;
  CheckStatus(step, status);
  return false;
}

void FaultWorld::CheckStatus(std::string_view step,
                             const absl::Status& status) {
  const std::string text = fmt::format("{}: {}", step, status.ToString());
  constexpr size_t kFailuresMax = 3;
  if (failures_.size() < kFailuresMax) failures_.push_back(text);
  if (!WasFaulty()) NoteBroken("without a fault: " + text);
  const bool has_code =
      status.code() != absl::StatusCode::kUnknown &&
      (status.code() != absl::StatusCode::kInternal || IsIoError(status));
  if (!has_code || status.message().empty()) {
    NoteBroken("not a typed error: " + text);
  }
}

void FaultWorld::NoteRefused(HostTopic& topic, PartitionNumber number,
                             int count, const absl::Status& status) {
  const auto index = static_cast<size_t>(number);
  ExpectedLog& log = topic.expected.logs[index];
  const Offset first = log.submitted - count;
  const auto partition = topic.handle.partition(number);
  const Offset end = partition.ok() ? partition->marks().end : first;
  if (end == log.submitted) return;  // there, but nobody promised to keep it
  if (end != first) {
    NoteBroken(
        fmt::format("I5: {}/{}: ends at {} behind a refused append "
                    "of {} at {}",
                    topic.expected.name, number, end, count, first));
  }
  auto& values = *topic.values[index];
  // An error of the device: the write may have come through.
  if (IsIoError(status)) {
    topic.doubtful[number].assign(values.begin() + first, values.end());
  }
  values.resize(static_cast<size_t>(first));
  log.submitted = first;
  Changed();
}

void FaultWorld::CheckInProcess() {
  if (!store().has_value()) return;
  for (auto& [name, topic] : topics()) {
    if (topic.handle.state() == nullptr) continue;
    for (PartitionNumber n = 0; n < topic.handle.partition_count(); ++n) {
      ExpectedLog log = topic.expected.logs[static_cast<size_t>(n)];
      log.process_end = log.submitted;
      FoundLog found;
      const auto partition = topic.handle.partition(n);
      const absl::Status status =
          partition.ok()
              ? CheckLog(*partition, log, CrashKind::kProcess, &found)
              : partition.status();
      if (status.ok()) continue;
      NoteBroken(
          fmt::format("in the process: {}/{}: {}", name, n, status.ToString()));
    }
  }
}

void FaultWorld::CheckState(std::string_view when, MemoryEnv& machine,
                            CrashKind kind, CheckDepth depth) {
  ++checked_states_;
  const absl::Status status =
      CheckAfterCrash(machine, Expect(), kind, depth, make_options());
  if (status.ok()) return;
  const std::string text(status.message());
  if (IsLostSeal(text)) {
    ++lost_seals_;
    return;
  }
  // An entry that never held a commit may say that it cannot be read.
  const auto& commits = Expect().commits;
  const bool has_commit = std::any_of(
      commits.begin(), commits.end(),
      [](const ExpectedCommit& commit) { return commit.acknowledged >= 0; });
  if (!has_commit && text.find("its commit cannot be read") != text.npos) {
    return;
  }
  NoteBroken(fmt::format("{}: {}", when, text));
}

std::unique_ptr<MemoryEnv> FaultWorld::WithoutPower() {
  if (allocation_.has_value()) return machine().CopyDurable();
  return journals_.back()->recording().journal.durable().MakeMachine();
}

void FaultWorld::Finish() {
  faults_.ClearFaults();
  for (const auto& journal : journals_) {
    journal->recording().syncs_to_failure = 0;
  }
  CheckInProcess();
  CheckState("killed", *machine().CopyCurrent(), CrashKind::kProcess,
             CheckDepth::kRead);
  CheckState("without power", *WithoutPower(), CrashKind::kPower,
             CheckDepth::kUse);
  const bool was_open = store().has_value();
  const uint64_t failed_before = failed_steps_;
  Close();
  DropHandles();
  if (sites().open_count != 0) {
    NoteBroken(fmt::format("I13: {} files are open", sites().open_count));
  }
  if (was_open && failed_steps_ == failed_before) {
    CheckState("closed, then without power", *WithoutPower(), CrashKind::kPower,
               CheckDepth::kRead);
  }
  CheckState("closed", machine(), CrashKind::kProcess, CheckDepth::kUse);
}

}  // namespace tidemark::test
