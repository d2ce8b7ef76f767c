#include <cstdint>
#include <string>

#include "disk/disk_host.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/testing/manual_clock.h"

// Clocks that stand in 1970 or 2100, and that jump, over a store on a disk.
namespace tidemark::test {
namespace {

const absl::Time k1970 = absl::UnixEpoch();
const absl::Time k2026 = absl::FromUnixSeconds(1'780'000'000);
const absl::Time k2100 = absl::FromUnixSeconds(4'102'444'800);

TopicOptions AgingTopic() {
  TopicOptions options = DiskHost::SmallTopic();
  options.segment_bytes = 16 << 10;
  options.retention_age = absl::Hours(24);
  return options;
}

StoreOptions OptionsOf(ManualClock& clock) {
  StoreOptions options;
  options.background_threads = false;
  options.clock = &clock;
  return options;
}

// Time goes by as time does, with maintenance each half minute.
void Pass(DiskHost& host, ManualClock& clock, absl::Duration time) {
  for (absl::Duration done; done < time; done += absl::Seconds(30)) {
    clock.Advance(absl::Seconds(30));
    REQUIRE_OK(host.store().RunMaintenance(clock.Now()));
  }
}

// Syncs are due by the time that goes by, whatever the clock says.
void RequireTimers(DiskHost& host, ManualClock& clock) {
  REQUIRE_OK(host.Append(Ack::kProcess));
  REQUIRE(host.partition().marks().durable < host.end());
  clock.Advance(absl::Milliseconds(101));
  REQUIRE_OK(host.store().RunMaintenance(clock.Now()));
  REQUIRE(host.partition().marks().durable == host.end());
}

TEST_CASE("A store works in 1970 and in 2100", "[disk]") {
  for (const absl::Time start : {k1970, k2100}) {
    INFO(absl::FormatTime(start));
    const TempDir directory;
    ManualClock clock(start);
    DiskHost host(directory / "store", OptionsOf(clock));
    host.Open(AgingTopic());
    REQUIRE_OK(host.AppendUntilFull(Ack::kProcess, 100));
    RequireTimers(host, clock);
    REQUIRE_OK_AND_ASSIGN(const Offset first,
                          host.partition().OffsetForTime(start));
    REQUIRE(first == 0);
    Pass(host, clock, absl::Hours(2));
    REQUIRE(host.partition().marks().start == 0);
    // Age is age in every year.
    Pass(host, clock, absl::Hours(24));
    REQUIRE(host.partition().marks().start > 0);
    host.CheckRecords();
    host.CheckCommit(host.end());
    REQUIRE_OK(host.Close());
    host.Open(AgingTopic());
    host.CheckRecords();
    REQUIRE_OK(host.Close());
  }
}

// Z2: nothing goes by an age that a jump made.
void RequireNoLoss(absl::Time from, absl::Time to, bool is_reopened) {
  INFO(absl::FormatTime(from)
       << " to " << absl::FormatTime(to) << (is_reopened ? ", reopened" : ""));
  const TempDir directory;
  ManualClock clock(from);
  DiskHost host(directory / "store", OptionsOf(clock));
  host.Open(AgingTopic());
  REQUIRE_OK(host.AppendUntilFull(Ack::kProcess, 100));
  Pass(host, clock, absl::Minutes(10));
  if (is_reopened) REQUIRE_OK(host.Close());
  clock.JumpTo(to);
  if (is_reopened) host.Open(AgingTopic());
  for (int i = 0; i < 3; ++i) {
    REQUIRE_OK(host.store().RunMaintenance(clock.Now()));
    Pass(host, clock, absl::Minutes(15));
    RequireTimers(host, clock);
  }
  REQUIRE(host.partition().marks().start == 0);
  host.CheckRecords();
  // It is taken back in time, as a time server does.
  clock.JumpTo(from + absl::Hours(1));
  Pass(host, clock, absl::Hours(3));
  RequireTimers(host, clock);
  REQUIRE(host.partition().marks().start == 0);
  host.CheckRecords();
  REQUIRE_OK(host.Close());
  host.Open(AgingTopic());
  host.CheckRecords();
  host.CheckCommit(host.end());
  REQUIRE_OK(host.Close());
}

TEST_CASE("A clock that jumps deletes nothing", "[disk]") {
  for (const bool is_reopened : {false, true}) {
    RequireNoLoss(k1970, k2026, is_reopened);
    RequireNoLoss(k2026, k1970, is_reopened);
    RequireNoLoss(k2026, k2100, is_reopened);
    RequireNoLoss(k2100, k2026, is_reopened);
    RequireNoLoss(k1970, k2100, is_reopened);
    RequireNoLoss(k2100, k1970, is_reopened);
  }
}

}  // namespace
}  // namespace tidemark::test
