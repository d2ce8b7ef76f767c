#include "base/worker.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include "support/catch.h"
#include "support/status_matchers.h"
#include "tidemark/testing/manual_clock.h"

namespace tidemark {
namespace {

// Counts the runs of a job and lets a test wait for them.
class RunCounter {
 public:
  void Count() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++runs_;
    condition_.notify_all();
  }
  void WaitFor(int runs) {
    std::unique_lock<std::mutex> lock(mutex_);
    condition_.wait(lock, [&] { return runs_ >= runs; });
  }
  int runs() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return runs_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  int runs_ = 0;
};

TEST_CASE("A worker runs its job at once and again at each wake", "[worker]") {
  ManualClock clock;
  RunCounter counter;
  REQUIRE_OK_AND_ASSIGN(auto worker, Worker::Start("test", clock, [&] {
                          counter.Count();
                          return absl::InfiniteDuration();
                        }));
  counter.WaitFor(1);
  worker->Wake();
  counter.WaitFor(2);
  worker->Stop();
  worker->Wake();
  worker->Stop();
  CHECK(counter.runs() == 2);
}

TEST_CASE("A worker runs again at the time that its job returned", "[worker]") {
  ManualClock clock;
  RunCounter counter;
  REQUIRE_OK_AND_ASSIGN(auto worker, Worker::Start("test", clock, [&] {
                          const absl::Duration now = clock.Monotonic();
                          counter.Count();
                          return now + absl::Seconds(10);
                        }));
  counter.WaitFor(1);
  clock.Advance(absl::Seconds(9));
  CHECK(counter.runs() == 1);
  clock.Advance(absl::Seconds(1));
  counter.WaitFor(2);
}

TEST_CASE("A wake at a time counts when it is earlier than the job's own",
          "[worker]") {
  ManualClock clock;
  RunCounter counter;
  REQUIRE_OK_AND_ASSIGN(auto worker, Worker::Start("test", clock, [&] {
                          counter.Count();
                          return absl::InfiniteDuration();
                        }));
  counter.WaitFor(1);
  worker->WakeAt(absl::Seconds(20));
  worker->WakeAt(absl::Seconds(30));
  clock.Advance(absl::Seconds(20));
  counter.WaitFor(2);
}

TEST_CASE("A wake during a run makes another run follow", "[worker]") {
  ManualClock clock;
  RunCounter begun;
  RunCounter may_end;
  REQUIRE_OK_AND_ASSIGN(auto worker, Worker::Start("test", clock, [&] {
                          begun.Count();
                          may_end.WaitFor(1);
                          return absl::InfiniteDuration();
                        }));
  begun.WaitFor(1);
  worker->Wake();
  may_end.Count();
  begun.WaitFor(2);
}

TEST_CASE("A job that runs out of memory is run again", "[worker]") {
  ManualClock clock;
  RunCounter counter;
  REQUIRE_OK_AND_ASSIGN(auto worker,
                        Worker::Start("test", clock, [&]() -> absl::Duration {
                          counter.Count();
                          throw std::bad_alloc();
                        }));
  // The delay begins when the job has failed, a moment after it has counted.
  for (int run = 1; run < 4; ++run) {
    counter.WaitFor(run);
    while (counter.runs() == run) clock.Advance(Worker::kRetryDelay);
  }
}

TEST_CASE("A worker blocks the signals that a host handles", "[worker]") {
  ManualClock clock;
  RunCounter counter;
  sigset_t in_worker;
  REQUIRE_OK_AND_ASSIGN(auto worker, Worker::Start("test", clock, [&] {
                          pthread_sigmask(SIG_SETMASK, nullptr, &in_worker);
                          counter.Count();
                          return absl::InfiniteDuration();
                        }));
  counter.WaitFor(1);
  CHECK(sigismember(&in_worker, SIGTERM) == 1);
  CHECK(sigismember(&in_worker, SIGSEGV) == 0);
  sigset_t here;
  pthread_sigmask(SIG_SETMASK, nullptr, &here);
  CHECK(sigismember(&here, SIGTERM) == 0);
}

TEST_CASE("A worker that is destroyed in its own job takes the job with it",
          "[worker]") {
  // Counts when the job goes away.
  struct Farewell {
    RunCounter& counter;
    ~Farewell() { counter.Count(); }
  };
  ManualClock clock;
  RunCounter assigned;
  RunCounter runs;
  RunCounter farewells;
  std::unique_ptr<Worker> worker;
  auto farewell = std::make_shared<Farewell>(Farewell{farewells});
  const int before = farewells.runs();
  REQUIRE_OK_AND_ASSIGN(
      worker,
      Worker::Start("test", clock,
                    [&, farewell = std::exchange(farewell, nullptr)] {
                      assigned.WaitFor(1);
                      worker.reset();
                      runs.Count();
                      return absl::ZeroDuration();  // would run again at once
                    }));
  assigned.Count();
  farewells.WaitFor(before + 1);
  CHECK(runs.runs() == 1);
  CHECK(worker == nullptr);
}

// The ThreadSanitizer of clang 14 cannot detach a thread of another process.
TEST_CASE("A worker is destroyed in a forked child without its thread",
          "[worker][no_tsan]") {
  ManualClock clock;
  RunCounter counter;
  REQUIRE_OK_AND_ASSIGN(auto worker, Worker::Start("test", clock, [&] {
                          counter.Count();
                          return absl::InfiniteDuration();
                        }));
  counter.WaitFor(1);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(20);
    worker.reset();
    _exit(7);
  }
  int result = 0;
  REQUIRE(waitpid(child, &result, 0) == child);
  CHECK(WIFEXITED(result));
  CHECK(WEXITSTATUS(result) == 7);
}

TEST_CASE("A thread that the system does not give is ResourceExhausted",
          "[worker]") {
  // No address space has room for such a stack.
  pthread_attr_t before;
  REQUIRE(pthread_getattr_default_np(&before) == 0);
  pthread_attr_t huge;
  REQUIRE(pthread_attr_init(&huge) == 0);
  REQUIRE(pthread_attr_setstacksize(&huge, SIZE_MAX / 4 * 3) == 0);
  REQUIRE(pthread_setattr_default_np(&huge) == 0);
  ManualClock clock;
  CHECK_STATUS(
      absl::StatusCode::kResourceExhausted,
      Worker::Start("test", clock, [] { return absl::InfiniteDuration(); }));
  REQUIRE(pthread_setattr_default_np(&before) == 0);
}

}  // namespace
}  // namespace tidemark
