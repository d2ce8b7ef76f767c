#ifndef TIDEMARK_TESTING_MEMORY_ENV_H_
#define TIDEMARK_TESTING_MEMORY_ENV_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tidemark/env.h"
#include "tidemark/export.h"

namespace tidemark {
inline namespace v0 {

class MemoryMachine;
struct MemoryProcess;

// An Env without a disk: one process on a machine in memory.
//
// A test opens stores on it in microseconds, ends the process or cuts the power
// under them, and opens them again. Behaves as Env::Posix() does, with one
// user, no links and no file modes; "/" exists, and "/dev/shm" is a tmpfs.
//
// Thread-safe. Opened files, directories and shared memory may outlive it. When
// the process has ended, everything opened in it fails with FailedPrecondition
// and holds no lock; what is opened afterwards belongs to a new process.
class TIDEMARK_EXPORT MemoryEnv final : public Env {
 public:
  // A new machine. Its random bytes follow from the seed.
  explicit MemoryEnv(uint64_t seed = 1);
  ~MemoryEnv() override;

  absl::StatusOr<std::unique_ptr<Directory>> OpenDirectory(
      std::string_view path, bool is_creating) override;
  absl::StatusOr<std::unique_ptr<Directory>> OpenSharedMemoryDirectory(
      std::string_view path) override;
  absl::StatusOr<std::string> BootId() override;
  bool IsInInitialPidNamespace() override;
  absl::Status FillRandom(std::span<std::byte> out) override;

  // Another process on the same machine.
  std::unique_ptr<MemoryEnv> StartProcess() const;

  // Ends this process as SIGKILL does: its locks are free, everything written
  // stays, and so does shared memory. Other threads must not be writing to
  // shared memory of this process meanwhile.
  void AbandonLocks();

  // Cuts the power: ends all processes of the machine and drops whatever was
  // not synced, the bytes of files as well as the entries of directories, and
  // all of /dev/shm. The boot id changes.
  void DropUnsynced();

  // Takes all names in /dev/shm away, as systemd does when a user logs out.
  // What is mapped stays mapped.
  void LoseSharedMemory();

  // A machine of its own in the state that AbandonLocks, or DropUnsynced, would
  // leave behind; this one goes on. Inode numbers are the same.
  std::unique_ptr<MemoryEnv> CopyCurrent() const;
  std::unique_ptr<MemoryEnv> CopyDurable() const;

  // The size of the disk, and of /dev/shm, in bytes; 16 GiB by default. May be
  // lowered below what is used: then nothing more fits.
  void SetCapacity(uint64_t capacity);
  void SetSharedMemoryCapacity(uint64_t capacity);

  // Without it OpenSharedMemoryDirectory("") returns NotFound.
  void SetSharedMemoryAvailable(bool is_available);

  // What IsInInitialPidNamespace returns; true at first.
  void SetInInitialPidNamespace(bool is_initial);

 private:
  explicit MemoryEnv(std::shared_ptr<MemoryMachine> machine);

  const std::shared_ptr<MemoryMachine> machine_;
  const std::shared_ptr<MemoryProcess> process_;
  std::atomic<bool> has_shared_memory_ = true;
  std::atomic<bool> is_in_initial_pid_namespace_ = true;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_TESTING_MEMORY_ENV_H_
