#include "io/errno_status.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

absl::StatusCode CodeOfErrno(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EFBIG:
      return absl::StatusCode::kResourceExhausted;
    case ENOENT:
      return absl::StatusCode::kNotFound;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case EXDEV:
    case ENOTEMPTY:
      return absl::StatusCode::kFailedPrecondition;
    case EOPNOTSUPP:
    case ENOSYS:
      return absl::StatusCode::kUnimplemented;
    case ENAMETOOLONG:
      return absl::StatusCode::kInvalidArgument;
    default:
      return absl::StatusCode::kInternal;
  }
}

ErrorReason ReasonOfErrno(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return ErrorReason::kDiskFull;
    case EMFILE:
    case ENFILE:
      return ErrorReason::kOutOfFileDescriptors;
    case ENOMEM:
      return ErrorReason::kOutOfMemory;
    default:
      return CodeOfErrno(error) == absl::StatusCode::kInternal
                 ? ErrorReason::kIoError
                 : ErrorReason::kNone;
  }
}

}  // namespace

absl::Status ErrnoStatus(int error, std::string_view subject_and_action) {
  const char* text = strerrordesc_np(error);
  const std::string message =
      text != nullptr
          ? fmt::format("{}: {}", subject_and_action, text)
          : fmt::format("{}: system error {}", subject_and_action, error);
  absl::Status status(CodeOfErrno(error), ToAbsl(message));
  const ErrorReason reason = ReasonOfErrno(error);
  if (reason == ErrorReason::kNone) return status;
  return WithReason(std::move(status), reason);
}

bool IsSyncNotBegun(const absl::Status& status) {
  const ErrorReason reason = ReasonOf(status);
  return reason == ErrorReason::kOutOfFileDescriptors ||
         reason == ErrorReason::kOutOfMemory;
}

}  // namespace v0
}  // namespace tidemark
