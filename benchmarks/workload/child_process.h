#ifndef TIDEMARK_BENCHMARKS_WORKLOAD_CHILD_PROCESS_H_
#define TIDEMARK_BENCHMARKS_WORKLOAD_CHILD_PROCESS_H_

#include <atomic>
#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bench {

// How many records a child process has acknowledged, in memory that its parent
// sees, also when the child is gone.
class AcknowledgedCount {
 public:
  // Borrows `count`. `goal_fd` gets one byte when the count reaches the goal.
  AcknowledgedCount(std::atomic<uint64_t>* count, uint64_t goal, int goal_fd)
      : count_(count), goal_(goal), goal_fd_(goal_fd) {}

  // Counts never fall.
  void Set(uint64_t count) {
    count_->store(count, std::memory_order_release);
    if (count >= goal_ && !is_goal_told_) TellGoal();
  }

 private:
  void TellGoal();

  std::atomic<uint64_t>* const count_;
  const uint64_t goal_;
  const int goal_fd_;
  bool is_goal_told_ = false;
};

// Runs `body` in a child process and waits for it. The caller must not have
// threads. The child prints its error itself.
absl::Status RunInChild(const std::function<absl::Status()>& body);

// Runs `body` in a child process, kills that with SIGKILL once the count has
// reached `goal`, whatever the child does then, and returns the final count.
absl::StatusOr<uint64_t> RunInChildUntilKilled(
    uint64_t goal, const std::function<absl::Status(AcknowledgedCount&)>& body);

// Writes dirty pages out and has the kernel drop its clean ones. Needs root.
absl::Status DropPageCache();

}  // namespace bench

#endif  // TIDEMARK_BENCHMARKS_WORKLOAD_CHILD_PROCESS_H_
