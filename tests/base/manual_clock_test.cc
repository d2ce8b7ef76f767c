#include "tidemark/testing/manual_clock.h"

#include <thread>

#include "base/mutex.h"
#include "support/catch.h"

namespace tidemark::test {
namespace {

TEST_CASE("A manual clock stands still until it is moved", "[base]") {
  const absl::Time start = absl::FromUnixSeconds(5);
  ManualClock clock(start);
  CHECK(clock.Now() == start);
  CHECK(clock.CoarseMicros() == 5000000);
  CHECK(clock.Monotonic() == absl::ZeroDuration());
  clock.Advance(absl::Microseconds(3));
  CHECK(clock.Now() == start + absl::Microseconds(3));
  CHECK(clock.CoarseMicros() == 5000003);
  CHECK(clock.Monotonic() == absl::Microseconds(3));
}

TEST_CASE("A jump moves the wall time alone", "[base]") {
  ManualClock clock;
  clock.Advance(absl::Seconds(10));
  clock.JumpTo(absl::UnixEpoch());
  CHECK(clock.CoarseMicros() == 0);
  CHECK(clock.Monotonic() == absl::Seconds(10));
  clock.JumpTo(absl::FromUnixSeconds(-1));
  CHECK(clock.CoarseMicros() == -1000000);
}

TEST_CASE("A deadline that has come ends a wait at once", "[base]") {
  ManualClock clock;
  clock.Advance(absl::Seconds(1));
  Mutex mutex;
  Condition condition;
  const MutexLock lock(mutex);
  CHECK_FALSE(condition.WaitUntil(mutex, clock, absl::Seconds(1)));
  CHECK_FALSE(condition.WaitUntil(mutex, clock, absl::ZeroDuration()));
}

TEST_CASE("A wait before its deadline ends in time", "[base]") {
  ManualClock clock;
  Mutex mutex;
  Condition condition;
  const MutexLock lock(mutex);
  // Nobody notifies: the clock looks again by itself.
  CHECK(condition.WaitUntil(mutex, clock, absl::Seconds(1)));
  CHECK(condition.WaitUntil(mutex, clock, absl::InfiniteDuration()));
}

TEST_CASE("Advancing past a deadline ends the waits of all threads", "[base]") {
  ManualClock clock;
  Mutex mutex;
  Condition condition;
  int done = 0;
  const auto wait = [&] {
    const MutexLock lock(mutex);
    while (condition.WaitUntil(mutex, clock, absl::Seconds(5))) {
    }
    ++done;
  };
  std::thread first(wait);
  std::thread second(wait);
  clock.Advance(absl::Seconds(4));
  clock.Advance(absl::Seconds(1));
  first.join();
  second.join();
  CHECK(done == 2);
}

}  // namespace
}  // namespace tidemark::test
