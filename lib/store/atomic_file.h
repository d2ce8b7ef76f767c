#ifndef TIDEMARK_LIB_STORE_ATOMIC_FILE_H_
#define TIDEMARK_LIB_STORE_ATOMIC_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "tidemark/env.h"

// Small files that are read and written as a whole.
namespace tidemark {
inline namespace v0 {

// Replaces the file at `path`, or creates it, so that it holds either the old
// or the new bytes at every moment and after every crash: writes `path`.tmp,
// syncs it, renames it, syncs the directory. The new bytes are durable when it
// returns OK. After an error the file holds one or the other, and a leftover
// `path`.tmp is overwritten by the next call.
absl::Status ReplaceFile(Directory& directory, const std::string& path,
                         ByteSpan bytes);

// Creates the file at `path`, which must not exist, with `bytes` and syncs it.
// The entry in the directory is the caller's to sync. After an error the file
// may be there with a part of the bytes.
absl::Status WriteNewFile(Directory& directory, const std::string& path,
                          ByteSpan bytes);

// The bytes of the file at `path`, read through one descriptor, up to
// `size_max` + 1, so that a longer file can be told.
absl::StatusOr<std::string> ReadWholeFile(Directory& directory,
                                          const std::string& path,
                                          size_t size_max);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_ATOMIC_FILE_H_
