#include "base/worker.h"

#include <fmt/core.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "base/guard.h"
#include "base/mutex.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

// What pthread_setname_np takes on Linux, without the final zero.
constexpr size_t kThreadNameMax = 15;

// Blocks the signals of the calling thread for a scope, so that a thread which
// is started in it inherits that. Not those that a thread raises by its own
// fault, nor that of profilers: they belong to the thread that they hit.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    for (const int own :
         {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGPROF}) {
      sigdelset(&all, own);
    }
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

// On the heap, for a forked child must be able to leave it as it is: its mutex
// may be held, and its condition waited for, by a thread that is not there.
struct Worker::State {
  State(Clock& clock_in, Job job_in)
      : clock(clock_in), job(std::move(job_in)), process(getpid()) {}

  // Constant after construction.
  Clock& clock;
  Job job;  // called by the thread alone
  const pid_t process;
  std::thread thread;
  bool is_own = false;  // the thread frees it; of the thread alone

  Mutex mutex;
  Condition condition;
  absl::Duration wake_at ABSL_GUARDED_BY(mutex) = -absl::InfiniteDuration();
  bool is_stopping ABSL_GUARDED_BY(mutex) = false;

  // Waits until the job is due. Returns false when the worker stops.
  bool WaitForTurn() {
    MutexLock lock(mutex);
    while (!is_stopping && clock.Monotonic() < wake_at) {
      condition.WaitUntil(mutex, clock, wake_at);
    }
    wake_at = absl::InfiniteDuration();
    return !is_stopping;
  }

  absl::Duration RunJob() {
    try {
      return job();
    } catch (const std::bad_alloc&) {
      return clock.Monotonic() + kRetryDelay;
    }
  }

  void Loop() {
    while (WaitForTurn()) {
      const absl::Duration next = RunJob();
      MutexLock lock(mutex);
      wake_at = std::min(wake_at, next);
    }
  }

  void WakeAt(absl::Duration deadline) {
    {
      MutexLock lock(mutex);
      if (deadline >= wake_at) return;
      wake_at = deadline;
    }
    condition.NotifyOne();
  }
};

absl::StatusOr<std::unique_ptr<Worker>> Worker::Start(std::string_view name,
                                                      Clock& clock, Job job) {
  try {
    auto state = std::make_unique<State>(clock, std::move(job));
    std::string short_name(name.substr(0, kThreadNameMax));
    State* const raw = state.get();
    // Made first, so that nothing can fail once the thread runs.
    auto worker = std::make_unique<Worker>(std::move(state));
    const SignalsBlocked blocked;
    raw->thread = std::thread([raw] {
      raw->Loop();
      std::unique_ptr<State> ended(raw);
      if (!raw->is_own) static_cast<void>(ended.release());
    });
    pthread_setname_np(raw->thread.native_handle(), short_name.c_str());
    return worker;
  } catch (const std::bad_alloc&) {
    return OutOfMemoryStatus();
  } catch (const std::system_error& cause) {
    return absl::ResourceExhaustedError(
        fmt::format("worker {}: start a thread: {}", name, cause.what()));
  }
}

Worker::Worker(std::unique_ptr<State> state) : state_(std::move(state)) {}

Worker::~Worker() {
  if (state_->thread.get_id() == std::this_thread::get_id()) {
    state_->thread.detach();
    state_->is_own = true;
    const MutexLock lock(state_->mutex);
    state_->is_stopping = true;
    static_cast<void>(state_.release());
    return;
  }
  Stop();
  if (state_->process != getpid()) static_cast<void>(state_.release());
}

void Worker::Wake() { WakeAt(-absl::InfiniteDuration()); }

void Worker::WakeAt(absl::Duration deadline) { state_->WakeAt(deadline); }

void Worker::Stop() {
  if (!state_->thread.joinable()) return;
  if (state_->process != getpid()) {
    state_->thread.detach();
    return;
  }
  {
    MutexLock lock(state_->mutex);
    state_->is_stopping = true;
  }
  state_->condition.NotifyOne();
  state_->thread.join();
}

}  // namespace v0
}  // namespace tidemark
