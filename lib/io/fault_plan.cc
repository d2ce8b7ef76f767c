#include "io/fault_plan.h"

#include <fmt/core.h>

#include <array>
#include <cerrno>

#include "io/errno_status.h"

namespace tidemark {
inline namespace v0 {
namespace {

// In the order of EnvCall.
constexpr std::array<std::string_view, 34> kCallNames = {
    "open directory",
    "open shared memory directory",
    "read boot id",
    "read random bytes",
    "open",
    "create",
    "create shared memory",
    "open shared memory",
    "create directory",
    "list",
    "stat",
    "rename",
    "remove",
    "remove directory",
    "sync directory",
    "sync file system",
    "stat file system",
    "read",
    "write",
    "sync",
    "sync with metadata",
    "truncate",
    "allocate",
    "seek data",
    "stat file",
    "lock",
    "unlock",
    "close",
    "grow memory",
    "release memory",
    "reserve memory",
    "read memory",
    "stat memory",
    "lock memory",
};
static_assert(kCallNames.size() ==
              static_cast<size_t>(EnvCall::kLockMemory) + 1);

}  // namespace

void FaultPlan::Inject(Fault fault) {
  MutexLock lock(mutex_);
  faults_.push_back({std::move(fault)});
}

void FaultPlan::ClearFaults() {
  MutexLock lock(mutex_);
  faults_.clear();
}

uint64_t FaultPlan::call_count() const {
  MutexLock lock(mutex_);
  return calls_.size();
}

uint64_t FaultPlan::injected_count() const {
  MutexLock lock(mutex_);
  return injected_count_;
}

std::vector<EnvCallRecord> FaultPlan::calls() const {
  MutexLock lock(mutex_);
  return calls_;
}

void FaultPlan::ForgetCalls() {
  MutexLock lock(mutex_);
  calls_.clear();
  injected_count_ = 0;
  ++generation_;
}

void FaultPlan::SetObserver(
    std::function<void(const EnvCallRecord&)> observer) {
  auto shared =
      observer == nullptr
          ? nullptr
          : std::make_shared<const std::function<void(const EnvCallRecord&)>>(
                std::move(observer));
  MutexLock lock(mutex_);
  observer_ = std::move(shared);
}

FaultPlan::Decision FaultPlan::Begin(EnvCallRecord record) {
  Decision decision;
  std::shared_ptr<const std::function<void(const EnvCallRecord&)>> observer;
  {
    MutexLock lock(mutex_);
    record.index = calls_.size();
    decision.log_slot = calls_.size();
    decision.generation = generation_;
    if (const std::optional<Fault> fault = TakeFault(record)) {
      record.is_injected = true;
      ++injected_count_;
      decision.is_injected = true;
      decision.error = fault->error;
      decision.short_size = fault->short_size;
      decision.takes_effect =
          fault->takes_effect || record.kind == EnvCall::kClose;
    }
    calls_.push_back(record);
    observer = observer_;
  }
  if (observer != nullptr) (*observer)(record);
  return decision;
}

void FaultPlan::End(const Decision& decision, absl::StatusCode result) {
  MutexLock lock(mutex_);
  // The log may have been emptied since.
  if (decision.generation != generation_) return;
  calls_[decision.log_slot].result = result;
}

absl::Status FaultPlan::StatusOf(const Decision& decision,
                                 const EnvCallRecord& record) {
  return ErrnoStatus(
      decision.error != 0 ? decision.error : EIO,
      fmt::format("{}: {}: injected", record.name, EnvCallName(record.kind)));
}

bool FaultPlan::Matches(const Fault& fault, const EnvCallRecord& record) {
  if (fault.index.has_value()) {
    if (record.index < *fault.index) return false;
    if (record.index > *fault.index && !fault.is_persistent) return false;
  }
  if (fault.kind.has_value() && *fault.kind != record.kind) return false;
  return record.name.find(fault.name_part) != std::string::npos;
}

std::optional<Fault> FaultPlan::TakeFault(const EnvCallRecord& record) {
  for (size_t i = 0; i < faults_.size(); ++i) {
    WaitingFault& waiting = faults_[i];
    if (!Matches(waiting.fault, record)) continue;
    if (waiting.match_count++ < waiting.fault.skip_count) continue;
    Fault fault = waiting.fault;
    if (!fault.is_persistent) {
      faults_.erase(faults_.begin() + static_cast<ptrdiff_t>(i));
    }
    return fault;
  }
  return std::nullopt;
}

std::string_view EnvCallName(EnvCall kind) {
  const auto number = static_cast<size_t>(kind);
  return number < kCallNames.size() ? kCallNames[number] : "unknown call";
}

}  // namespace v0
}  // namespace tidemark
