#ifndef TIDEMARK_LIB_BASE_GUARD_H_
#define TIDEMARK_LIB_BASE_GUARD_H_

#include <new>
#include <utility>

#include "absl/status/status.h"
#include "tidemark/error.h"

// Where exceptions end. The library raises none of its own; std::bad_alloc can
// come from any container, and anything from a callback of the host.
namespace tidemark {
inline namespace v0 {

// ResourceExhausted with kOutOfMemory; without text and reason when there is no
// memory even for them.
inline absl::Status OutOfMemoryStatus() noexcept {
  try {
    return WithReason(absl::ResourceExhaustedError("out of memory"),
                      ErrorReason::kOutOfMemory);
  } catch (const std::bad_alloc&) {
    return absl::Status(absl::StatusCode::kResourceExhausted, {});
  }
}

// Calls `function`, which returns a Status or a StatusOr, and returns its
// result, or ResourceExhausted when it ran out of memory; Internal for any
// other exception, which only a bug can raise. Every public function that
// allocates is wrapped in it.
template <typename Function>
auto Guarded(Function&& function) noexcept -> decltype(function()) {
  try {
    return std::forward<Function>(function)();
  } catch (const std::bad_alloc&) {
    return OutOfMemoryStatus();
  } catch (...) {
    return absl::Status(absl::StatusCode::kInternal, {});
  }
}

// Calls `function`, which is code of the host. Returns false when it let an
// exception through. To be called without any lock held.
template <typename Function>
bool RunHostCode(Function&& function) noexcept {
  try {
    std::forward<Function>(function)();
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_BASE_GUARD_H_
