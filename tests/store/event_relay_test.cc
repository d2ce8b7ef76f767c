#include "store/event_relay.h"

#include <string>
#include <vector>

#include "support/catch.h"
#include "support/status_matchers.h"

namespace tidemark {
namespace {

StoreHealth HealthOf(const EventRelay& relay) {
  StoreHealth health;
  relay.AddTo(&health);
  return health;
}

TEST_CASE("Events reach the host in their order", "[event_relay]") {
  std::vector<EventKind> seen;
  EventRelay relay([&](const Event& event) { seen.push_back(event.kind); });
  relay.Report({.kind = EventKind::kSegmentRolled});
  relay.Report({.kind = EventKind::kTailCut});
  CHECK(seen ==
        std::vector<EventKind>{EventKind::kSegmentRolled, EventKind::kTailCut});
  CHECK_OK(HealthOf(relay).background_error);
}

TEST_CASE("Events are kept back until the end of a scope", "[event_relay]") {
  std::vector<EventKind> seen;
  EventRelay relay([&](const Event& event) { seen.push_back(event.kind); });
  {
    const EventRelay::Deferral outer(relay);
    {
      const EventRelay::Deferral inner(relay);
      relay.Report({.kind = EventKind::kTailCut});
    }
    CHECK(seen.empty());
  }
  CHECK(seen.size() == 1);
}

TEST_CASE("An exception of the host's function becomes a background error",
          "[event_relay]") {
  EventRelay relay([](const Event&) { throw 1; });
  relay.Report({.kind = EventKind::kSegmentRolled});
  const StoreHealth health = HealthOf(relay);
  CHECK_STATUS(absl::StatusCode::kInternal, health.background_error);
  CHECK(health.background_error_count == 1);
}

TEST_CASE("Health knows the latest error of the background", "[event_relay]") {
  EventRelay relay(nullptr);
  relay.Report({.kind = EventKind::kWriteFailed,
                .status = absl::InternalError("first")});
  relay.NoteBackgroundError(absl::OkStatus());
  relay.NoteBackgroundError(absl::DataLossError("second"));
  const StoreHealth health = HealthOf(relay);
  CHECK_STATUS(absl::StatusCode::kDataLoss, health.background_error);
  CHECK(health.background_error_count == 2);
}

TEST_CASE("Health counts damage and names who waits for space",
          "[event_relay]") {
  EventRelay relay(nullptr);
  relay.Report({.kind = EventKind::kDamageFound});
  for (const PartitionNumber partition : {0, 1}) {
    relay.Report(
        {.kind = EventKind::kDiskFull, .topic = "t", .partition = partition});
  }
  relay.Report(
      {.kind = EventKind::kDiskSpaceReturned, .topic = "t", .partition = 0});
  StoreHealth health = HealthOf(relay);
  CHECK(health.damaged_ranges == 1);
  REQUIRE(health.warnings.size() == 1);
  CHECK(health.warnings[0].find("t/1") != std::string::npos);
  relay.ForgetTopic("t");
  CHECK(HealthOf(relay).warnings.empty());
}

TEST_CASE("Health says why the process level changed", "[event_relay]") {
  EventRelay relay(nullptr);
  relay.SetProcessDurabilityReason("at first");
  CHECK(HealthOf(relay).process_durability_reason == "at first");
  relay.Report({.kind = EventKind::kProcessLevelChanged, .text = "later"});
  CHECK(HealthOf(relay).process_durability_reason == "later");
}

}  // namespace
}  // namespace tidemark
