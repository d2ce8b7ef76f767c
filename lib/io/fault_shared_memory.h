#ifndef TIDEMARK_LIB_IO_FAULT_SHARED_MEMORY_H_
#define TIDEMARK_LIB_IO_FAULT_SHARED_MEMORY_H_

#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "io/fault_plan.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// Shared memory whose calls go through a FaultPlan; access to the bytes does
// not. Thread-safe as the memory below it, which it owns.
class FaultSharedMemory final : public SharedMemory {
 public:
  FaultSharedMemory(std::shared_ptr<FaultPlan> plan,
                    std::unique_ptr<SharedMemory> base, std::string name);

  std::span<const std::byte> bytes() const override;
  std::span<std::byte> mutable_bytes() override;
  uint64_t reserved_size() const override;
  absl::Status Grow(uint64_t size) override;
  absl::Status Release(uint64_t position, uint64_t size) override;
  absl::Status Reserve(uint64_t position, uint64_t size) override;
  absl::StatusOr<size_t> ReadAt(uint64_t position,
                                std::span<std::byte> out) const override;
  absl::StatusOr<FileStat> Stat() const override;
  absl::StatusOr<bool> TryLock() override;

 private:
  EnvCallRecord RecordOf(EnvCall kind, uint64_t position = 0,
                         uint64_t size = 0) const;

  const std::shared_ptr<FaultPlan> plan_;
  const std::unique_ptr<SharedMemory> base_;
  const std::string name_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_FAULT_SHARED_MEMORY_H_
