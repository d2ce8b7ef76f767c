#ifndef TIDEMARK_LIB_IO_ERRNO_STATUS_H_
#define TIDEMARK_LIB_IO_ERRNO_STATUS_H_

#include <string_view>

#include "absl/status/status.h"

namespace tidemark {
inline namespace v0 {

// The Status that stands for the system's error number `error`, which is not 0,
// by the table in tidemark/env.h. The message is `subject_and_action`, such as
// "/data/LOCK: open", then the system's text.
absl::Status ErrnoStatus(int error, std::string_view subject_and_action);

// Whether `status`, of Directory::Sync, says that the sync never began: nothing
// was tried that could have failed, and the call may be repeated.
bool IsSyncNotBegun(const absl::Status& status);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_ERRNO_STATUS_H_
