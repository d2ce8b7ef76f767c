#ifndef TIDEMARK_LIB_IO_MEMORY_PROCESS_H_
#define TIDEMARK_LIB_IO_MEMORY_PROCESS_H_

#include <fmt/core.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/status.h"

namespace tidemark {
inline namespace v0 {

// A process on a machine in memory, which may die and start again any number of
// times. Thread-safe.
struct MemoryProcess {
  std::atomic<uint64_t> deaths = 0;
};

// The part of a process between two deaths: what holds locks and opens files.
//
// A value; shares the process. Thread-safe.
class MemoryLife {
 public:
  // The life that `process` leads now.
  explicit MemoryLife(std::shared_ptr<MemoryProcess> process)
      : process_(std::move(process)), deaths_(process_->deaths) {}

  bool IsOver() const { return process_->deaths != deaths_; }

  // FailedPrecondition once the life is over: what is left of a host's objects
  // must not touch the world any more.
  absl::Status CheckAlive(std::string_view path,
                          std::string_view action) const {
    if (!IsOver()) return absl::OkStatus();
    return absl::FailedPreconditionError(fmt::format(
        "{}: {}: this process of the MemoryEnv has ended", path, action));
  }

 private:
  std::shared_ptr<MemoryProcess> process_;
  uint64_t deaths_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_MEMORY_PROCESS_H_
