#include "segment/retrying_read.h"

#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {

absl::StatusOr<size_t> ReadRetrying(const File& file, uint64_t position,
                                    MutableByteSpan out) {
  absl::StatusOr<size_t> count = file.ReadAt(position, out);
  if (!IsIoError(count.status())) return count;
  return file.ReadAt(position, out);
}

}  // namespace v0
}  // namespace tidemark
