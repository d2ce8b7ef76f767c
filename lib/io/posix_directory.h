#ifndef TIDEMARK_LIB_IO_POSIX_DIRECTORY_H_
#define TIDEMARK_LIB_IO_POSIX_DIRECTORY_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "io/descriptor.h"
#include "io/file_system_kind.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// A directory tree of the system.
//
// The descriptor refers to the same directory for ever; no path is resolved a
// second time. Nothing is decided by a name and then done by the name again.
//
// Thread-safe: constant after construction. Owns the descriptor.
class PosixDirectory final : public Directory {
 public:
  // `descriptor` is open for reading; `path` is for messages.
  static absl::StatusOr<std::unique_ptr<PosixDirectory>> Adopt(
      Descriptor descriptor, std::string path);

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
  bool is_in_memory() const override { return kind_.is_in_memory; }
  std::string_view path() const override { return path_; }
  std::vector<std::string> Warnings() const override;

 private:
  // The directory that holds a name: borrowed if it is the root.
  struct Parent {
    int descriptor = -1;
    Descriptor owned;
    std::string leaf;
  };

  PosixDirectory(Descriptor descriptor, std::string path, FileSystemKind kind);

  std::string PathOf(std::string_view name) const;
  absl::StatusOr<Parent> OpenParent(std::string_view name,
                                    std::string_view action) const;
  absl::StatusOr<Descriptor> OpenDirectory(std::string_view name,
                                           std::string_view action) const;
  absl::StatusOr<Descriptor> OpenTrusted(std::string_view name,
                                         FileAccess access) const;
  absl::StatusOr<Descriptor> CreateExclusive(std::string_view name);
  absl::Status Remove(std::string_view name, int flags);

  const Descriptor descriptor_;
  const std::string path_;
  const FileSystemKind kind_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_POSIX_DIRECTORY_H_
