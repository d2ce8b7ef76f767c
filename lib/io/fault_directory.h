#ifndef TIDEMARK_LIB_IO_FAULT_DIRECTORY_H_
#define TIDEMARK_LIB_IO_FAULT_DIRECTORY_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "io/fault_plan.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// A directory whose calls, and those of what it opens, go through a FaultPlan.
// Thread-safe; owns the directory below it.
class FaultDirectory final : public Directory {
 public:
  FaultDirectory(std::shared_ptr<FaultPlan> plan,
                 std::unique_ptr<Directory> base);

  absl::StatusOr<std::unique_ptr<File>> OpenFile(std::string_view name,
                                                 FileAccess access) override;
  absl::StatusOr<std::unique_ptr<File>> CreateFile(
      std::string_view name) override;
  absl::StatusOr<std::unique_ptr<SharedMemory>> CreateSharedMemory(
      std::string_view name, const SharedMemoryOptions& options) override;
  absl::StatusOr<std::unique_ptr<SharedMemory>> OpenSharedMemory(
      std::string_view name) override;
  absl::Status CreateDirectory(std::string_view name) override;
  absl::StatusOr<std::vector<DirectoryEntry>> List(
      std::string_view name) override;
  absl::StatusOr<FileStat> Stat(std::string_view name) const override;
  absl::Status Rename(std::string_view from, std::string_view to,
                      bool is_replacing) override;
  absl::Status RemoveFile(std::string_view name) override;
  absl::Status RemoveDirectory(std::string_view name) override;
  absl::Status Sync(std::string_view name) override;
  absl::Status SyncFileSystem() override;
  absl::StatusOr<uint64_t> FreeBytes() const override;
  bool is_in_memory() const override { return base_->is_in_memory(); }
  std::string_view path() const override { return base_->path(); }
  std::vector<std::string> Warnings() const override {
    return base_->Warnings();
  }

 private:
  static EnvCallRecord RecordOf(EnvCall kind, std::string_view name);

  const std::shared_ptr<FaultPlan> plan_;
  const std::unique_ptr<Directory> base_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_FAULT_DIRECTORY_H_
