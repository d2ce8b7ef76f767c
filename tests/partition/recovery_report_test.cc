#include "tidemark/recovery_report.h"

#include "support/catch.h"

namespace tidemark {
namespace {

PartitionRecovery SampleRecovery() {
  PartitionRecovery recovery;
  recovery.topic = "orders";
  recovery.partition = 3;
  recovery.start = 10;
  recovery.end = 90;
  recovery.recorded_durable_end = 80;
  recovery.bytes_scanned = 4096;
  return recovery;
}

TEST_CASE("A recovery without events is one line", "[partition]") {
  CHECK(ToString(SampleRecovery()) ==
        "orders/3: offsets [10, 90), recorded durable 80, not clean, "
        "scanned 4096 bytes\n");
}

TEST_CASE("A recovery tells everything that it did", "[partition]") {
  PartitionRecovery recovery = SampleRecovery();
  recovery.is_clean = true;
  recovery.records_taken_over = 5;
  recovery.bytes_taken_over = 500;
  recovery.cut =
      CutTail{.offset = 90, .file = "a.log", .position = 1024, .size = 96};
  recovery.files_removed = {"b.log"};
  recovery.files_set_aside = {"c.log -> c.log.aside-2"};
  recovery.damage = {{.from = 20,
                      .to = 30,
                      .file = "a.log",
                      .position = 100,
                      .size = 50,
                      .what = "batch header checksum mismatch"},
                     {.from = 40,
                      .to = 50,
                      .file = "d.log",
                      .position = 0,
                      .size = 0,
                      .what = "segment missing"},
                     {.from = 60,
                      .to = 60,
                      .file = "e.log",
                      .position = 7,
                      .size = 8,
                      .what = "no valid trailer"}};
  CHECK(recovery.has_damage());
  CHECK(ToString(recovery) ==
        "orders/3: offsets [10, 90), recorded durable 80, clean, scanned 4096 "
        "bytes\n"
        "  taken over: 5 records, 500 bytes\n"
        "  cut: 96 bytes of a.log at position 1024, offset 90\n"
        "  removed: b.log\n"
        "  set aside: c.log -> c.log.aside-2\n"
        "  damaged: offsets [20, 30), a.log bytes [100, 150): batch header "
        "checksum mismatch\n"
        "  damaged: offsets [40, 50), d.log position 0: segment missing\n"
        "  damaged, no record lost: e.log bytes [7, 15): no valid trailer\n");
}

TEST_CASE("A store's report holds those of its partitions", "[partition]") {
  RecoveryReport report;
  report.incarnation = 9;
  report.arena = ArenaOutcome::kMissing;
  report.arena_detail = "removed by somebody";
  report.partitions = {SampleRecovery()};
  CHECK_FALSE(report.has_damage());
  CHECK(ToString(report) ==
        "incarnation 9, not clean, memory of the last owner: missing, removed "
        "by somebody\n" +
            ToString(SampleRecovery()));
  report.partitions[0].damage.emplace_back();
  CHECK(report.has_damage());
}

TEST_CASE("A report tells of slots that another one stands in for",
          "[partition]") {
  RecoveryReport report;
  report.store_damage = {{.file = "STORE",
                          .position = 4096,
                          .size = 1024,
                          .what = "slot damaged",
                          .may_be_torn = true}};
  report.partitions = {SampleRecovery()};
  report.partitions[0].meta_damage = {{.file = "META",
                                       .position = 200,
                                       .size = 3,
                                       .what = "bytes behind a slot"}};
  CHECK_FALSE(report.has_damage());
  CHECK(ToString(report) ==
        "incarnation 0, not clean, memory of the last owner: none\n"
        "  damaged, no record lost: STORE bytes [4096, 5120): slot damaged, "
        "perhaps torn\n" +
            ToString(SampleRecovery()) +
            "  damaged, no record lost: META bytes [200, 203): bytes behind a "
            "slot\n");
}

TEST_CASE("Every outcome for the arena has a name", "[partition]") {
  CHECK(ToString(ArenaOutcome::kNone) == "none");
  CHECK(ToString(ArenaOutcome::kTakenOver) == "taken over");
  CHECK(ToString(ArenaOutcome::kForeign) == "of another store");
  CHECK(ToString(ArenaOutcome::kOtherBoot) == "of an earlier boot");
  CHECK(ToString(ArenaOutcome::kLocked) == "locked");
}

}  // namespace
}  // namespace tidemark
