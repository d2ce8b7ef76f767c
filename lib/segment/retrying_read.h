#ifndef TIDEMARK_LIB_SEGMENT_RETRYING_READ_H_
#define TIDEMARK_LIB_SEGMENT_RETRYING_READ_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// Reads as File::ReadAt does, and once more after an I/O error: the error of a
// device may pass, but a reader that insists would hang on a dying one.
absl::StatusOr<size_t> ReadRetrying(const File& file, uint64_t position,
                                    MutableByteSpan out);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_SEGMENT_RETRYING_READ_H_
