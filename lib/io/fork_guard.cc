#include "io/fork_guard.h"

#include <fmt/core.h>
#include <pthread.h>
#include <unistd.h>

#include <array>

namespace tidemark {
inline namespace v0 {
namespace internal {

constinit std::atomic<uint32_t> fork_depth = 0;

}  // namespace internal

namespace {

// Descriptor + 1; 0 is free. Zero-initialized, so the table is in no file.
constinit std::array<std::atomic<int>, kForkGuardSlots> guarded = {};
// No slot at or above it was ever taken.
constinit std::atomic<int> guarded_count = 0;

// Runs in the child between fork and its return: async-signal-safe calls only.
void CloseGuardedInChild() {
  const int count = guarded_count.load(std::memory_order_acquire);
  for (int slot = 0; slot < count; ++slot) {
    const int entry = guarded[static_cast<size_t>(slot)].exchange(
        0, std::memory_order_relaxed);
    if (entry != 0) ::close(entry - 1);
  }
  internal::fork_depth.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

namespace internal {

bool InstallForkHandler() {
  static const bool is_installed =
      ::pthread_atfork(nullptr, nullptr, &CloseGuardedInChild) == 0;
  return is_installed;
}

}  // namespace internal

absl::Status ClosedInForkedChild::Register(int descriptor) {
  if (slot_ >= 0) return absl::OkStatus();
  mark_ = ForkMark();
  if (!mark_.is_installed()) {
    return absl::ResourceExhaustedError("fork handler: install: out of memory");
  }
  for (size_t slot = 0; slot < guarded.size(); ++slot) {
    if (guarded[slot].load(std::memory_order_relaxed) != 0) continue;
    const int end = static_cast<int>(slot) + 1;
    // The count covers the slot before the slot holds anything, so that a fork
    // in between misses nothing.
    int count = guarded_count.load(std::memory_order_relaxed);
    while (count < end && !guarded_count.compare_exchange_weak(
                              count, end, std::memory_order_release)) {
    }
    int expected = 0;
    if (guarded[slot].compare_exchange_strong(expected, descriptor + 1)) {
      slot_ = static_cast<int>(slot);
      return absl::OkStatus();
    }
  }
  return absl::ResourceExhaustedError(
      fmt::format("descriptor {}: guard against fork: all {} slots are taken",
                  descriptor, guarded.size()));
}

void ClosedInForkedChild::Unregister() {
  if (slot_ < 0) return;
  // The slots of a child are its own; what its parent registered is not there.
  if (!mark_.IsInForkedChild()) {
    guarded[static_cast<size_t>(slot_)].store(0, std::memory_order_release);
    slot_ = -1;
  }
}

}  // namespace v0
}  // namespace tidemark
