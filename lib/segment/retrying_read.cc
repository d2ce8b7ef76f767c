#include "segment/retrying_read.h"

#include <fmt/core.h>

#include "base/status_macros.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {

absl::Status CheckEndOfFile(const File& file, uint64_t position) {
  TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat, file.Stat());
  if (stat.size <= position) return absl::OkStatus();
  return WithReason(absl::InternalError(fmt::format(
                        "read: ends at position {} of a file of {} bytes",
                        position, stat.size)),
                    ErrorReason::kIoError);
}

absl::StatusOr<size_t> ReadRetrying(const File& file, uint64_t position,
                                    MutableByteSpan out) {
  absl::StatusOr<size_t> count = file.ReadAt(position, out);
  if (IsIoError(count.status())) count = file.ReadAt(position, out);
  if (count.ok() && *count < out.size()) {
    TIDEMARK_RETURN_IF_ERROR(CheckEndOfFile(file, position + *count));
  }
  return count;
}

}  // namespace v0
}  // namespace tidemark
