#include "partition/append_waiter.h"

#include <poll.h>

#include <thread>

#include "support/catch.h"
#include "tidemark/testing/manual_clock.h"

namespace tidemark {
namespace {

bool IsReadable(int fd) {
  pollfd entry = {fd, POLLIN, 0};
  return poll(&entry, 1, 0) == 1;
}

TEST_CASE("A signal stays until it is cleared", "[partition]") {
  ManualClock clock;
  AppendWaiter waiter(clock);
  CHECK_FALSE(waiter.is_signalled());
  waiter.Signal();
  waiter.Signal();
  CHECK(waiter.is_signalled());
  CHECK(waiter.WaitUntil(clock.Monotonic()));
  waiter.Clear();
  CHECK_FALSE(waiter.is_signalled());
  CHECK_FALSE(waiter.WaitUntil(clock.Monotonic()));
}

TEST_CASE("The event descriptor is readable while the signal is up",
          "[partition]") {
  ManualClock clock;
  AppendWaiter waiter(clock);
  waiter.Signal();
  const int fd = waiter.event_fd();
  REQUIRE(fd >= 0);
  CHECK(waiter.event_fd() == fd);
  CHECK(IsReadable(fd));
  waiter.Clear();
  CHECK_FALSE(IsReadable(fd));
  waiter.Clear();
  waiter.Signal();
  CHECK(IsReadable(fd));
}

TEST_CASE("A waiter sleeps until another thread signals", "[partition]") {
  AppendWaiter waiter(Clock::System());
  std::thread other([&waiter] { waiter.Signal(); });
  CHECK(waiter.WaitUntil(absl::InfiniteDuration()));
  other.join();
}

}  // namespace
}  // namespace tidemark
