#ifndef TIDEMARK_LIB_IO_MEMORY_DIRECTORY_H_
#define TIDEMARK_LIB_IO_MEMORY_DIRECTORY_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "io/memory_machine.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// A directory tree of a machine in memory, open in one of its processes.
//
// Thread-safe: one mutex for the whole machine. Shares machine, process and
// node. No call but Sync and SyncFileSystem makes anything durable.
class MemoryDirectory final : public Directory {
 public:
  MemoryDirectory(std::shared_ptr<MemoryMachine> machine, MemoryLife life,
                  std::shared_ptr<MemoryNode> root, std::string path);

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
  bool is_in_memory() const override;
  std::string_view path() const override { return path_; }
  std::vector<std::string> Warnings() const override { return {}; }

 private:
  using NodePointer = std::shared_ptr<MemoryNode>;

  std::string PathOf(std::string_view name) const;
  absl::Status ErrorOf(int error, std::string_view name,
                       std::string_view action) const;
  absl::Status CheckName(std::string_view name, std::string_view action) const;

  // The file `name`, which is regular.
  absl::StatusOr<NodePointer> FindFile(std::string_view name);
  // The directory `name`, or the root.
  absl::StatusOr<NodePointer> FindDirectory(std::string_view name,
                                            std::string_view action)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(machine_->mutex());
  // A new node linked as `name`.
  absl::StatusOr<NodePointer> Create(std::string_view name, FileType type);

  const std::shared_ptr<MemoryMachine> machine_;
  const MemoryLife life_;
  const NodePointer root_;
  const std::string path_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_MEMORY_DIRECTORY_H_
