#ifndef TIDEMARK_LIB_BASE_WORKER_H_
#define TIDEMARK_LIB_BASE_WORKER_H_

#include <memory>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tidemark/clock.h"

namespace tidemark {
inline namespace v0 {

// A thread that runs one job, again and again, when it is woken or when the
// time comes that the job named. The only place that starts threads.
//
// The job never runs twice at a time, and not after Stop has returned. A wake
// during a run makes another run follow. The thread blocks signals, so that the
// handlers of the host run on threads of the host.
//
// Thread-safe, except that Stop must not run beside another Stop nor inside the
// job, and the destructor not beside any call. Owns the thread and the job,
// borrows the clock. In a forked child, where the thread does not exist, Stop
// and the destructor return at once and leak what the thread may have held.
//
// Destroyed inside its job, it does not wait: the thread ends by itself when
// the job returns, and takes the job with it.
//
// A job that runs out of memory is run again after kRetryDelay.
class Worker {
 public:
  // Returns the monotonic time at which to run again at the latest;
  // absl::InfiniteDuration(): only when woken. May let std::bad_alloc through
  // and nothing else.
  using Job = absl::AnyInvocable<absl::Duration()>;

  static constexpr absl::Duration kRetryDelay = absl::Milliseconds(100);

  // Starts the thread, which runs the job at once. `name`, of at most 15 bytes,
  // is what debuggers show. ResourceExhausted when the system gives no thread.
  static absl::StatusOr<std::unique_ptr<Worker>> Start(std::string_view name,
                                                       Clock& clock, Job job);

  struct State;
  explicit Worker(std::unique_ptr<State> state);  // for Start
  ~Worker();

  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Has the job run as soon as possible.
  void Wake();

  // Has the job run at `deadline` of the clock's monotonic time at the latest.
  // It counts once; the time that the next run returns does not undo it.
  void WakeAt(absl::Duration deadline);

  // Waits for the end of the present run and ends the thread. Wakes from then
  // on are ignored. Calling it again does nothing.
  void Stop();

 private:
  std::unique_ptr<State> state_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_BASE_WORKER_H_
