#ifndef TIDEMARK_LIB_SEGMENT_SEGMENT_FILE_H_
#define TIDEMARK_LIB_SEGMENT_SEGMENT_FILE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "segment/segment_header.h"
#include "segment/segment_index.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// One open segment file.
//
// The header on disk always says what header() says. Nothing here syncs but
// Sync and SyncAll: until the caller has called SyncAll on a new file and
// synced its directory, a crash may take the file away, and until Sync it may
// take any part of what was written, a seal included.
//
// One thread at a time may call the functions that are not const; ReadAt and
// the accessors may run beside them from any thread. Owns one descriptor, the
// one it writes with, so that the error of a write-back reaches the Sync that
// covers it: keep the object until that Sync has returned. Does not keep the
// Directory.
//
// It keeps no sticky error: what a failed write or sync means is decided by the
// owner, who never calls Sync again after it failed. A failed Write may have
// left any prefix of its bytes; the same write may be tried again.
class SegmentFile {
 public:
  // Creates the file of `header` in `directory`, a path within `root`, reserves
  // storage for `allocation` bytes and writes the header; syncs nothing.
  // `size_limit` bounds how far EnsureAllocated reserves ahead of what it is
  // asked for. AlreadyExists if the name is taken. After another error the name
  // is free again unless removing it failed, too.
  static absl::StatusOr<std::unique_ptr<SegmentFile>> Create(
      Directory& root, std::string_view directory, const SegmentHeader& header,
      uint64_t allocation, uint64_t size_limit);

  // Opens the segment that begins at `base_offset`. DataLoss with reason
  // kDamaged when neither header is valid or they name another store, topic,
  // partition or offset; Unimplemented with kNewerFormat.
  static absl::StatusOr<std::unique_ptr<SegmentFile>> Open(
      Directory& root, std::string_view directory,
      const SegmentIdentity& identity, Offset base_offset, FileAccess access);

  SegmentFile(const SegmentFile&) = delete;
  SegmentFile& operator=(const SegmentFile&) = delete;

  // Makes sure that writes below `end` do not run out of space. Reserves ahead
  // in steps that double from 64 KiB to 8 MiB, within the size limit, and
  // exactly `end` when the disk has no room for the step. ResourceExhausted
  // changes nothing. Where the file system reserves nothing, returns OK, and
  // reserves_storage() is false from then on.
  absl::Status EnsureAllocated(uint64_t end);

  absl::Status Write(uint64_t position,
                     std::span<const std::span<const std::byte>> parts);

  // Fewer bytes than asked only at the end of the file.
  absl::StatusOr<size_t> ReadAt(uint64_t position, MutableByteSpan out) const;

  absl::Status Sync();     // content and size
  absl::Status SyncAll();  // a new file needs it once

  // Writes index block and trailer behind the data end of `index` and cuts the
  // rest of the file. Nothing may be written behind the data end before or
  // after, unless CutTo takes the seal away. `durable_end` is the offset known
  // durable now. ResourceExhausted leaves the segment as it was, unsealed.
  absl::Status Seal(const SegmentIndex& index, Offset durable_end);

  // Cuts the file to `size`: reserved storage at a clean close, or a seal
  // before the segment is appended to again.
  absl::Status CutTo(uint64_t size);

  // A write failed, and may have left bytes behind the end of the data. A cut
  // is to be synced then.
  bool has_failed_write() const { return has_failed_write_; }
  void NoteFailedWrite() { has_failed_write_ = true; }

  const SegmentHeader& header() const { return header_; }
  // The path within the store, for messages and for Directory.
  const std::string& path() const { return path_; }
  const File& file() const { return *file_; }
  // Bytes of the file, reserved storage included, as far as this object knows.
  uint64_t size() const { return size_.load(std::memory_order_relaxed); }
  bool reserves_storage() const {
    return reserves_storage_.load(std::memory_order_relaxed);
  }

 private:
  SegmentFile(std::string path, const SegmentHeader& header,
              std::unique_ptr<File> file, uint64_t size, uint64_t size_limit);

  // Reserves storage up to `end` or, where that is not possible, nothing.
  absl::Status Reserve(uint64_t end);
  void NoteWritten(uint64_t end);

  // Constant after construction.
  const std::string path_;
  const SegmentHeader header_;
  const std::unique_ptr<File> file_;
  const uint64_t size_limit_;

  std::atomic<uint64_t> size_;
  std::atomic<bool> reserves_storage_{true};

  // Owned by the writing thread. Below allocated_end_ storage is reserved.
  uint64_t allocated_end_ = 0;
  uint64_t allocation_step_;
  bool has_failed_write_ = false;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_SEGMENT_SEGMENT_FILE_H_
