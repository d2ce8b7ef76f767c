#include "io/errno_status.h"

#include <cerrno>
#include <string>

#include "support/catch.h"
#include "tidemark/error.h"

namespace tidemark {
namespace {

absl::StatusCode CodeOf(int error) { return ErrnoStatus(error, "x").code(); }

TEST_CASE("A full disk is an exhausted resource with its reason", "[io]") {
  for (const int error : {ENOSPC, EDQUOT}) {
    const absl::Status status = ErrnoStatus(error, "a: write");
    CHECK(status.code() == absl::StatusCode::kResourceExhausted);
    CHECK(IsDiskFull(status));
  }
}

TEST_CASE("Missing descriptors are an exhausted resource", "[io]") {
  for (const int error : {EMFILE, ENFILE}) {
    const absl::Status status = ErrnoStatus(error, "a: open");
    CHECK(status.code() == absl::StatusCode::kResourceExhausted);
    CHECK(ReasonOf(status) == ErrorReason::kOutOfFileDescriptors);
  }
}

TEST_CASE("Missing memory and too large files are told apart", "[io]") {
  CHECK(ReasonOf(ErrnoStatus(ENOMEM, "x")) == ErrorReason::kOutOfMemory);
  CHECK(CodeOf(ENOMEM) == absl::StatusCode::kResourceExhausted);
  CHECK(IsDiskFull(ErrnoStatus(EFBIG, "x")));
  CHECK(CodeOf(EFBIG) == absl::StatusCode::kResourceExhausted);
}

TEST_CASE("Each error number has the code of the table", "[io]") {
  CHECK(CodeOf(ENOENT) == absl::StatusCode::kNotFound);
  CHECK(CodeOf(EEXIST) == absl::StatusCode::kAlreadyExists);
  for (const int error : {EACCES, EPERM, EROFS}) {
    CHECK(CodeOf(error) == absl::StatusCode::kPermissionDenied);
  }
  for (const int error : {ENOTDIR, EISDIR, ELOOP, EXDEV, ENOTEMPTY}) {
    CHECK(CodeOf(error) == absl::StatusCode::kFailedPrecondition);
  }
  for (const int error : {EOPNOTSUPP, ENOSYS}) {
    CHECK(CodeOf(error) == absl::StatusCode::kUnimplemented);
  }
  CHECK(CodeOf(ENAMETOOLONG) == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("Everything else is an I/O error", "[io]") {
  for (const int error : {EIO, ESTALE, EBADF, EINVAL, EINTR, ENOLCK, 9999}) {
    const absl::Status status = ErrnoStatus(error, "x");
    CHECK(status.code() == absl::StatusCode::kInternal);
    CHECK(IsIoError(status));
  }
}

TEST_CASE("The message ends with the system's text", "[io]") {
  CHECK(std::string(ErrnoStatus(ENOENT, "/s/LOCK: open").message()) ==
        "/s/LOCK: open: No such file or directory");
  CHECK(std::string(ErrnoStatus(9999, "/s/LOCK: open").message()) ==
        "/s/LOCK: open: system error 9999");
}

}  // namespace
}  // namespace tidemark
