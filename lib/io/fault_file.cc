#include "io/fault_file.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "io/transfer.h"

namespace tidemark {
inline namespace v0 {
namespace {

// The first `size` bytes of the parts.
std::vector<std::span<const std::byte>> FirstBytes(
    std::span<const std::span<const std::byte>> parts, uint64_t size) {
  std::vector<std::span<const std::byte>> first;
  for (const std::span<const std::byte> part : parts) {
    if (size == 0) break;
    first.push_back(part.first(std::min<uint64_t>(part.size(), size)));
    size -= first.back().size();
  }
  return first;
}

}  // namespace

FaultFile::FaultFile(std::shared_ptr<FaultPlan> plan,
                     std::unique_ptr<File> base, std::string name)
    : plan_(std::move(plan)), base_(std::move(base)), name_(std::move(name)) {}

absl::StatusOr<size_t> FaultFile::ReadAt(uint64_t position,
                                         std::span<std::byte> out) const {
  const EnvCallRecord record = RecordOf(EnvCall::kRead, position, out.size());
  const FaultPlan::Decision decision = plan_->Begin(record);
  absl::StatusOr<size_t> result = 0;
  if (decision.is_injected && decision.short_size.has_value()) {
    out = out.first(std::min<uint64_t>(out.size(), *decision.short_size));
  }
  if (decision.is_injected && decision.error != 0) {
    result = FaultPlan::StatusOf(decision, record);
  } else {
    result = base_->ReadAt(position, out);
  }
  plan_->End(decision, result.status().code());
  return result;
}

absl::Status FaultFile::WriteAt(uint64_t position,
                                std::span<const std::byte> bytes) {
  const std::span<const std::byte> parts[] = {bytes};
  return WriteAtV(position, parts);
}

absl::Status FaultFile::WriteAtV(
    uint64_t position, std::span<const std::span<const std::byte>> parts) {
  const EnvCallRecord record =
      RecordOf(EnvCall::kWrite, position, TotalSize(parts));
  const FaultPlan::Decision decision = plan_->Begin(record);
  absl::Status status;
  if (!decision.is_injected) {
    status = base_->WriteAtV(position, parts);
  } else {
    const uint64_t size =
        decision.takes_effect ? record.size : decision.short_size.value_or(0);
    if (size > 0) {
      // The injected error stands in for what the base returns.
      base_->WriteAtV(position, FirstBytes(parts, size)).IgnoreError();
    }
    status = FaultPlan::StatusOf(decision, record);
  }
  plan_->End(decision, status.code());
  return status;
}

absl::Status FaultFile::Sync() {
  return plan_->Run(RecordOf(EnvCall::kSync), [&] { return base_->Sync(); });
}

absl::Status FaultFile::SyncAll() {
  return plan_->Run(RecordOf(EnvCall::kSyncAll),
                    [&] { return base_->SyncAll(); });
}

absl::Status FaultFile::Truncate(uint64_t size) {
  return plan_->Run(RecordOf(EnvCall::kTruncate, size),
                    [&] { return base_->Truncate(size); });
}

absl::Status FaultFile::Allocate(uint64_t position, uint64_t size) {
  return plan_->Run(RecordOf(EnvCall::kAllocate, position, size),
                    [&] { return base_->Allocate(position, size); });
}

absl::StatusOr<uint64_t> FaultFile::NextData(uint64_t position) const {
  return plan_->Run(RecordOf(EnvCall::kNextData, position),
                    [&] { return base_->NextData(position); });
}

absl::StatusOr<FileStat> FaultFile::Stat() const {
  return plan_->Run(RecordOf(EnvCall::kStatFile),
                    [&] { return base_->Stat(); });
}

absl::StatusOr<bool> FaultFile::TryLock(uint64_t start, uint64_t length) {
  return plan_->Run(RecordOf(EnvCall::kLock, start, length),
                    [&] { return base_->TryLock(start, length); });
}

absl::Status FaultFile::Unlock(uint64_t start, uint64_t length) {
  return plan_->Run(RecordOf(EnvCall::kUnlock, start, length),
                    [&] { return base_->Unlock(start, length); });
}

absl::Status FaultFile::Close() {
  return plan_->Run(RecordOf(EnvCall::kClose), [&] { return base_->Close(); });
}

EnvCallRecord FaultFile::RecordOf(EnvCall kind, uint64_t position,
                                  uint64_t size) const {
  EnvCallRecord record;
  record.kind = kind;
  record.name = name_;
  record.position = position;
  record.size = size;
  return record;
}

}  // namespace v0
}  // namespace tidemark
