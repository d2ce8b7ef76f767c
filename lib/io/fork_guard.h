#ifndef TIDEMARK_LIB_IO_FORK_GUARD_H_
#define TIDEMARK_LIB_IO_FORK_GUARD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"

// A child of fork() inherits descriptors and with them the locks of its parent:
// they would stay held when the parent dies. So the child closes what holds a
// lock, and everything that was opened before the fork refuses to work in it.
// What the child opens itself works.
//
// Processes made by vfork and posix_spawn run exec at once, which closes all;
// those made by a bare clone() are not noticed.

namespace tidemark {
inline namespace v0 {

// How many descriptors can be registered at a time, in the whole process.
inline constexpr size_t kForkGuardSlots = 16384;

namespace internal {
// The number of forks between the first use of the library and this process.
extern std::atomic<uint32_t> fork_depth;
// Installs the handler once; false when the system has no memory for it.
bool InstallForkHandler();
}  // namespace internal

// Remembers the process that made it.
//
// Thread-safe and cheap to ask: one relaxed load.
class ForkMark {
 public:
  ForkMark() : is_installed_(internal::InstallForkHandler()) {
    depth_ = internal::fork_depth.load(std::memory_order_relaxed);
  }

  // True in a child that was forked after the mark was made.
  bool IsInForkedChild() const {
    return depth_ != internal::fork_depth.load(std::memory_order_relaxed);
  }

  // False if the system could not install the handler; then forks go unnoticed.
  bool is_installed() const { return is_installed_; }

 private:
  uint32_t depth_ = 0;
  bool is_installed_;
};

// Has a forked child close one descriptor.
//
// Not thread-safe by itself; the fork may happen in any thread at any time. The
// slots are a fixed table of atomics, so the child's handler neither locks nor
// allocates. The owner unlocks, unregisters and closes in this order.
class ClosedInForkedChild {
 public:
  ClosedInForkedChild() = default;
  ClosedInForkedChild(const ClosedInForkedChild&) = delete;
  ClosedInForkedChild& operator=(const ClosedInForkedChild&) = delete;
  ~ClosedInForkedChild() { Unregister(); }

  // Registers `descriptor`, or nothing anew if one is registered.
  // ResourceExhausted when all slots are taken.
  absl::Status Register(int descriptor);

  // Frees the slot, if there is one in this process.
  void Unregister();

  // True if the descriptor was closed by the handler and its number may mean
  // another file by now.
  bool IsClosed() const { return slot_ >= 0 && mark_.IsInForkedChild(); }

 private:
  ForkMark mark_;
  int slot_ = -1;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_FORK_GUARD_H_
