#ifndef TIDEMARK_LIB_IO_MEMORY_FILE_H_
#define TIDEMARK_LIB_IO_MEMORY_FILE_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "io/memory_machine.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// A file of a machine in memory, open in one of its processes.
//
// The object is the holder of the locks taken through it. Thread-safe as File
// says: one mutex for the whole machine. Shares machine, process and node.
class MemoryFile final : public File {
 public:
  MemoryFile(std::shared_ptr<MemoryMachine> machine, MemoryLife life,
             std::shared_ptr<MemoryNode> node, FileAccess access,
             std::string path);
  ~MemoryFile() override;

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
  absl::Status CheckUsable(std::string_view action) const;
  absl::Status CheckWritable(std::string_view action) const;

  const std::shared_ptr<MemoryMachine> machine_;
  const MemoryLife life_;
  const std::shared_ptr<MemoryNode> node_;
  const FileAccess access_;
  const std::string path_;
  bool is_open_ = true;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_MEMORY_FILE_H_
