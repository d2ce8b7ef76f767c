#ifndef TIDEMARK_LIB_IO_POSIX_FILE_H_
#define TIDEMARK_LIB_IO_POSIX_FILE_H_

#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "io/descriptor.h"
#include "io/posix_lock.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// A regular file of the system.
//
// The descriptor is open from construction to Close. No write goes through a
// position kept by the kernel.
//
// Thread-safe as File says: the kernel serializes what needs it. Owns the
// descriptor and its locks. An error changes nothing in here.
class PosixFile final : public File {
 public:
  // `path` is for messages.
  PosixFile(Descriptor descriptor, std::string path);
  ~PosixFile() override;

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
  // FailedPrecondition once closed.
  absl::Status CheckOpen(const char* action) const;

  const std::string path_;
  Descriptor descriptor_;
  PosixLock lock_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_POSIX_FILE_H_
