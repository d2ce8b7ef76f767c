#include "io/fault_directory.h"

#include <utility>

#include "base/status_macros.h"
#include "io/fault_file.h"
#include "io/fault_shared_memory.h"

namespace tidemark {
inline namespace v0 {

FaultDirectory::FaultDirectory(std::shared_ptr<FaultPlan> plan,
                               std::unique_ptr<Directory> base)
    : plan_(std::move(plan)), base_(std::move(base)) {}

absl::StatusOr<std::unique_ptr<File>> FaultDirectory::OpenFile(
    std::string_view name, FileAccess access) {
  TIDEMARK_ASSIGN_OR_RETURN(std::unique_ptr<File> file,
                            plan_->Run(RecordOf(EnvCall::kOpenFile, name), [&] {
                              return base_->OpenFile(name, access);
                            }));
  return std::make_unique<FaultFile>(plan_, std::move(file), std::string(name));
}

absl::StatusOr<std::unique_ptr<File>> FaultDirectory::CreateFile(
    std::string_view name) {
  TIDEMARK_ASSIGN_OR_RETURN(
      std::unique_ptr<File> file,
      plan_->Run(RecordOf(EnvCall::kCreateFile, name),
                 [&] { return base_->CreateFile(name); }));
  return std::make_unique<FaultFile>(plan_, std::move(file), std::string(name));
}

absl::StatusOr<std::unique_ptr<SharedMemory>>
FaultDirectory::CreateSharedMemory(std::string_view name,
                                   const SharedMemoryOptions& options) {
  EnvCallRecord record = RecordOf(EnvCall::kCreateSharedMemory, name);
  record.size = options.reserved_size;
  TIDEMARK_ASSIGN_OR_RETURN(std::unique_ptr<SharedMemory> memory,
                            plan_->Run(record, [&] {
                              return base_->CreateSharedMemory(name, options);
                            }));
  return std::make_unique<FaultSharedMemory>(plan_, std::move(memory),
                                             std::string(name));
}

absl::StatusOr<std::unique_ptr<SharedMemory>> FaultDirectory::OpenSharedMemory(
    std::string_view name) {
  TIDEMARK_ASSIGN_OR_RETURN(
      std::unique_ptr<SharedMemory> memory,
      plan_->Run(RecordOf(EnvCall::kOpenSharedMemory, name),
                 [&] { return base_->OpenSharedMemory(name); }));
  return std::make_unique<FaultSharedMemory>(plan_, std::move(memory),
                                             std::string(name));
}

absl::Status FaultDirectory::CreateDirectory(std::string_view name) {
  return plan_->Run(RecordOf(EnvCall::kCreateDirectory, name),
                    [&] { return base_->CreateDirectory(name); });
}

absl::StatusOr<std::vector<DirectoryEntry>> FaultDirectory::List(
    std::string_view name) {
  return plan_->Run(RecordOf(EnvCall::kList, name),
                    [&] { return base_->List(name); });
}

absl::StatusOr<FileStat> FaultDirectory::Stat(std::string_view name) const {
  return plan_->Run(RecordOf(EnvCall::kStatName, name),
                    [&] { return std::as_const(*base_).Stat(name); });
}

absl::Status FaultDirectory::Rename(std::string_view from, std::string_view to,
                                    bool is_replacing) {
  EnvCallRecord record = RecordOf(EnvCall::kRename, from);
  record.new_name = to;
  return plan_->Run(record,
                    [&] { return base_->Rename(from, to, is_replacing); });
}

absl::Status FaultDirectory::RemoveFile(std::string_view name) {
  return plan_->Run(RecordOf(EnvCall::kRemoveFile, name),
                    [&] { return base_->RemoveFile(name); });
}

absl::Status FaultDirectory::RemoveDirectory(std::string_view name) {
  return plan_->Run(RecordOf(EnvCall::kRemoveDirectory, name),
                    [&] { return base_->RemoveDirectory(name); });
}

absl::Status FaultDirectory::Sync(std::string_view name) {
  return plan_->Run(RecordOf(EnvCall::kSyncDirectory, name),
                    [&] { return base_->Sync(name); });
}

absl::Status FaultDirectory::SyncFileSystem() {
  return plan_->Run(RecordOf(EnvCall::kSyncFileSystem, ""),
                    [&] { return base_->SyncFileSystem(); });
}

absl::StatusOr<uint64_t> FaultDirectory::FreeBytes() const {
  return plan_->Run(RecordOf(EnvCall::kFreeBytes, ""),
                    [&] { return base_->FreeBytes(); });
}

EnvCallRecord FaultDirectory::RecordOf(EnvCall kind, std::string_view name) {
  EnvCallRecord record;
  record.kind = kind;
  record.name = name;
  return record;
}

}  // namespace v0
}  // namespace tidemark
