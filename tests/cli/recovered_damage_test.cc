#include "cli/recovered_damage.h"

#include "support/catch.h"

namespace tidemark::test {
namespace {

constexpr char kFile[] = "00000000000000000000.log";

TEST_CASE("The recovery of a partition is found by topic and number", "[cli]") {
  RecoveryReport report;
  report.partitions = {{.topic = "a", .partition = 1, .end = 11},
                       {.topic = "b", .partition = 0, .end = 20},
                       {.topic = "b", .partition = 1, .end = 21}};
  CHECK(cli::RecoveryOf(report, "b", 1).end == 21);
  CHECK(cli::RecoveryOf(report, "a", 1).end == 11);
  CHECK(cli::RecoveryOf(report, "a", 0).end == 0);
}

TEST_CASE("Damage is known where recovery tells of the same or of more",
          "[cli]") {
  PartitionRecovery recovery;
  recovery.damage = {
      {.from = 10, .to = 20, .file = kFile, .position = 1000, .size = 500}};
  const auto is_known = [&](Offset from, Offset to, uint64_t position,
                            const std::string& file) {
    return cli::IsKnown(recovery, {.from = from,
                                   .to = to,
                                   .file = "topics/t/0/" + file,
                                   .position = position,
                                   .size = 8});
  };
  CHECK(is_known(10, 20, 1000, kFile));
  CHECK(is_known(12, 15, 1200, kFile));
  CHECK(!is_known(12, 21, 1200, kFile));
  CHECK(!is_known(9, 20, 1200, kFile));
  CHECK(!is_known(12, 15, 999, kFile));
  CHECK(!is_known(12, 15, 1501, kFile));
  CHECK(!is_known(12, 15, 1200, "00000000000000000010.log"));
}

}  // namespace
}  // namespace tidemark::test
