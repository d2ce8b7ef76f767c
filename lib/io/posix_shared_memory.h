#ifndef TIDEMARK_LIB_IO_POSIX_SHARED_MEMORY_H_
#define TIDEMARK_LIB_IO_POSIX_SHARED_MEMORY_H_

#include <atomic>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "io/descriptor.h"
#include "io/fork_guard.h"
#include "io/posix_lock.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// A file of the system, mapped.
//
// The whole reserved range is one mapping; [0, size_) can be touched and is
// backed, the rest has no access rights. The size of the file never shrinks.
//
// Thread-safe as SharedMemory says; readers see a growing size with acquire.
// Owns mapping, descriptor and lock.
class PosixSharedMemory final : public SharedMemory {
 public:
  // Maps a file of size 0 that is open for reading and writing.
  static absl::StatusOr<std::unique_ptr<SharedMemory>> Create(
      Descriptor descriptor, std::string path,
      const SharedMemoryOptions& options);

  // Maps what an open file holds now, for reading.
  static absl::StatusOr<std::unique_ptr<SharedMemory>> Open(
      Descriptor descriptor, std::string path);

  ~PosixSharedMemory() override;

  std::span<const std::byte> bytes() const override;
  std::span<std::byte> mutable_bytes() override;
  uint64_t reserved_size() const override { return options_.reserved_size; }
  absl::Status Grow(uint64_t size) override;
  absl::Status Release(uint64_t position, uint64_t size) override;
  absl::Status Reserve(uint64_t position, uint64_t size) override;
  absl::StatusOr<size_t> ReadAt(uint64_t position,
                                std::span<std::byte> out) const override;
  absl::StatusOr<FileStat> Stat() const override;
  absl::StatusOr<bool> TryLock() override;

 private:
  PosixSharedMemory(Descriptor descriptor, std::string path,
                    const SharedMemoryOptions& options, FileAccess access);

  // Reserves the address space. `size` bytes of it are accessible.
  absl::Status Map(uint64_t size);
  // Gives every byte of a range storage and memory.
  absl::Status Back(uint64_t position, uint64_t size);
  absl::Status WriteZeros(uint64_t position, uint64_t size);
  absl::Status FaultIn(uint64_t position, uint64_t size);
  absl::Status CheckWritable(const char* action) const;

  const std::string path_;
  const SharedMemoryOptions options_;
  const FileAccess access_;
  const ForkMark mark_;
  Descriptor descriptor_;
  std::byte* base_ = nullptr;
  std::atomic<uint64_t> size_ = 0;
  PosixLock lock_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_POSIX_SHARED_MEMORY_H_
