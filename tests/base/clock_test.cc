#include "tidemark/clock.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/mutex.h"
#include "support/catch.h"

namespace tidemark::test {
namespace {

TEST_CASE("The coarse time follows the fine one", "[base]") {
  Clock& clock = Clock::System();
  const absl::Time before = clock.Now() - absl::Seconds(1);
  const absl::Time coarse = absl::FromUnixMicros(clock.CoarseMicros());
  const absl::Time after = clock.Now() + absl::Seconds(1);
  CHECK(before < coarse);
  CHECK(coarse < after);
}

TEST_CASE("The monotonic time never goes back", "[base]") {
  Clock& clock = Clock::System();
  absl::Duration previous = clock.Monotonic();
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration now = clock.Monotonic();
    REQUIRE(now >= previous);
    previous = now;
  }
}

TEST_CASE("There is one system clock", "[base]") {
  CHECK(&Clock::System() == &Clock::System());
}

TEST_CASE("A wait ends at its deadline", "[base]") {
  Clock& clock = Clock::System();
  std::mutex mutex;
  std::condition_variable condition;
  std::unique_lock<std::mutex> lock(mutex);
  CHECK_FALSE(clock.WaitUntil(condition, lock, clock.Monotonic()));
  CHECK_FALSE(clock.WaitUntil(condition, lock, -absl::InfiniteDuration()));
  const absl::Duration deadline = clock.Monotonic() + absl::Milliseconds(2);
  while (clock.WaitUntil(condition, lock, deadline)) {
  }
  CHECK(clock.Monotonic() >= deadline);
  CHECK(lock.owns_lock());
}

TEST_CASE("A notification ends a wait without a deadline", "[base]") {
  Mutex mutex;
  Condition condition;
  bool is_ready = false;
  std::thread notifier([&] {
    const MutexLock lock(mutex);
    is_ready = true;
    condition.NotifyOne();
  });
  {
    const MutexLock lock(mutex);
    while (!is_ready) {
      CHECK(condition.WaitUntil(mutex, Clock::System(),
                                absl::InfiniteDuration()));
    }
  }
  notifier.join();
  CHECK(is_ready);
}

TEST_CASE("A deadline in the far future does not overflow", "[base]") {
  Mutex mutex;
  Condition condition;
  bool is_ready = false;
  std::thread notifier([&] {
    const MutexLock lock(mutex);
    is_ready = true;
    condition.NotifyAll();
  });
  {
    const MutexLock lock(mutex);
    while (!is_ready) {
      CHECK(condition.WaitUntil(mutex, Clock::System(),
                                absl::Hours(24 * 365 * 200000)));
    }
  }
  notifier.join();
  CHECK(is_ready);
}

}  // namespace
}  // namespace tidemark::test
