#include "partition/clock_watch.h"

#include "support/catch.h"

namespace tidemark {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1000000000);

// Looks with the wall clock ahead by `ahead` after `elapsed`.
struct Watched {
  ClockTrust Look(absl::Duration elapsed,
                  absl::Duration ahead = absl::ZeroDuration()) {
    return watch.Look(kStart + elapsed + ahead, elapsed, &jump);
  }

  ClockWatch watch{kStart, absl::ZeroDuration()};
  absl::Duration jump;
};

TEST_CASE("Clocks that run together are confirmed for all that time",
          "[partition]") {
  Watched clock;
  for (int hour = 0; hour < 5; ++hour) {
    const ClockTrust trust = clock.Look(absl::Hours(hour));
    CHECK(trust.confirmed == absl::Hours(hour));
    CHECK_FALSE(trust.has_jumped);
    CHECK(clock.jump == absl::ZeroDuration());
  }
  CHECK_FALSE(clock.watch.IsInDoubt(absl::Hours(5)));
}

TEST_CASE("A jump in either direction begins the time anew", "[partition]") {
  for (const absl::Duration ahead : {absl::Hours(1), -absl::Hours(1)}) {
    Watched clock;
    ClockTrust trust = clock.Look(absl::Hours(3), ahead);
    CHECK(trust.confirmed == absl::ZeroDuration());
    CHECK(trust.has_jumped);
    CHECK(clock.jump == ahead);
    CHECK(clock.watch.IsInDoubt(absl::Minutes(239)));
    CHECK_FALSE(clock.watch.IsInDoubt(absl::Hours(4)));
    trust = clock.Look(absl::Hours(4), ahead);
    CHECK(trust.confirmed == absl::Hours(1));
    CHECK(clock.jump == absl::ZeroDuration());
  }
}

TEST_CASE("Corrections and drift are no jumps", "[partition]") {
  Watched clock;
  for (int i = 1; i < 100; ++i) {
    clock.Look(absl::Hours(i), i * absl::Minutes(59));
    CHECK(clock.jump == absl::ZeroDuration());
  }
}

TEST_CASE("A time without end is never confirmed", "[partition]") {
  Watched clock;
  for (int i = 1; i < 4; ++i) {
    const ClockTrust trust =
        clock.watch.Look(absl::InfiniteFuture(), absl::Hours(i), &clock.jump);
    CHECK(trust.confirmed == absl::ZeroDuration());
  }
  clock.Look(absl::Hours(5));
  CHECK(clock.jump == -absl::InfiniteDuration());
  CHECK(clock.Look(absl::Hours(6)).confirmed == absl::Hours(1));
}

}  // namespace
}  // namespace tidemark
