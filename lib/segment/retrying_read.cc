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
  size_t done = 0;
  for (bool is_again = false;;) {
    const MutableByteSpan rest = out.subspan(done);
    absl::StatusOr<size_t> count = file.ReadAt(position + done, rest);
    if (IsIoError(count.status())) count = file.ReadAt(position + done, rest);
    TIDEMARK_RETURN_IF_ERROR(count.status());
    done += *count;
    if (*count == rest.size()) return done;
    const absl::Status ended = CheckEndOfFile(file, position + done);
    if (ended.ok()) return done;
    // It may have grown between the two looks: it is read on. Where nothing
    // comes of that, bytes are left out.
    if (*count == 0 && is_again) return ended;
    is_again = *count == 0;
  }
}

}  // namespace v0
}  // namespace tidemark
