#include "advice.h"

#include <fmt/core.h>

#include <optional>

#include "tidemark/error.h"
#include "tidemark/version.h"

namespace tidemark::cli {
namespace {

constexpr std::string_view kBrokenDevice =
    "the device or the file system has a problem: see the kernel's log "
    "(dmesg), then run the command again";

std::string AdviceForCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kPermissionDenied:
      return "run this as the user that owns the store";
    case absl::StatusCode::kUnimplemented:
      return "this tidemark was built without a part that the store needs";
    case absl::StatusCode::kResourceExhausted:
      return "free memory, disk space or descriptors, then run it again";
    default:
      return "";
  }
}

std::string AdviceFor(const absl::Status& status) {
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
      return "`tidemark verify` lists all damage; `tidemark consume "
             "--skip-damage` reads around it";
    case ErrorReason::kTrimmed:
      return "these records are gone; `--from begin` reads what is kept";
    case ErrorReason::kTruncatedPastCursor:
      return "a crash took these records; read on from the offset named";
    case ErrorReason::kDiskFull:
      return "free disk space or lower the topic's retention; what was "
             "acknowledged before is safe";
    case ErrorReason::kOutOfFileDescriptors:
      return "raise the limit on open files (ulimit -n)";
    case ErrorReason::kRecordTooLarge:
      return "a topic takes larger records when it is created with "
             "--record-bytes-max";
    case ErrorReason::kPartitionerMismatch:
      return "the topic belongs to a program with its own partitioner; this "
             "tool cannot open it";
    case ErrorReason::kIoError:
    case ErrorReason::kPoisoned:
      return std::string(kBrokenDevice);
    default:
      return AdviceForCode(status.code());
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

std::string Explain(const absl::Status& status) {
  std::string text = fmt::format("tidemark: {}", std::string(status.message()));
  const size_t line = text.find('\n');
  if (line != std::string::npos) {
    text.insert(line + 1, "  ");
    return text;
  }
  const std::string advice = AdviceFor(status);
  return advice.empty() ? text : fmt::format("{}\n  {}", text, advice);
}

}  // namespace tidemark::cli
