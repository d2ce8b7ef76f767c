#include "partition/log_shared.h"

#include "partition/chunk_arena.h"
#include "partition/flush_worker.h"
#include "partition/segment_file_cache.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {

LogShared::LogShared() : on_event([](const Event&) {}) {}
LogShared::~LogShared() = default;

absl::Status LogShared::WhyUnusable() const {
  if (fork_mark.IsInForkedChild()) {
    return WithReason(absl::FailedPreconditionError(
                          "store: used in a forked child; open it there anew"),
                      ErrorReason::kForked);
  }
  return WithReason(absl::FailedPreconditionError("store: closed"),
                    ErrorReason::kClosed);
}

}  // namespace v0
}  // namespace tidemark
