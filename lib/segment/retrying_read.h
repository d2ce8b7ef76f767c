#ifndef TIDEMARK_LIB_SEGMENT_RETRYING_READ_H_
#define TIDEMARK_LIB_SEGMENT_RETRYING_READ_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// OK if nothing of the file stands at `position`, where a read ended, or
// behind it; else an I/O error. Bytes that a read left out are no end of a log.
absl::Status CheckEndOfFile(const File& file, uint64_t position);

// Reads as File::ReadAt does, and once more after an I/O error: the error of a
// device may pass, but a reader that insists would hang on a dying one. Returns
// fewer bytes than asked only if the file has no more.
absl::StatusOr<size_t> ReadRetrying(const File& file, uint64_t position,
                                    MutableByteSpan out);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_SEGMENT_RETRYING_READ_H_
