#include "partition/retention.h"

#include <utility>
#include <vector>

#include "support/catch.h"

namespace tidemark {
namespace {

constexpr int64_t kSecond = 1000000;

std::vector<SegmentAge> Segments() {
  return {{10, 100, 10 * kSecond, false},
          {20, 100, 20 * kSecond, false},
          {30, 100, 30 * kSecond, false},
          {40, 100, 40 * kSecond, true}};
}

TEST_CASE("Without a limit nothing is due", "[partition]") {
  CHECK(PlanRetention(Segments(), {}, absl::FromUnixSeconds(1000000)).start ==
        0);
}

TEST_CASE("Bytes above the limit go oldest first", "[partition]") {
  PartitionOptions options;
  options.retention_bytes = 250;
  const absl::Time now = absl::FromUnixSeconds(50);
  CHECK(PlanRetention(Segments(), options, now).start == 20);
  options.retention_bytes = 400;
  CHECK(PlanRetention(Segments(), options, now).start == 0);
}

TEST_CASE("The active segment stays however large it is", "[partition]") {
  PartitionOptions options;
  options.retention_bytes = 1;
  CHECK(PlanRetention(Segments(), options, absl::FromUnixSeconds(50)).start ==
        30);
}

TEST_CASE("Segments older than the age go", "[partition]") {
  PartitionOptions options;
  options.retention_age = absl::Seconds(25);
  CHECK(PlanRetention(Segments(), options, absl::FromUnixSeconds(50)).start ==
        20);
  CHECK(PlanRetention(Segments(), options, absl::FromUnixSeconds(40)).start ==
        10);
}

TEST_CASE("A clock behind the newest record deletes nothing by age",
          "[partition]") {
  PartitionOptions options;
  options.retention_age = absl::Milliseconds(1);
  const RetentionPlan plan =
      PlanRetention(Segments(), options, absl::FromUnixSeconds(39));
  CHECK(plan.is_clock_behind);
  CHECK(plan.start == 0);
}

TEST_CASE(
    "A segment written while the clock was set back waits for the ones "
    "before it",
    "[partition]") {
  std::vector<SegmentAge> segments = Segments();
  segments[1].max_append_time = 1 * kSecond;
  PartitionOptions options;
  options.retention_age = absl::Seconds(35);
  // At 44 s the first segment is 34 s old: neither it nor the second goes.
  CHECK(PlanRetention(segments, options, absl::FromUnixSeconds(44)).start == 0);
  CHECK(PlanRetention(segments, options, absl::FromUnixSeconds(46)).start ==
        20);
}

TEST_CASE("By a clock that is not trusted bytes go and ages do not",
          "[partition]") {
  // Z2
  const absl::Time now = absl::FromUnixSeconds(1000000);
  PartitionOptions options;
  options.retention_age = absl::Seconds(25);
  RetentionPlan plan = PlanRetention(Segments(), options, now, false);
  CHECK(plan.is_held_back);
  CHECK(plan.start == 0);
  options.retention_bytes = 250;
  plan = PlanRetention(Segments(), options, now, false);
  CHECK(plan.is_held_back);
  CHECK(plan.start == 20);
  options.retention_age = absl::InfiniteDuration();
  CHECK_FALSE(PlanRetention(Segments(), options, now, false).is_held_back);
}

TEST_CASE("No more than a share of the segments goes by age at once",
          "[partition]") {
  PartitionOptions options;
  options.retention_age = absl::Seconds(1);
  const absl::Time now = absl::FromUnixSeconds(1000000);
  for (const auto& [count, limit] :
       {std::pair<Offset, Offset>{10, 10}, {20, 16}, {32, 16}, {100, 50}}) {
    std::vector<SegmentAge> segments;
    for (Offset i = 1; i <= count; ++i) {
      segments.push_back({i, 100, kSecond, false});
    }
    CHECK(PlanRetention(segments, options, now).start == limit);
  }
}

}  // namespace
}  // namespace tidemark
