#include "io/fault_shared_memory.h"

#include <utility>

namespace tidemark {
inline namespace v0 {

FaultSharedMemory::FaultSharedMemory(std::shared_ptr<FaultPlan> plan,
                                     std::unique_ptr<SharedMemory> base,
                                     std::string name)
    : plan_(std::move(plan)), base_(std::move(base)), name_(std::move(name)) {}

std::span<const std::byte> FaultSharedMemory::bytes() const {
  return std::as_const(*base_).bytes();
}

std::span<std::byte> FaultSharedMemory::mutable_bytes() {
  return base_->mutable_bytes();
}

uint64_t FaultSharedMemory::reserved_size() const {
  return base_->reserved_size();
}

absl::Status FaultSharedMemory::Grow(uint64_t size) {
  return plan_->Run(RecordOf(EnvCall::kGrow, size),
                    [&] { return base_->Grow(size); });
}

absl::Status FaultSharedMemory::Release(uint64_t position, uint64_t size) {
  return plan_->Run(RecordOf(EnvCall::kRelease, position, size),
                    [&] { return base_->Release(position, size); });
}

absl::Status FaultSharedMemory::Reserve(uint64_t position, uint64_t size) {
  return plan_->Run(RecordOf(EnvCall::kReserve, position, size),
                    [&] { return base_->Reserve(position, size); });
}

absl::StatusOr<size_t> FaultSharedMemory::ReadAt(
    uint64_t position, std::span<std::byte> out) const {
  return plan_->Run(RecordOf(EnvCall::kReadMemory, position, out.size()),
                    [&] { return base_->ReadAt(position, out); });
}

absl::StatusOr<FileStat> FaultSharedMemory::Stat() const {
  return plan_->Run(RecordOf(EnvCall::kStatMemory),
                    [&] { return base_->Stat(); });
}

absl::StatusOr<bool> FaultSharedMemory::TryLock() {
  return plan_->Run(RecordOf(EnvCall::kLockMemory),
                    [&] { return base_->TryLock(); });
}

EnvCallRecord FaultSharedMemory::RecordOf(EnvCall kind, uint64_t position,
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
