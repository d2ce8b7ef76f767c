#ifndef TIDEMARK_LIB_IO_MEMORY_MACHINE_H_
#define TIDEMARK_LIB_IO_MEMORY_MACHINE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "io/memory_node.h"
#include "io/memory_process.h"

namespace tidemark {
inline namespace v0 {

// A machine in memory: a disk, a tmpfs at /dev/shm, and the processes on it.
//
// Thread-safe. Every object opened by a MemoryEnv shares it. Losing power ends
// all processes; their objects refuse to work from then on.
class MemoryMachine {
 public:
  // The path at which the tmpfs is found.
  static constexpr std::string_view kSharedMemoryPath = "/dev/shm";

  explicit MemoryMachine(uint64_t seed);
  // A machine of its own in the same state, without processes and locks.
  std::shared_ptr<MemoryMachine> Copy() ABSL_LOCKS_EXCLUDED(mutex_);

  std::shared_ptr<MemoryProcess> StartProcess() ABSL_LOCKS_EXCLUDED(mutex_);
  // Ends the life that the process leads now.
  void EndProcess(MemoryProcess& process) ABSL_LOCKS_EXCLUDED(mutex_);
  void LosePower() ABSL_LOCKS_EXCLUDED(mutex_);
  void LoseSharedMemory() ABSL_LOCKS_EXCLUDED(mutex_);

  // A text that changes with each LosePower.
  std::string BootId() const ABSL_LOCKS_EXCLUDED(mutex_);
  // The next bytes of the sequence that the seed determines.
  void FillRandom(std::span<std::byte> out) ABSL_LOCKS_EXCLUDED(mutex_);

  // Guards every node.
  Mutex& mutex() ABSL_LOCK_RETURNED(mutex_) { return mutex_; }

  const std::shared_ptr<MemoryNode>& disk() const { return disk_; }
  const std::shared_ptr<MemoryNode>& shared_memory() const {
    return shared_memory_;
  }

  // Whether a node lies on the tmpfs.
  bool IsOnSharedMemory(const std::shared_ptr<MemoryNode>& node) const {
    return node->device() == shared_memory_->device();
  }

  // A node that is not linked anywhere, on the file system of `parent`.
  std::shared_ptr<MemoryNode> NewNode(FileType type, const MemoryNode& parent)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

 private:
  const uint64_t seed_;
  mutable Mutex mutex_;
  std::shared_ptr<MemoryNode> disk_;           // constant but in Copy
  std::shared_ptr<MemoryNode> shared_memory_;  // constant but in Copy
  uint64_t next_inode_ ABSL_GUARDED_BY(mutex_) = 3;
  uint64_t boot_count_ ABSL_GUARDED_BY(mutex_) = 1;
  uint64_t random_state_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::weak_ptr<MemoryProcess>> processes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_MEMORY_MACHINE_H_
