#include "tidemark/testing/memory_env.h"

#include <fmt/core.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "io/errno_status.h"
#include "io/memory_directory.h"
#include "io/memory_machine.h"
#include "io/relative_name.h"

namespace tidemark {
inline namespace v0 {
namespace {

// The path as a name below "/": empty components and "." are left out. Relative
// paths start at "/", too.
absl::StatusOr<std::string> NameOfMemoryPath(std::string_view path) {
  if (path.empty()) return absl::InvalidArgumentError("directory path: empty");
  std::string name;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view component = path.substr(0, slash);
    if (!component.empty() && component != ".") {
      if (!name.empty()) name += '/';
      name += component;
    }
    path = slash == std::string_view::npos ? "" : path.substr(slash + 1);
  }
  TIDEMARK_RETURN_IF_ERROR(CheckDirectoryName(name));
  return name;
}

}  // namespace

MemoryEnv::MemoryEnv(uint64_t seed)
    : MemoryEnv(std::make_shared<MemoryMachine>(seed)) {}

MemoryEnv::MemoryEnv(std::shared_ptr<MemoryMachine> machine)
    : machine_(std::move(machine)), process_(machine_->StartProcess()) {}

MemoryEnv::~MemoryEnv() = default;

absl::StatusOr<std::unique_ptr<Directory>> MemoryEnv::OpenDirectory(
    std::string_view path, bool is_creating) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::string name, NameOfMemoryPath(path));
  if (std::string_view(name) == MemoryMachine::kSharedMemoryPath.substr(1)) {
    return OpenSharedMemoryDirectory("");
  }
  MutexLock lock(machine_->mutex());
  MemoryLookup found = LookUpName(machine_->disk(), name);
  const auto error = [&](int number) {
    return ErrnoStatus(number, fmt::format("{}: open directory", path));
  };
  if (found.error != 0) return error(found.error);
  if (found.node == nullptr) {
    if (!is_creating) return error(ENOENT);
    found.node = machine_->NewNode(FileType::kDirectory, *found.parent);
    found.parent->entries.emplace(found.leaf, found.node);
  }
  if (found.node->type() != FileType::kDirectory) return error(ENOTDIR);
  if (is_creating && found.parent != nullptr) found.parent->SyncEntries();
  return std::make_unique<MemoryDirectory>(
      machine_, MemoryLife(process_), std::move(found.node), std::string(path));
}

absl::StatusOr<std::unique_ptr<Directory>> MemoryEnv::OpenSharedMemoryDirectory(
    std::string_view path) {
  if (!path.empty() && path != MemoryMachine::kSharedMemoryPath) {
    return OpenDirectory(path, false);
  }
  path = MemoryMachine::kSharedMemoryPath;
  if (!has_shared_memory_) {
    return ErrnoStatus(ENOENT, fmt::format("{}: open directory", path));
  }
  return std::make_unique<MemoryDirectory>(machine_, MemoryLife(process_),
                                           machine_->shared_memory(),
                                           std::string(path));
}

absl::StatusOr<std::string> MemoryEnv::BootId() { return machine_->BootId(); }

bool MemoryEnv::IsInInitialPidNamespace() {
  return is_in_initial_pid_namespace_;
}

absl::Status MemoryEnv::FillRandom(std::span<std::byte> out) {
  machine_->FillRandom(out);
  return absl::OkStatus();
}

std::unique_ptr<MemoryEnv> MemoryEnv::StartProcess() const {
  return std::unique_ptr<MemoryEnv>(new MemoryEnv(machine_));
}

void MemoryEnv::AbandonLocks() { machine_->EndProcess(*process_); }

void MemoryEnv::DropUnsynced() { machine_->LosePower(); }

void MemoryEnv::LoseSharedMemory() { machine_->LoseSharedMemory(); }

std::unique_ptr<MemoryEnv> MemoryEnv::CopyCurrent() const {
  return std::unique_ptr<MemoryEnv>(new MemoryEnv(machine_->Copy()));
}

std::unique_ptr<MemoryEnv> MemoryEnv::CopyDurable() const {
  std::unique_ptr<MemoryEnv> copy = CopyCurrent();
  copy->DropUnsynced();
  return copy;
}

void MemoryEnv::SetCapacity(uint64_t capacity) {
  machine_->disk()->space()->capacity = capacity;
}

void MemoryEnv::SetSharedMemoryCapacity(uint64_t capacity) {
  machine_->shared_memory()->space()->capacity = capacity;
}

void MemoryEnv::SetSharedMemoryAvailable(bool is_available) {
  has_shared_memory_ = is_available;
}

void MemoryEnv::SetInInitialPidNamespace(bool is_initial) {
  is_in_initial_pid_namespace_ = is_initial;
}

}  // namespace v0
}  // namespace tidemark
