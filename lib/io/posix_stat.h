#ifndef TIDEMARK_LIB_IO_POSIX_STAT_H_
#define TIDEMARK_LIB_IO_POSIX_STAT_H_

#include <sys/stat.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// The library's view of what the system says about a file.
FileStat FileStatOf(const struct stat& stat);

// The stat of an open descriptor; `path` is for messages.
absl::StatusOr<FileStat> StatDescriptor(int fd, const std::string& path);

// FailedPrecondition unless `stat` is of a regular file with one link that
// belongs to the effective user or root and that no other user may write to.
absl::Status CheckTrustedFile(const FileStat& stat, const std::string& path);

// FailedPrecondition unless the owner is the effective user or root.
absl::Status CheckTrustedOwner(const FileStat& stat, const std::string& path);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_POSIX_STAT_H_
