#include "faults/site_env.h"

#include <utility>

#include "base/status_macros.h"

// The address behind a call into an override is that of the library, for the
// library knows these classes only by their interfaces.
#define TIDEMARK_NOTE_SITE() \
  const InEnv in_env(*log_, __builtin_return_address(0))

namespace tidemark::test {
namespace {

// The time of a call.
class InEnv {
 public:
  InEnv(SiteLog& log, const void* address) : log_(log) {
    if (log_.on_enter != nullptr) log_.on_enter();
    if (address != nullptr) log_.Note(address);
  }
  ~InEnv() {
    if (log_.on_leave != nullptr) log_.on_leave();
  }

  InEnv(const InEnv&) = delete;
  InEnv& operator=(const InEnv&) = delete;

 private:
  SiteLog& log_;
};

// Counts what is open, as long as it lives.
class OpenCount {
 public:
  explicit OpenCount(SiteLog& log) : log_(log) { ++log_.open_count; }
  ~OpenCount() { --log_.open_count; }

  OpenCount(const OpenCount&) = delete;
  OpenCount& operator=(const OpenCount&) = delete;

 private:
  SiteLog& log_;
};

class SiteFile final : public File {
 public:
  SiteFile(std::unique_ptr<File> base, std::shared_ptr<SiteLog> log)
      : base_(std::move(base)), log_(std::move(log)), count_(*log_) {}
  ~SiteFile() override {
    const InEnv in_env(*log_, nullptr);
    base_.reset();
  }

  absl::StatusOr<size_t> ReadAt(uint64_t position,
                                std::span<std::byte> out) const override {
    TIDEMARK_NOTE_SITE();
    return std::as_const(*base_).ReadAt(position, out);
  }
  absl::Status WriteAt(uint64_t position,
                       std::span<const std::byte> bytes) override {
    TIDEMARK_NOTE_SITE();
    return base_->WriteAt(position, bytes);
  }
  absl::Status WriteAtV(
      uint64_t position,
      std::span<const std::span<const std::byte>> parts) override {
    TIDEMARK_NOTE_SITE();
    return base_->WriteAtV(position, parts);
  }
  absl::Status Sync() override {
    TIDEMARK_NOTE_SITE();
    return base_->Sync();
  }
  absl::Status SyncAll() override {
    TIDEMARK_NOTE_SITE();
    return base_->SyncAll();
  }
  absl::Status Truncate(uint64_t size) override {
    TIDEMARK_NOTE_SITE();
    return base_->Truncate(size);
  }
  absl::Status Allocate(uint64_t position, uint64_t size) override {
    TIDEMARK_NOTE_SITE();
    return base_->Allocate(position, size);
  }
  absl::StatusOr<uint64_t> NextData(uint64_t position) const override {
    TIDEMARK_NOTE_SITE();
    return std::as_const(*base_).NextData(position);
  }
  absl::StatusOr<FileStat> Stat() const override {
    TIDEMARK_NOTE_SITE();
    return std::as_const(*base_).Stat();
  }
  absl::StatusOr<bool> TryLock(uint64_t start, uint64_t length) override {
    TIDEMARK_NOTE_SITE();
    return base_->TryLock(start, length);
  }
  absl::Status Unlock(uint64_t start, uint64_t length) override {
    TIDEMARK_NOTE_SITE();
    return base_->Unlock(start, length);
  }
  absl::Status Close() override {
    TIDEMARK_NOTE_SITE();
    return base_->Close();
  }

 private:
  std::unique_ptr<File> base_;
  const std::shared_ptr<SiteLog> log_;
  const OpenCount count_;
};

class SiteSharedMemory final : public SharedMemory {
 public:
  SiteSharedMemory(std::unique_ptr<SharedMemory> base,
                   std::shared_ptr<SiteLog> log)
      : base_(std::move(base)), log_(std::move(log)), count_(*log_) {}
  ~SiteSharedMemory() override {
    const InEnv in_env(*log_, nullptr);
    base_.reset();
  }

  absl::Status Grow(uint64_t size) override {
    TIDEMARK_NOTE_SITE();
    return base_->Grow(size);
  }
  absl::Status Release(uint64_t position, uint64_t size) override {
    TIDEMARK_NOTE_SITE();
    return base_->Release(position, size);
  }
  absl::Status Reserve(uint64_t position, uint64_t size) override {
    TIDEMARK_NOTE_SITE();
    return base_->Reserve(position, size);
  }
  absl::StatusOr<size_t> ReadAt(uint64_t position,
                                std::span<std::byte> out) const override {
    TIDEMARK_NOTE_SITE();
    return std::as_const(*base_).ReadAt(position, out);
  }
  absl::StatusOr<FileStat> Stat() const override {
    TIDEMARK_NOTE_SITE();
    return std::as_const(*base_).Stat();
  }
  absl::StatusOr<bool> TryLock() override {
    TIDEMARK_NOTE_SITE();
    return base_->TryLock();
  }
  std::span<const std::byte> bytes() const override {
    return std::as_const(*base_).bytes();
  }
  std::span<std::byte> mutable_bytes() override {
    return base_->mutable_bytes();
  }
  uint64_t reserved_size() const override { return base_->reserved_size(); }

 private:
  std::unique_ptr<SharedMemory> base_;
  const std::shared_ptr<SiteLog> log_;
  const OpenCount count_;
};

class SiteDirectory final : public Directory {
 public:
  SiteDirectory(std::unique_ptr<Directory> base, std::shared_ptr<SiteLog> log)
      : base_(std::move(base)), log_(std::move(log)), count_(*log_) {}
  ~SiteDirectory() override {
    const InEnv in_env(*log_, nullptr);
    base_.reset();
  }

  absl::Status CreateDirectory(std::string_view name) override {
    TIDEMARK_NOTE_SITE();
    return base_->CreateDirectory(name);
  }
  absl::StatusOr<std::vector<DirectoryEntry>> List(
      std::string_view name) override {
    TIDEMARK_NOTE_SITE();
    return base_->List(name);
  }
  absl::StatusOr<FileStat> Stat(std::string_view name) const override {
    TIDEMARK_NOTE_SITE();
    return std::as_const(*base_).Stat(name);
  }
  absl::Status Rename(std::string_view from, std::string_view to,
                      bool is_replacing) override {
    TIDEMARK_NOTE_SITE();
    return base_->Rename(from, to, is_replacing);
  }
  absl::Status RemoveFile(std::string_view name) override {
    TIDEMARK_NOTE_SITE();
    return base_->RemoveFile(name);
  }
  absl::Status RemoveDirectory(std::string_view name) override {
    TIDEMARK_NOTE_SITE();
    return base_->RemoveDirectory(name);
  }
  absl::Status Sync(std::string_view name) override {
    TIDEMARK_NOTE_SITE();
    return base_->Sync(name);
  }
  absl::Status SyncFileSystem() override {
    TIDEMARK_NOTE_SITE();
    return base_->SyncFileSystem();
  }
  absl::StatusOr<uint64_t> FreeBytes() const override {
    TIDEMARK_NOTE_SITE();
    return std::as_const(*base_).FreeBytes();
  }
  absl::StatusOr<std::unique_ptr<File>> OpenFile(std::string_view name,
                                                 FileAccess access) override {
    TIDEMARK_NOTE_SITE();
    TIDEMARK_ASSIGN_OR_RETURN(auto opened, base_->OpenFile(name, access));
    return std::make_unique<SiteFile>(std::move(opened), log_);
  }
  absl::StatusOr<std::unique_ptr<File>> CreateFile(
      std::string_view name) override {
    TIDEMARK_NOTE_SITE();
    TIDEMARK_ASSIGN_OR_RETURN(auto opened, base_->CreateFile(name));
    return std::make_unique<SiteFile>(std::move(opened), log_);
  }
  absl::StatusOr<std::unique_ptr<SharedMemory>> CreateSharedMemory(
      std::string_view name, const SharedMemoryOptions& options) override {
    TIDEMARK_NOTE_SITE();
    TIDEMARK_ASSIGN_OR_RETURN(auto opened,
                              base_->CreateSharedMemory(name, options));
    return std::make_unique<SiteSharedMemory>(std::move(opened), log_);
  }
  absl::StatusOr<std::unique_ptr<SharedMemory>> OpenSharedMemory(
      std::string_view name) override {
    TIDEMARK_NOTE_SITE();
    TIDEMARK_ASSIGN_OR_RETURN(auto opened, base_->OpenSharedMemory(name));
    return std::make_unique<SiteSharedMemory>(std::move(opened), log_);
  }
  bool is_in_memory() const override { return base_->is_in_memory(); }
  std::string_view path() const override { return base_->path(); }
  std::vector<std::string> Warnings() const override {
    return base_->Warnings();
  }

 private:
  std::unique_ptr<Directory> base_;
  const std::shared_ptr<SiteLog> log_;
  const OpenCount count_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Directory>> SiteEnv::OpenDirectory(
    std::string_view path, bool is_creating) {
  TIDEMARK_NOTE_SITE();
  TIDEMARK_ASSIGN_OR_RETURN(auto opened,
                            base_.OpenDirectory(path, is_creating));
  return std::make_unique<SiteDirectory>(std::move(opened), log_);
}

absl::StatusOr<std::unique_ptr<Directory>> SiteEnv::OpenSharedMemoryDirectory(
    std::string_view path) {
  TIDEMARK_NOTE_SITE();
  TIDEMARK_ASSIGN_OR_RETURN(auto opened, base_.OpenSharedMemoryDirectory(path));
  return std::make_unique<SiteDirectory>(std::move(opened), log_);
}

absl::StatusOr<std::string> SiteEnv::BootId() {
  TIDEMARK_NOTE_SITE();
  return base_.BootId();
}

absl::Status SiteEnv::FillRandom(std::span<std::byte> out) {
  TIDEMARK_NOTE_SITE();
  return base_.FillRandom(out);
}

}  // namespace tidemark::test
