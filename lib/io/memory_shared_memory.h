#ifndef TIDEMARK_LIB_IO_MEMORY_SHARED_MEMORY_H_
#define TIDEMARK_LIB_IO_MEMORY_SHARED_MEMORY_H_

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

// A mapped file of a machine in memory.
//
// The bytes outlive this object in the node. When the process that owns them is
// ended, this object keeps them and the node gets a copy.
//
// Thread-safe as SharedMemory says. Shares machine, process, node and region.
class MemorySharedMemory final : public SharedMemory {
 public:
  // Maps a new node, which it gives a region, for reading and writing.
  static absl::StatusOr<std::unique_ptr<SharedMemory>> Create(
      const std::shared_ptr<MemoryMachine>& machine, MemoryLife life,
      std::shared_ptr<MemoryNode> node, const SharedMemoryOptions& options,
      std::string path);

  // Maps what a node holds now, for reading: its region if it has one, else a
  // copy of its content.
  static absl::StatusOr<std::unique_ptr<SharedMemory>> Open(
      const std::shared_ptr<MemoryMachine>& machine, MemoryLife life,
      std::shared_ptr<MemoryNode> node, std::string path);

  ~MemorySharedMemory() override;

  std::span<const std::byte> bytes() const override;
  std::span<std::byte> mutable_bytes() override;
  uint64_t reserved_size() const override;
  absl::Status Grow(uint64_t size) override;
  absl::Status Release(uint64_t position, uint64_t size) override;
  absl::Status Reserve(uint64_t position, uint64_t size) override;
  absl::StatusOr<size_t> ReadAt(uint64_t position,
                                std::span<std::byte> out) const override;
  absl::StatusOr<FileStat> Stat() const override;
  absl::StatusOr<bool> TryLock() override;

 private:
  MemorySharedMemory(std::shared_ptr<MemoryMachine> machine, MemoryLife life,
                     std::shared_ptr<MemoryNode> node,
                     std::shared_ptr<MemoryRegion> region, FileAccess access,
                     std::string path);

  absl::Status CheckWritable(std::string_view action) const;

  const std::shared_ptr<MemoryMachine> machine_;
  const MemoryLife life_;
  const std::shared_ptr<MemoryNode> node_;
  const std::shared_ptr<MemoryRegion> region_;
  const uint64_t opened_size_;  // of a mapping for reading
  const FileAccess access_;
  const std::string path_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_MEMORY_SHARED_MEMORY_H_
