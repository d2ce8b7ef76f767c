#include "io/memory_directory.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/guard.h"
#include "base/status_macros.h"
#include "io/errno_status.h"
#include "io/memory_file.h"
#include "io/memory_shared_memory.h"
#include "io/relative_name.h"
#include "io/shared_memory_rules.h"

namespace tidemark {
inline namespace v0 {

MemoryDirectory::MemoryDirectory(std::shared_ptr<MemoryMachine> machine,
                                 MemoryLife life,
                                 std::shared_ptr<MemoryNode> root,
                                 std::string path)
    : machine_(std::move(machine)),
      life_(std::move(life)),
      root_(std::move(root)),
      path_(std::move(path)) {}

absl::StatusOr<std::unique_ptr<File>> MemoryDirectory::OpenFile(
    std::string_view name, FileAccess access) {
  TIDEMARK_ASSIGN_OR_RETURN(NodePointer node, FindFile(name));
  return std::make_unique<MemoryFile>(machine_, life_, std::move(node), access,
                                      PathOf(name));
}

absl::StatusOr<std::unique_ptr<File>> MemoryDirectory::CreateFile(
    std::string_view name) {
  TIDEMARK_ASSIGN_OR_RETURN(NodePointer node, Create(name, FileType::kRegular));
  auto file = Guarded([&]() -> absl::StatusOr<std::unique_ptr<File>> {
    return std::make_unique<MemoryFile>(machine_, life_, std::move(node),
                                        FileAccess::kReadWrite, PathOf(name));
  });
  // Without memory for it there is no file.
  if (!file.ok()) RemoveFile(name).IgnoreError();
  return file;
}

absl::StatusOr<std::unique_ptr<SharedMemory>>
MemoryDirectory::CreateSharedMemory(std::string_view name,
                                    const SharedMemoryOptions& options) {
  TIDEMARK_RETURN_IF_ERROR(CheckSharedMemoryOptions(options));
  TIDEMARK_ASSIGN_OR_RETURN(NodePointer node, Create(name, FileType::kRegular));
  absl::StatusOr<std::unique_ptr<SharedMemory>> memory =
      MemorySharedMemory::Create(machine_, life_, std::move(node), options,
                                 PathOf(name));
  if (!memory.ok()) {
    RemoveFile(name).IgnoreError();  // the error that matters is the first
  }
  return memory;
}

absl::StatusOr<std::unique_ptr<SharedMemory>> MemoryDirectory::OpenSharedMemory(
    std::string_view name) {
  TIDEMARK_ASSIGN_OR_RETURN(NodePointer node, FindFile(name));
  return MemorySharedMemory::Open(machine_, life_, std::move(node),
                                  PathOf(name));
}

absl::Status MemoryDirectory::CreateDirectory(std::string_view name) {
  return Create(name, FileType::kDirectory).status();
}

absl::StatusOr<std::vector<DirectoryEntry>> MemoryDirectory::List(
    std::string_view name) {
  MutexLock lock(machine_->mutex());
  TIDEMARK_ASSIGN_OR_RETURN(const NodePointer node,
                            FindDirectory(name, "list"));
  std::vector<DirectoryEntry> entries;
  entries.reserve(node->entries.size());
  for (const auto& [entry, child] : node->entries) {
    entries.push_back({entry, child->type()});
  }
  return entries;
}

absl::StatusOr<FileStat> MemoryDirectory::Stat(std::string_view name) const {
  TIDEMARK_RETURN_IF_ERROR(CheckDirectoryName(name));
  TIDEMARK_RETURN_IF_ERROR(life_.CheckAlive(path_, "stat"));
  MutexLock lock(machine_->mutex());
  const MemoryLookup found = LookUpName(root_, name);
  if (found.error != 0) return ErrorOf(found.error, name, "stat");
  if (found.node == nullptr) return ErrorOf(ENOENT, name, "stat");
  return found.node->Stat();
}

absl::Status MemoryDirectory::Rename(std::string_view from, std::string_view to,
                                     bool is_replacing) {
  TIDEMARK_RETURN_IF_ERROR(CheckName(from, "rename"));
  TIDEMARK_RETURN_IF_ERROR(CheckName(to, "rename"));
  MutexLock lock(machine_->mutex());
  const int error =
      RenameEntry(LookUpName(root_, from), LookUpName(root_, to), is_replacing);
  if (error == 0) return absl::OkStatus();
  return ErrorOf(error, from, fmt::format("rename to {}", PathOf(to)));
}

absl::Status MemoryDirectory::RemoveFile(std::string_view name) {
  TIDEMARK_RETURN_IF_ERROR(CheckName(name, "remove"));
  MutexLock lock(machine_->mutex());
  const MemoryLookup found = LookUpName(root_, name);
  if (found.error != 0) return ErrorOf(found.error, name, "remove");
  if (found.node == nullptr) return ErrorOf(ENOENT, name, "remove");
  if (found.node->type() == FileType::kDirectory) {
    return ErrorOf(EISDIR, name, "remove");
  }
  found.node->is_linked = false;
  found.parent->entries.erase(found.leaf);
  return absl::OkStatus();
}

absl::Status MemoryDirectory::RemoveDirectory(std::string_view name) {
  TIDEMARK_RETURN_IF_ERROR(CheckName(name, "remove"));
  MutexLock lock(machine_->mutex());
  const MemoryLookup found = LookUpName(root_, name);
  if (found.error != 0) return ErrorOf(found.error, name, "remove");
  if (found.node == nullptr) return ErrorOf(ENOENT, name, "remove");
  if (found.node->type() != FileType::kDirectory) {
    return ErrorOf(ENOTDIR, name, "remove");
  }
  if (!found.node->entries.empty()) return ErrorOf(ENOTEMPTY, name, "remove");
  found.node->is_linked = false;
  found.parent->entries.erase(found.leaf);
  return absl::OkStatus();
}

absl::Status MemoryDirectory::Sync(std::string_view name) {
  MutexLock lock(machine_->mutex());
  TIDEMARK_ASSIGN_OR_RETURN(const NodePointer node,
                            FindDirectory(name, "sync directory"));
  node->SyncEntries();
  return absl::OkStatus();
}

absl::Status MemoryDirectory::SyncFileSystem() {
  TIDEMARK_RETURN_IF_ERROR(life_.CheckAlive(path_, "sync file system"));
  MutexLock lock(machine_->mutex());
  VisitNodes(is_in_memory() ? machine_->shared_memory() : machine_->disk(),
             [](MemoryNode& node) {
               node.content().Sync();
               node.SyncEntries();
             });
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> MemoryDirectory::FreeBytes() const {
  TIDEMARK_RETURN_IF_ERROR(life_.CheckAlive(path_, "stat file system"));
  MutexLock lock(machine_->mutex());
  const uint64_t capacity = root_->space()->capacity;
  const uint64_t used = root_->space()->used;
  return capacity - std::min(capacity, used);
}

bool MemoryDirectory::is_in_memory() const {
  return machine_->IsOnSharedMemory(root_);
}

std::string MemoryDirectory::PathOf(std::string_view name) const {
  if (name.empty()) return path_;
  return fmt::format("{}/{}", path_, name);
}

absl::Status MemoryDirectory::ErrorOf(int error, std::string_view name,
                                      std::string_view action) const {
  return ErrnoStatus(error, fmt::format("{}: {}", PathOf(name), action));
}

absl::Status MemoryDirectory::CheckName(std::string_view name,
                                        std::string_view action) const {
  TIDEMARK_RETURN_IF_ERROR(CheckRelativeName(name));
  return life_.CheckAlive(path_, action);
}

absl::StatusOr<MemoryDirectory::NodePointer> MemoryDirectory::FindFile(
    std::string_view name) {
  TIDEMARK_RETURN_IF_ERROR(CheckName(name, "open"));
  MutexLock lock(machine_->mutex());
  MemoryLookup found = LookUpName(root_, name);
  if (found.error != 0) return ErrorOf(found.error, name, "open");
  if (found.node == nullptr) return ErrorOf(ENOENT, name, "open");
  if (found.node->type() != FileType::kRegular) {
    return absl::FailedPreconditionError(
        fmt::format("{}: open: not a regular file", PathOf(name)));
  }
  return std::move(found.node);
}

absl::StatusOr<MemoryDirectory::NodePointer> MemoryDirectory::FindDirectory(
    std::string_view name, std::string_view action) {
  TIDEMARK_RETURN_IF_ERROR(CheckDirectoryName(name));
  TIDEMARK_RETURN_IF_ERROR(life_.CheckAlive(path_, action));
  MemoryLookup found = LookUpName(root_, name);
  if (found.error != 0) return ErrorOf(found.error, name, action);
  if (found.node == nullptr) return ErrorOf(ENOENT, name, action);
  if (found.node->type() != FileType::kDirectory) {
    return ErrorOf(ENOTDIR, name, action);
  }
  return std::move(found.node);
}

absl::StatusOr<MemoryDirectory::NodePointer> MemoryDirectory::Create(
    std::string_view name, FileType type) {
  TIDEMARK_RETURN_IF_ERROR(CheckName(name, "create"));
  MutexLock lock(machine_->mutex());
  const MemoryLookup found = LookUpName(root_, name);
  if (found.error != 0) return ErrorOf(found.error, name, "create");
  if (found.node != nullptr) return ErrorOf(EEXIST, name, "create");
  if (!found.parent->is_linked) return ErrorOf(ENOENT, name, "create");
  NodePointer node = machine_->NewNode(type, *found.parent);
  found.parent->entries.emplace(found.leaf, node);
  return node;
}

}  // namespace v0
}  // namespace tidemark
