#include "tidemark/testing/fault_env.h"

#include <utility>

#include "base/status_macros.h"
#include "io/fault_directory.h"
#include "io/fault_plan.h"

namespace tidemark {
inline namespace v0 {
namespace {

EnvCallRecord EnvRecord(EnvCall kind, std::string_view path,
                        uint64_t size = 0) {
  EnvCallRecord record;
  record.kind = kind;
  record.name = path;
  record.size = size;
  return record;
}

}  // namespace

FaultEnv::FaultEnv(Env& base)
    : base_(base), plan_(std::make_shared<FaultPlan>()) {}

FaultEnv::~FaultEnv() = default;

absl::StatusOr<std::unique_ptr<Directory>> FaultEnv::OpenDirectory(
    std::string_view path, bool is_creating) {
  TIDEMARK_ASSIGN_OR_RETURN(
      std::unique_ptr<Directory> directory,
      plan_->Run(EnvRecord(EnvCall::kOpenDirectory, path),
                 [&] { return base_.OpenDirectory(path, is_creating); }));
  return std::make_unique<FaultDirectory>(plan_, std::move(directory));
}

absl::StatusOr<std::unique_ptr<Directory>> FaultEnv::OpenSharedMemoryDirectory(
    std::string_view path) {
  TIDEMARK_ASSIGN_OR_RETURN(
      std::unique_ptr<Directory> directory,
      plan_->Run(EnvRecord(EnvCall::kOpenSharedMemoryDirectory, path),
                 [&] { return base_.OpenSharedMemoryDirectory(path); }));
  return std::make_unique<FaultDirectory>(plan_, std::move(directory));
}

absl::StatusOr<std::string> FaultEnv::BootId() {
  return plan_->Run(EnvRecord(EnvCall::kBootId, ""),
                    [&] { return base_.BootId(); });
}

bool FaultEnv::IsInInitialPidNamespace() {
  return base_.IsInInitialPidNamespace();
}

absl::Status FaultEnv::FillRandom(std::span<std::byte> out) {
  return plan_->Run(EnvRecord(EnvCall::kFillRandom, "", out.size()),
                    [&] { return base_.FillRandom(out); });
}

void FaultEnv::Inject(Fault fault) { plan_->Inject(std::move(fault)); }

void FaultEnv::FailCall(uint64_t index, int error, bool is_persistent) {
  Fault fault;
  fault.index = index;
  fault.error = error;
  fault.is_persistent = is_persistent;
  Inject(std::move(fault));
}

void FaultEnv::FailKind(EnvCall kind, int error, bool is_persistent) {
  Fault fault;
  fault.kind = kind;
  fault.error = error;
  fault.is_persistent = is_persistent;
  Inject(std::move(fault));
}

void FaultEnv::ClearFaults() { plan_->ClearFaults(); }

uint64_t FaultEnv::call_count() const { return plan_->call_count(); }

uint64_t FaultEnv::injected_count() const { return plan_->injected_count(); }

std::vector<EnvCallRecord> FaultEnv::calls() const { return plan_->calls(); }

void FaultEnv::ForgetCalls() { plan_->ForgetCalls(); }

void FaultEnv::SetObserver(std::function<void(const EnvCallRecord&)> observer) {
  plan_->SetObserver(std::move(observer));
}

}  // namespace v0
}  // namespace tidemark
