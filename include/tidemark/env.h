#ifndef TIDEMARK_ENV_H_
#define TIDEMARK_ENV_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tidemark/export.h"

// Where a store touches the world: files, directories, shared memory, and the
// few facts about the machine that it needs. Everything else in the library is
// arithmetic.
//
// Every call may block on the device unless its comment says otherwise. Errors
// of the system come back as a Status with the code and the reason of the
// errno:
//
//   ENOSPC EDQUOT EFBIG      ResourceExhausted, reason kDiskFull
//   EMFILE ENFILE            ResourceExhausted, reason kOutOfFileDescriptors
//   ENOMEM                   ResourceExhausted, reason kOutOfMemory
//   ENOENT                   NotFound
//   EEXIST                   AlreadyExists
//   EACCES EPERM EROFS       PermissionDenied
//   ENOTDIR EISDIR ELOOP EXDEV ENOTEMPTY   FailedPrecondition
//   EOPNOTSUPP ENOSYS        Unimplemented
//   ENAMETOOLONG             InvalidArgument
//   EIO, ESTALE and the rest Internal, reason kIoError
//
// Besides these, a call on something closed returns FailedPrecondition and a
// name that breaks the rules of Directory returns InvalidArgument before the
// system is asked. Nothing here throws but std::bad_alloc, and a call that
// throws it leaves nothing behind but, when it creates, an empty file.

namespace tidemark {
inline namespace v0 {

enum class FileAccess : uint8_t { kReadOnly, kReadWrite };

// kOther: symbolic links, FIFOs, sockets and devices, which a store never
// opens.
enum class FileType : uint8_t { kRegular, kDirectory, kOther };

struct DirectoryEntry {
  std::string name;  // one component
  FileType type = FileType::kOther;

  friend bool operator==(const DirectoryEntry&,
                         const DirectoryEntry&) = default;
};

struct FileStat {
  uint64_t size = 0;            // bytes, holes included
  uint64_t allocated_size = 0;  // bytes of storage, preallocation included
  FileType type = FileType::kOther;
  uint64_t device = 0;  // (device, inode) identify a file while it exists
  uint64_t inode = 0;
  uint64_t link_count = 0;  // 0 once a file that is still open lost its name
  uint32_t mode = 0;        // permission bits, 07777
  uint32_t uid = 0;         // owner
};

// One open regular file, read and written at explicit positions.
//
// Keeps no position of its own, so that a failed write is written over and
// never buried.
//
// Thread-safe, except that Close and the destructor must not run beside another
// call. Owns its descriptor and the locks taken through it, not the Directory
// it came from. After an error the file stays usable; what the error means is
// the caller's to decide: after a failed Sync the unsynced bytes may be gone
// although they can still be read.
class TIDEMARK_EXPORT File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;  // closes; drops the error of closing

  // Reads into `out` and returns the bytes read, fewer than asked only at the
  // end of the file. Not retried after EIO.
  virtual absl::StatusOr<size_t> ReadAt(uint64_t position,
                                        std::span<std::byte> out) const = 0;

  // Writes all bytes or returns an error; then any prefix of them may be in the
  // file. Past RLIMIT_FSIZE returns ResourceExhausted, names the limit, writes
  // nothing and raises no signal.
  virtual absl::Status WriteAt(uint64_t position,
                               std::span<const std::byte> bytes) = 0;

  // Writes the parts one behind the other as WriteAt does, in one system call
  // unless there are more than 1,024 parts or the system writes short.
  virtual absl::Status WriteAtV(
      uint64_t position, std::span<const std::span<const std::byte>> parts) = 0;

  // Makes content and size durable (fdatasync). Any error is final: nothing is
  // known about the bytes since the last success, and a second call may succeed
  // without them.
  virtual absl::Status Sync() = 0;

  // Sync, and the rest of the metadata (fsync). A new file needs this once, and
  // Directory::Sync of its directory.
  virtual absl::Status SyncAll() = 0;

  // Cuts the file, or extends it by a hole.
  virtual absl::Status Truncate(uint64_t size) = 0;

  // Reserves storage for [position, position + size) and extends the file to
  // its end, so that writes there do not run out of space; new bytes read as
  // zero. Unimplemented where the file system cannot, and then nothing was
  // written. A file that already holds data there keeps it. `size` is not 0.
  virtual absl::Status Allocate(uint64_t position, uint64_t size) = 0;

  // The first position at or above `position` that may hold bytes other than
  // zero, or the size of the file when there is none. Skips the holes of a
  // sparse giant.
  virtual absl::StatusOr<uint64_t> NextData(uint64_t position) const = 0;

  // Does not block.
  virtual absl::StatusOr<FileStat> Stat() const = 0;

  // Takes the write lock on [start, start + length), length 0: to the end of
  // any size. True if this File holds it now, false if another open File holds
  // a part of it, in this process or another one. Never waits. Needs
  // kReadWrite. The lock dies with this File or with the process, and a child
  // of fork() does not inherit it.
  virtual absl::StatusOr<bool> TryLock(uint64_t start, uint64_t length) = 0;

  // Gives up what this File holds in the range; none is no error.
  virtual absl::Status Unlock(uint64_t start, uint64_t length) = 0;

  // Releases the locks and closes. The first call reports an I/O error that the
  // system kept until now; later ones return OK.
  virtual absl::Status Close() = 0;
};

// How a SharedMemory is laid out.
struct SharedMemoryOptions {
  // Address space set aside, the most that Grow can reach. A multiple of 4 KiB,
  // not 0.
  uint64_t reserved_size = 0;

  // Keeps the memory from being paged out (mlock), within RLIMIT_MEMLOCK. Has
  // no effect on other processes.
  bool is_locked_in_memory = false;

  // Writes zeros to new memory and syncs them, so that its blocks exist on the
  // device and a later store through the mapping needs none. For a file system
  // on a disk.
  bool is_zero_written = false;
};

// A mapped file whose content outlives the process.
//
// Every byte of bytes() is backed by memory or storage, so that touching it
// never ends in SIGBUS for want of space; an owner that released a range does
// not touch it until it reserved it again. On a disk a device that fails, or a
// file that somebody else cuts, can still end so. The mapping is not inherited
// by a child of fork().
//
// The content is the caller's to synchronize. bytes(), ReadAt and Stat are
// thread-safe; Grow, Reserve, Release, TryLock and the destructor are not.
// Owns mapping, descriptor and lock, not the name: Directory::RemoveFile
// unlinks it. After a failed Grow or Reserve everything is as it was before.
class TIDEMARK_EXPORT SharedMemory {
 public:
  SharedMemory() = default;
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  virtual ~SharedMemory() = default;  // unmaps, unlocks, closes; keeps the file

  // The mapped bytes. Their address never changes. mutable_bytes() is empty for
  // a mapping that was opened to read.
  virtual std::span<const std::byte> bytes() const = 0;
  virtual std::span<std::byte> mutable_bytes() = 0;
  virtual uint64_t reserved_size() const = 0;

  // Extends to `size` bytes, a multiple of 4 KiB from bytes().size() to
  // reserved_size(); new bytes are zero and backed. ResourceExhausted when
  // memory, storage or RLIMIT_MEMLOCK does not suffice.
  virtual absl::Status Grow(uint64_t size) = 0;

  // Gives the memory behind a range of whole 4 KiB blocks back to the system.
  // The range reads as zero, but only Reserve makes it safe to touch again.
  virtual absl::Status Release(uint64_t position, uint64_t size) = 0;

  // Backs a range like Grow. All of it must have been released, and is again
  // after an error.
  virtual absl::Status Reserve(uint64_t position, uint64_t size) = 0;

  // Reads through the file, not the mapping, and so reads released ranges, too,
  // without danger. For processes that do not own the memory.
  virtual absl::StatusOr<size_t> ReadAt(uint64_t position,
                                        std::span<std::byte> out) const = 0;

  // Link count 0: somebody took the name away, and nobody will find the memory
  // after this process.
  virtual absl::StatusOr<FileStat> Stat() const = 0;

  // As File::TryLock, over the whole file.
  virtual absl::StatusOr<bool> TryLock() = 0;
};

// A directory tree held by one descriptor.
//
// Every name is a path relative to the root: components that are neither empty
// nor "." nor "..", at most 255 bytes each and without NUL, joined by '/'. No
// symbolic link is followed in any component. Names, not paths, reach the
// system, so a renamed root stays the same tree.
//
// Thread-safe. Files opened here may outlive it. Each call stands alone: an
// error leaves nothing half done but what its comment says.
class TIDEMARK_EXPORT Directory {
 public:
  Directory() = default;
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  virtual ~Directory() = default;

  // Opens a file that exists. FailedPrecondition unless it is a regular file
  // with one link, owned by the effective user or root, not writable by group
  // or others. A FIFO or a device neither hangs nor acts.
  virtual absl::StatusOr<std::unique_ptr<File>> OpenFile(std::string_view name,
                                                         FileAccess access) = 0;

  // Creates a file with mode 0600, whatever the umask, open for reading and
  // writing; AlreadyExists if the name is taken by anything.
  virtual absl::StatusOr<std::unique_ptr<File>> CreateFile(
      std::string_view name) = 0;

  // Creates a file as CreateFile does and maps it, with size 0. Unimplemented
  // where the file system cannot promise what SharedMemory promises; then no
  // file is left.
  virtual absl::StatusOr<std::unique_ptr<SharedMemory>> CreateSharedMemory(
      std::string_view name, const SharedMemoryOptions& options) = 0;

  // Maps a file as it is now, to read; checked as OpenFile checks. It belongs
  // to another process, so prefer ReadAt to the mapping. To take over what a
  // dead process left, use OpenFile: it needs no mapping.
  virtual absl::StatusOr<std::unique_ptr<SharedMemory>> OpenSharedMemory(
      std::string_view name) = 0;

  // Creates one directory with mode 0700, whatever the umask. AlreadyExists if
  // the name is taken by anything.
  virtual absl::Status CreateDirectory(std::string_view name) = 0;

  // All entries of a directory, "" for the root, sorted by the bytes of their
  // names. Memory grows with the number of entries.
  virtual absl::StatusOr<std::vector<DirectoryEntry>> List(
      std::string_view name) = 0;

  // What the name refers to, itself and not a link's target. "" is the root.
  virtual absl::StatusOr<FileStat> Stat(std::string_view name) const = 0;

  // Renames within the tree, atomically. If `to` exists: AlreadyExists unless
  // `is_replacing`, which replaces a file by a file or an empty directory by a
  // directory.
  virtual absl::Status Rename(std::string_view from, std::string_view to,
                              bool is_replacing) = 0;

  // Removes the name of anything but a directory; open Files keep working.
  virtual absl::Status RemoveFile(std::string_view name) = 0;

  // Removes an empty directory, else FailedPrecondition.
  virtual absl::Status RemoveDirectory(std::string_view name) = 0;

  // Makes the entries of a directory durable, "" for the root: creations,
  // renames and removals in it. Does not sync the files. An error is final as
  // with File::Sync, unless its reason is kOutOfFileDescriptors or
  // kOutOfMemory: then the directory could not be opened, and the sync never
  // began.
  virtual absl::Status Sync(std::string_view name) = 0;

  // Makes everything on the file system durable, files of others included. The
  // error of any write-back since this Directory was opened may appear here and
  // is final.
  virtual absl::Status SyncFileSystem() = 0;

  // Bytes that this user can still allocate. Does not block.
  virtual absl::StatusOr<uint64_t> FreeBytes() const = 0;

  // True if the content dies with the machine (tmpfs), not with the process.
  virtual bool is_in_memory() const = 0;

  // As given to Open, for messages; valid as long as the Directory.
  virtual std::string_view path() const = 0;

  // What this file system is known not to keep of the promises above, one
  // sentence each; empty on the ones that keep them.
  virtual std::vector<std::string> Warnings() const = 0;
};

// The system that a store runs on: the real one, one in memory
// (testing/memory_env.h), or one that fails on demand (testing/fault_env.h).
//
// Thread-safe. Must outlive what is opened through it. Holds no state that an
// error could spoil.
class TIDEMARK_EXPORT Env {
 public:
  Env() = default;
  Env(const Env&) = delete;
  Env& operator=(const Env&) = delete;
  virtual ~Env() = default;

  // The Linux system. Never destroyed.
  static Env& Posix();

  // Opens a directory, which must belong to the effective user or root and not
  // be writable by group or others, else FailedPrecondition. With `is_creating`
  // creates the last component with mode 0700 if it is missing, and makes its
  // entry in the parent durable in any case. The path is trusted: links in it
  // are followed.
  virtual absl::StatusOr<std::unique_ptr<Directory>> OpenDirectory(
      std::string_view path, bool is_creating) = 0;

  // Opens the directory for shared memory: `path`, or where the system keeps it
  // when empty (/dev/shm). As OpenDirectory, but a directory of root that
  // everybody may write to is accepted if it is sticky.
  virtual absl::StatusOr<std::unique_ptr<Directory>> OpenSharedMemoryDirectory(
      std::string_view path) = 0;

  // A text that is the same until the machine starts again. Does not block.
  virtual absl::StatusOr<std::string> BootId() = 0;

  // False in a container, where /dev/shm may go when the process goes, and when
  // it cannot be told. Does not block.
  virtual bool IsInInitialPidNamespace() = 0;

  // Random bytes fit for secrets. Waits only while the system has none since
  // boot.
  virtual absl::Status FillRandom(std::span<std::byte> out) = 0;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_ENV_H_
