#ifndef TIDEMARK_LIB_IO_FILE_SPACE_H_
#define TIDEMARK_LIB_IO_FILE_SPACE_H_

#include <cstdint>

// Growing files and giving space back, without signals. All return 0 or an
// error number, and run again after EINTR.

namespace tidemark {
inline namespace v0 {

// EFBIG if a write that ends at `end` would pass RLIMIT_FSIZE. The kernel would
// answer with SIGXFSZ, which ends a host that does not expect it. The limit is
// asked each time, for the host may change it at any time.
int CheckWriteLimit(uint64_t end);

// Reserves storage for [position, position + size) and extends the file to its
// end. EOPNOTSUPP where the file system cannot; nothing is written in place of
// it, unlike in posix_fallocate.
int AllocateSpace(int fd, uint64_t position, uint64_t size);

// Makes [position, position + size) a hole and keeps the size of the file.
int ReleaseSpace(int fd, uint64_t position, uint64_t size);

// Cuts or extends the file.
int TruncateFile(int fd, uint64_t size);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_FILE_SPACE_H_
