#include "producer/send_budget.h"

#include <atomic>
#include <thread>

#include "producer/producer_fixture.h"

namespace tidemark::test {
namespace {

constexpr absl::Duration kSecond = absl::Seconds(1);
constexpr auto kBudgetFull = absl::StatusCode::kResourceExhausted;

TEST_CASE("A budget counts records and bytes", "[producer]") {
  WatchedClock clock;
  SendBudget budget(clock, 3, 100);
  REQUIRE_OK(budget.TryAcquire(2, 40));
  CHECK_STATUS(kBudgetFull, budget.TryAcquire(2, 1));
  CHECK_STATUS(kBudgetFull, budget.TryAcquire(1, 61));
  CHECK(budget.records() == 2);
  REQUIRE_OK(budget.TryAcquire(1, 60));
  CHECK_STATUS(kBudgetFull, budget.TryAcquire(1, 0));
  budget.Release(2, 40);
  CHECK_OK(budget.TryAcquire(2, 40));
}

TEST_CASE("An acquisition above the bounds passes alone", "[producer]") {
  WatchedClock clock;
  SendBudget budget(clock, 3, 100);
  REQUIRE_OK(budget.TryAcquire(7, UINT64_MAX));
  CHECK_STATUS(kBudgetFull, budget.TryAcquire(1, 1));
  budget.Release(7, UINT64_MAX);
  REQUIRE_OK(budget.TryAcquire(1, 1));
  CHECK_STATUS(kBudgetFull, budget.TryAcquire(7, 1));
  CHECK_STATUS(kBudgetFull, budget.TryAcquire(1, UINT64_MAX));
}

TEST_CASE("A wait for room ends at its timeout and not before", "[producer]") {
  WatchedClock clock;
  SendBudget budget(clock, 1, 100);
  REQUIRE_OK(budget.TryAcquire(1, 1));
  std::atomic<bool> has_ended{false};
  absl::Status status;
  std::thread sender([&] {
    status = budget.Acquire(1, 1, 10 * kSecond);
    has_ended.store(true);
  });
  clock.AwaitWaits(1);
  clock.Advance(9 * kSecond);
  // The wait looks again every few milliseconds.
  clock.AwaitWaits(clock.waits() + 2);
  CHECK_FALSE(has_ended.load());
  clock.Advance(kSecond);
  sender.join();
  CHECK_STATUS(kBudgetFull, status);
  CHECK(ReasonOf(status) == ErrorReason::kAppendTimeout);
  CHECK(budget.records() == 1);
}

TEST_CASE("Room goes to those who wait in the order of arrival", "[producer]") {
  WatchedClock clock;
  SendBudget budget(clock, 4, 100);
  REQUIRE_OK(budget.TryAcquire(4, 1));
  absl::Status big;
  absl::Status small;
  std::thread first([&] { big = budget.Acquire(3, 1, 100 * kSecond); });
  clock.AwaitThreads(1);
  std::thread second([&] { small = budget.Acquire(1, 0, kSecond); });
  clock.AwaitThreads(2);
  // One would do for the small one, but the big one came first.
  budget.Release(1, 0);
  budget.Grant();
  CHECK(budget.records() == 3);
  CHECK_STATUS(kBudgetFull, budget.Acquire(1, 0, absl::ZeroDuration()));
  budget.Release(2, 0);
  budget.Grant();
  first.join();
  CHECK_OK(big);
  clock.Advance(kSecond);
  second.join();
  CHECK_STATUS(kBudgetFull, small);
  CHECK(budget.records() == 4);
}

TEST_CASE("Who gives up lets the next one have the room", "[producer]") {
  WatchedClock clock;
  SendBudget budget(clock, 4, 100);
  REQUIRE_OK(budget.TryAcquire(3, 1));
  absl::Status big;
  absl::Status small;
  std::thread first([&] { big = budget.Acquire(2, 1, kSecond); });
  clock.AwaitThreads(1);
  std::thread second([&] { small = budget.Acquire(1, 1, 100 * kSecond); });
  clock.AwaitThreads(2);
  clock.Advance(kSecond);
  first.join();
  second.join();
  CHECK_STATUS(kBudgetFull, big);
  CHECK_OK(small);
}

TEST_CASE("Room that is given back is for a callback first", "[producer]") {
  WatchedClock clock;
  SendBudget budget(clock, 1, 100);
  REQUIRE_OK(budget.TryAcquire(1, 1));
  absl::Status status;
  std::thread sender([&] { status = budget.Acquire(1, 1, 10 * kSecond); });
  clock.AwaitWaits(1);
  budget.Release(1, 1);
  CHECK_OK(budget.TryAcquire(1, 1));
  budget.Grant();
  budget.Release(1, 1);
  budget.Grant();
  sender.join();
  CHECK_OK(status);
}

TEST_CASE("A budget that closes refuses everybody", "[producer]") {
  WatchedClock clock;
  SendBudget budget(clock, 1, 100);
  REQUIRE_OK(budget.TryAcquire(1, 1));
  absl::Status waiting;
  std::thread sender([&] { waiting = budget.Acquire(1, 1, 10 * kSecond); });
  clock.AwaitWaits(1);
  budget.Close();
  sender.join();
  CHECK_STATUS(absl::StatusCode::kCancelled, waiting);
  CHECK(IsClosed(waiting));
  budget.Release(1, 1);
  budget.Grant();
  CHECK(IsClosed(budget.TryAcquire(1, 1)));
  CHECK_STATUS(absl::StatusCode::kFailedPrecondition,
               budget.Acquire(1, 1, kSecond));
  CHECK(budget.records() == 0);
}

}  // namespace
}  // namespace tidemark::test
