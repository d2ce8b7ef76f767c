#ifndef TIDEMARK_LIB_IO_FAULT_FILE_H_
#define TIDEMARK_LIB_IO_FAULT_FILE_H_

#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "io/fault_plan.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// A file whose calls go through a FaultPlan.
//
// Thread-safe as the file below it, which it owns. The destructor closes
// without a call in the log.
class FaultFile final : public File {
 public:
  FaultFile(std::shared_ptr<FaultPlan> plan, std::unique_ptr<File> base,
            std::string name);

  absl::StatusOr<size_t> ReadAt(uint64_t position,
                                std::span<std::byte> out) const override;
  absl::Status WriteAt(uint64_t position,
                       std::span<const std::byte> bytes) override;
  absl::Status WriteAtV(
      uint64_t position,
      std::span<const std::span<const std::byte>> parts) override;
  absl::Status Sync() override;
  absl::Status SyncAll() override;
  absl::Status Truncate(uint64_t size) override;
  absl::Status Allocate(uint64_t position, uint64_t size) override;
  absl::StatusOr<uint64_t> NextData(uint64_t position) const override;
  absl::StatusOr<FileStat> Stat() const override;
  absl::StatusOr<bool> TryLock(uint64_t start, uint64_t length) override;
  absl::Status Unlock(uint64_t start, uint64_t length) override;
  absl::Status Close() override;

 private:
  EnvCallRecord RecordOf(EnvCall kind, uint64_t position = 0,
                         uint64_t size = 0) const;

  const std::shared_ptr<FaultPlan> plan_;
  const std::unique_ptr<File> base_;
  const std::string name_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_FAULT_FILE_H_
