#include "crash/recording_env.h"

#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "crash/must.h"
#include "io/relative_name.h"

namespace tidemark::test {
namespace {

absl::Status SyncFailure() { return absl::DataLossError("sync: failed here"); }

class RecordingFile final : public File {
 public:
  RecordingFile(std::unique_ptr<File> base, NodeId node,
                std::shared_ptr<Recording> recording)
      : base_(std::move(base)), node_(node), recording_(std::move(recording)) {}

  absl::StatusOr<size_t> ReadAt(uint64_t position,
                                std::span<std::byte> out) const override {
    return base_->ReadAt(position, out);
  }
  absl::Status WriteAt(uint64_t position,
                       std::span<const std::byte> bytes) override {
    recording_->Boundary();
    TIDEMARK_RETURN_IF_ERROR(base_->WriteAt(position, bytes));
    recording_->journal.Write(node_, position, bytes);
    return absl::OkStatus();
  }
  absl::Status WriteAtV(
      uint64_t position,
      std::span<const std::span<const std::byte>> parts) override {
    recording_->Boundary();
    TIDEMARK_RETURN_IF_ERROR(base_->WriteAtV(position, parts));
    for (const auto part : parts) {
      recording_->journal.Write(node_, position, part);
      position += part.size();
    }
    return absl::OkStatus();
  }
  // The base has no part in it: what is durable stands in the journal.
  absl::Status Sync() override { return NoteSync(); }
  absl::Status SyncAll() override { return NoteSync(); }
  absl::Status Truncate(uint64_t size) override {
    recording_->Boundary();
    TIDEMARK_RETURN_IF_ERROR(base_->Truncate(size));
    recording_->journal.Resize(node_, size);
    return absl::OkStatus();
  }
  absl::Status Allocate(uint64_t position, uint64_t size) override {
    recording_->Boundary();
    TIDEMARK_RETURN_IF_ERROR(base_->Allocate(position, size));
    TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat, base_->Stat());
    recording_->journal.Resize(node_, stat.size);
    return absl::OkStatus();
  }
  absl::StatusOr<uint64_t> NextData(uint64_t position) const override {
    return base_->NextData(position);
  }
  absl::StatusOr<FileStat> Stat() const override { return base_->Stat(); }
  absl::StatusOr<bool> TryLock(uint64_t start, uint64_t length) override {
    return base_->TryLock(start, length);
  }
  absl::Status Unlock(uint64_t start, uint64_t length) override {
    return base_->Unlock(start, length);
  }
  absl::Status Close() override { return base_->Close(); }

 private:
  absl::Status NoteSync() {
    recording_->Boundary(/*is_sync=*/true);
    if (recording_->TakeSyncFailure()) {
      recording_->journal.FailSync(node_);
      return SyncFailure();
    }
    recording_->journal.SyncFile(node_);
    return absl::OkStatus();
  }

  const std::unique_ptr<File> base_;
  const NodeId node_;
  const std::shared_ptr<Recording> recording_;
};

class RecordingDirectory final : public Directory {
 public:
  RecordingDirectory(std::unique_ptr<Directory> base,
                     std::shared_ptr<Recording> recording)
      : base_(std::move(base)), recording_(std::move(recording)) {}

  absl::StatusOr<std::unique_ptr<File>> OpenFile(std::string_view name,
                                                 FileAccess access) override {
    TIDEMARK_ASSIGN_OR_RETURN(auto file, base_->OpenFile(name, access));
    return Wrap(std::move(file));
  }
  absl::StatusOr<std::unique_ptr<File>> CreateFile(
      std::string_view name) override {
    recording_->Boundary();
    TIDEMARK_ASSIGN_OR_RETURN(auto file, base_->CreateFile(name));
    TIDEMARK_RETURN_IF_ERROR(NoteCreated(name, /*is_directory=*/false));
    return Wrap(std::move(file));
  }
  absl::StatusOr<std::unique_ptr<SharedMemory>> CreateSharedMemory(
      std::string_view name, const SharedMemoryOptions& options) override {
    recording_->Boundary();
    TIDEMARK_ASSIGN_OR_RETURN(auto memory,
                              base_->CreateSharedMemory(name, options));
    TIDEMARK_RETURN_IF_ERROR(NoteCreated(name, /*is_directory=*/false));
    return memory;
  }
  absl::StatusOr<std::unique_ptr<SharedMemory>> OpenSharedMemory(
      std::string_view name) override {
    return base_->OpenSharedMemory(name);
  }
  absl::Status CreateDirectory(std::string_view name) override {
    recording_->Boundary();
    TIDEMARK_RETURN_IF_ERROR(base_->CreateDirectory(name));
    return NoteCreated(name, /*is_directory=*/true);
  }
  absl::StatusOr<std::vector<DirectoryEntry>> List(
      std::string_view name) override {
    return base_->List(name);
  }
  absl::StatusOr<FileStat> Stat(std::string_view name) const override {
    return base_->Stat(name);
  }
  absl::Status Rename(std::string_view from, std::string_view to,
                      bool is_replacing) override {
    recording_->Boundary();
    TIDEMARK_ASSIGN_OR_RETURN(const FileStat moved, base_->Stat(from));
    TIDEMARK_RETURN_IF_ERROR(base_->Rename(from, to, is_replacing));
    TIDEMARK_ASSIGN_OR_RETURN(const NodeId from_parent, ParentOf(from));
    TIDEMARK_ASSIGN_OR_RETURN(const NodeId to_parent, ParentOf(to));
    recording_->journal.Rename(
        from_parent, std::string(SplitRelativeName(from).leaf), to_parent,
        std::string(SplitRelativeName(to).leaf), moved.inode);
    return absl::OkStatus();
  }
  absl::Status RemoveFile(std::string_view name) override {
    recording_->Boundary();
    TIDEMARK_RETURN_IF_ERROR(base_->RemoveFile(name));
    return NoteRemoved(name);
  }
  absl::Status RemoveDirectory(std::string_view name) override {
    recording_->Boundary();
    TIDEMARK_RETURN_IF_ERROR(base_->RemoveDirectory(name));
    return NoteRemoved(name);
  }
  absl::Status Sync(std::string_view name) override {
    recording_->Boundary(/*is_sync=*/true);
    if (recording_->TakeSyncFailure()) return SyncFailure();
    TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat, base_->Stat(name));
    recording_->journal.SyncDirectory(stat.inode);
    return absl::OkStatus();
  }
  absl::Status SyncFileSystem() override {
    recording_->Boundary(/*is_sync=*/true);
    recording_->journal.SyncAll();
    return absl::OkStatus();
  }
  absl::StatusOr<uint64_t> FreeBytes() const override {
    return base_->FreeBytes();
  }
  bool is_in_memory() const override { return base_->is_in_memory(); }
  std::string_view path() const override { return base_->path(); }
  std::vector<std::string> Warnings() const override {
    return base_->Warnings();
  }

 private:
  absl::StatusOr<std::unique_ptr<File>> Wrap(std::unique_ptr<File> file) {
    TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat, file->Stat());
    return std::make_unique<RecordingFile>(std::move(file), stat.inode,
                                           recording_);
  }
  absl::StatusOr<NodeId> ParentOf(std::string_view name) const {
    TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat,
                              base_->Stat(SplitRelativeName(name).parent));
    return stat.inode;
  }
  absl::Status NoteCreated(std::string_view name, bool is_directory) {
    TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat, base_->Stat(name));
    TIDEMARK_ASSIGN_OR_RETURN(const NodeId parent, ParentOf(name));
    recording_->journal.Create(
        parent, std::string(std::string(SplitRelativeName(name).leaf)),
        stat.inode, is_directory);
    return absl::OkStatus();
  }
  absl::Status NoteRemoved(std::string_view name) {
    TIDEMARK_ASSIGN_OR_RETURN(const NodeId parent, ParentOf(name));
    recording_->journal.Remove(parent,
                               std::string(SplitRelativeName(name).leaf));
    return absl::OkStatus();
  }

  const std::unique_ptr<Directory> base_;
  const std::shared_ptr<Recording> recording_;
};

void ReadTree(Directory& directory, const std::string& path, NodeId node,
              DiskImage& image) {
  const auto entries = Must(directory.List(path));
  for (const DirectoryEntry& entry : entries) {
    const std::string child =
        path.empty() ? entry.name : path + "/" + entry.name;
    const FileStat stat = Must(directory.Stat(child));
    image.entries(node)[entry.name] = stat.inode;
    if (entry.type == FileType::kDirectory) {
      image.AddDirectory(stat.inode);
      ReadTree(directory, child, stat.inode, image);
      continue;
    }
    FileImage& file = image.MutableFile(stat.inode);
    file.Resize(stat.size);
    const auto opened = Must(directory.OpenFile(child, FileAccess::kReadOnly));
    for (uint64_t at = 0; at < stat.size; at += kSectorSize) {
      std::array<std::byte, kSectorSize> bytes = {};
      Must(opened->ReadAt(at, bytes));
      const SectorRef sector = MakeSector(bytes);
      if (!sector->is_zero) file.Put(at / kSectorSize, sector);
    }
  }
}

}  // namespace

DiskImage ReadImage(MemoryEnv& machine) {
  const auto directory = Must(machine.OpenDirectory("/", false));
  const FileStat stat = Must(directory->Stat(""));
  DiskImage image(stat.inode);
  ReadTree(*directory, "", stat.inode, image);
  return image;
}

absl::StatusOr<std::unique_ptr<Directory>> RecordingEnv::OpenDirectory(
    std::string_view path, bool is_creating) {
  const auto before = machine_.OpenDirectory(path, false);
  TIDEMARK_ASSIGN_OR_RETURN(auto directory,
                            machine_.OpenDirectory(path, is_creating));
  if (!before.ok()) {
    TIDEMARK_ASSIGN_OR_RETURN(const auto root,
                              machine_.OpenDirectory("/", false));
    TIDEMARK_ASSIGN_OR_RETURN(const FileStat root_stat, root->Stat(""));
    TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat, directory->Stat(""));
    recording_->journal.Create(root_stat.inode, std::string(path.substr(1)),
                               stat.inode, /*is_directory=*/true);
    recording_->journal.SyncDirectory(root_stat.inode);
  }
  return std::make_unique<RecordingDirectory>(std::move(directory), recording_);
}

}  // namespace tidemark::test
