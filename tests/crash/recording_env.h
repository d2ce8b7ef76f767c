#ifndef TIDEMARK_TESTS_CRASH_RECORDING_ENV_H_
#define TIDEMARK_TESTS_CRASH_RECORDING_ENV_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "crash/disk_image.h"
#include "crash/disk_journal.h"
#include "tidemark/env.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark::test {

// The tree of a machine, with its inode numbers as NodeIds.
DiskImage ReadImage(MemoryEnv& machine);

// What the files and directories opened through a RecordingEnv share.
struct Recording {
  explicit Recording(DiskImage image) : journal(std::move(image)) {}

  // Before a call that changes the disk, or makes changes durable.
  void Boundary(bool is_sync = false) {
    ++call_count;
    if (on_boundary) on_boundary(is_sync);
  }
  // True when this sync is the one that has to fail.
  bool TakeSyncFailure() {
    return syncs_to_failure > 0 && --syncs_to_failure == 0;
  }

  DiskJournal journal;
  std::function<void(bool is_sync)> on_boundary;
  uint64_t call_count = 0;
  uint64_t syncs_to_failure = 0;  // 1: the next one; 0: none
};

// An Env over a MemoryEnv that keeps a DiskJournal of all calls. Shared memory
// is not on the disk, and a file that is mapped is recorded without content:
// it is believed only until the machine restarts. One thread at a time.
class RecordingEnv final : public Env {
 public:
  explicit RecordingEnv(MemoryEnv& machine)
      : machine_(machine),
        recording_(std::make_shared<Recording>(ReadImage(machine))) {}
  // For a machine that was made from `image`.
  RecordingEnv(MemoryEnv& machine, const DiskImage& image)
      : RecordingEnv(machine) {
    recording_->journal.AdoptZeros(image);
  }

  absl::StatusOr<std::unique_ptr<Directory>> OpenDirectory(
      std::string_view path, bool is_creating) override;
  absl::StatusOr<std::unique_ptr<Directory>> OpenSharedMemoryDirectory(
      std::string_view path) override {
    return machine_.OpenSharedMemoryDirectory(path);
  }
  absl::StatusOr<std::string> BootId() override { return machine_.BootId(); }
  bool IsInInitialPidNamespace() override {
    return machine_.IsInInitialPidNamespace();
  }
  absl::Status FillRandom(std::span<std::byte> out) override {
    return machine_.FillRandom(out);
  }

  Recording& recording() { return *recording_; }
  MemoryEnv& machine() { return machine_; }

 private:
  MemoryEnv& machine_;
  const std::shared_ptr<Recording> recording_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_CRASH_RECORDING_ENV_H_
