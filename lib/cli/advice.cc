#include "advice.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "tidemark/error.h"
#include "tidemark/version.h"

namespace tidemark::cli {
namespace {

constexpr std::string_view kBrokenDevice =
    "the device or the file system has a problem: see the kernel's log "
    "(dmesg), then run the command again";

// Whether the system's text for `error` is the cause that `status` names: some
// causes share a code and ask for different things.
bool HasCause(const absl::Status& status, int error) {
  const char* const text = strerrordesc_np(error);
  return text != nullptr &&
         std::string(status.message()).find(fmt::format(": {}", text)) !=
             std::string::npos;
}

std::string AdviceForRights(const absl::Status& status) {
  return HasCause(status, EROFS)
             ? "the file system is read-only: remount it for writing"
             : "run this as the user that owns the store";
}

std::string AdviceForPlace(const absl::Status& status) {
  return HasCause(status, ENOTDIR)
             ? "give the path of the store's directory, not of a file"
             : "a store belongs to the user that runs this, and nobody else "
               "writes to it: see chown, and chmod to 0700, its files to 0600";
}

std::string AdviceForResource(const absl::Status& status) {
  return HasCause(status, EFBIG)
             ? "raise the limit on the size of files (ulimit -f), or use a "
               "file system that takes larger ones"
             : "free memory, disk space or descriptors, then run it again";
}

// Of a file without records; records come with a gap.
std::string AdviceForFile(const absl::Status& status) {
  const std::string text(status.message());
  const auto names = [&](const char* file) {
    return text.find(file) != std::string::npos;
  };
  if (names("/STORE: ")) {
    return "nothing can be read without this file: restore the store from a "
           "copy";
  }
  if (names("/TOPIC: ")) {
    return "restore this file from a copy of the store: it holds no records; "
           "other topics can be read without it";
  }
  if (names("cursors/")) {
    return "no record is lost; restore this file from a copy, or remove it, "
           "and the cursor begins anew";
  }
  return "`tidemark verify` lists all damage; what is gone can only come from "
         "a copy of the store";
}

std::string AdviceForCode(const absl::Status& status,
                          std::string_view command) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return fmt::format("`tidemark {} --help` shows what is possible",
                         command);
    case absl::StatusCode::kNotFound:
      return "`tidemark verify` lists what is missing; restore it from a copy";
    case absl::StatusCode::kOutOfRange:
      return "`tidemark describe` shows the offsets that there are";
    case absl::StatusCode::kPermissionDenied:
      return AdviceForRights(status);
    case absl::StatusCode::kFailedPrecondition:
      return AdviceForPlace(status);
    case absl::StatusCode::kUnimplemented:
      return "this tidemark was built without a part that the store needs";
    case absl::StatusCode::kResourceExhausted:
      return AdviceForResource(status);
    case absl::StatusCode::kDataLoss:
      return AdviceForFile(status);
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kUnavailable:
      return "run the command again";
    default:
      return std::string(kBrokenDevice);
  }
}

std::string AdviceFor(const absl::Status& status, std::string_view command) {
  if (HasCause(status, EFBIG)) return AdviceForResource(status);
  switch (ReasonOf(status)) {
    case ErrorReason::kLocked:
      return "stop the process that has it open; or use a command that reads "
             "beside it: topics, describe, consume, dump, verify, stats";
    case ErrorReason::kNotAStore:
      return "check the path; `tidemark create` makes a store in an empty or "
             "new directory";
    case ErrorReason::kNewerFormat:
      return fmt::format("this is tidemark {}; use a newer one", kVersion);
    case ErrorReason::kDamaged:
      return DamagedGap(status).has_value()
                 ? "`tidemark verify` lists all damage; `tidemark consume "
                   "--skip-damage` reads around it"
                 : AdviceForFile(status);
    case ErrorReason::kTrimmed:
      return "these records are gone; `--from begin` reads what is kept";
    case ErrorReason::kTruncatedPastCursor:
      return "a crash took these records; read on from the offset named";
    case ErrorReason::kDiskFull:
      return "free disk space or lower the topic's retention; what was "
             "acknowledged before is safe";
    case ErrorReason::kOutOfFileDescriptors:
      return "raise the limit on open files (ulimit -n)";
    case ErrorReason::kOutOfMemory:
      return "free memory, then run it again";
    case ErrorReason::kRecordTooLarge:
      return "a topic takes larger records when it is created with "
             "--record-bytes-max";
    case ErrorReason::kAppendTimeout:
      return "the device is too slow for these records: see what else uses "
             "it, then run it again";
    case ErrorReason::kPartitionerMismatch:
      return "the topic belongs to a program with its own partitioner; this "
             "tool cannot open it";
    case ErrorReason::kPoisoned:
    case ErrorReason::kIoError:
      return std::string(kBrokenDevice);
    case ErrorReason::kStoreInUse:
    case ErrorReason::kClosed:
      return "run the command again";
    default:
      return AdviceForCode(status, command);
  }
}

}  // namespace

absl::Status WithMessage(const absl::Status& status, std::string_view message) {
  if (status.ok()) return status;
  absl::Status changed(status.code(), std::string(message));
  if (ReasonOf(status) != ErrorReason::kNone) {
    changed = WithReason(changed, ReasonOf(status));
  }
  const std::optional<OffsetGap> gap = GapOf(status);
  return gap.has_value() ? WithGap(changed, *gap) : changed;
}

absl::Status WithAdvice(const absl::Status& status, std::string_view advice) {
  return WithMessage(
      status, fmt::format("{}\n{}", std::string(status.message()), advice));
}

absl::Status OfOption(const absl::Status& status, std::string_view option,
                      std::string_view value) {
  return WithMessage(status, fmt::format("{} {}: {}", option, value,
                                         std::string(status.message())));
}

std::string Explain(const absl::Status& status, std::string_view command) {
  std::string text = fmt::format("tidemark: {}", std::string(status.message()));
  const size_t line = text.find('\n');
  if (line != std::string::npos) {
    text.insert(line + 1, "  ");
    return text;
  }
  return fmt::format("{}\n  {}", text, AdviceFor(status, command));
}

}  // namespace tidemark::cli
