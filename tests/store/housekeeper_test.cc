#include "store/housekeeper.h"

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "store/catalog_bench.h"

namespace tidemark {
namespace {

using test::AppendText;
using test::CatalogBench;
using test::WithPartitions;

size_t SegmentCount(const PartitionLog& log) {
  return log.segments()->segments.size();
}

bool IsIdle(const PartitionLog& log) {
  return log.segments()->segments.back()->is_sealed();
}

TopicOptions AgingTopic(PartitionNumber partitions) {
  TopicOptions options = WithPartitions(partitions);
  options.segment_age = absl::Seconds(10);
  return options;
}

TEST_CASE("A round looks at every partition", "[housekeeper]") {
  CatalogBench bench;
  Housekeeper keeper(*bench.partitions, *bench.catalog);
  const auto topic = bench.Create("t", AgingTopic(150));
  for (PartitionNumber n = 0; n < 150; ++n) {
    REQUIRE_OK(AppendText(*bench.Log(*topic, n), "v"));
  }
  bench.clock().Advance(absl::Seconds(9));
  REQUIRE_OK(keeper.RunRound(bench.clock().Now()));
  for (const auto& log : bench.partitions->logs()) CHECK_FALSE(IsIdle(*log));
  bench.clock().Advance(absl::Seconds(1));
  REQUIRE_OK(keeper.RunRound(bench.clock().Now()));
  for (const auto& log : bench.partitions->logs()) CHECK(IsIdle(*log));
}

TEST_CASE("A round goes on behind a partition that fails", "[housekeeper]") {
  CatalogBench bench;
  Housekeeper keeper(*bench.partitions, *bench.catalog);
  const auto topic = bench.Create("t", AgingTopic(3));
  for (PartitionNumber n = 0; n < 3; ++n) {
    REQUIRE_OK(AppendText(*bench.Log(*topic, n), "v"));
  }
  const auto deleted = bench.Create("deleted");
  bench.env.FailKind(EnvCall::kRemoveFile, EIO);
  REQUIRE_OK(bench.catalog->Delete("deleted"));
  CHECK(bench.Names("topics").size() == 2);
  bench.env.Inject({.kind = EnvCall::kWrite, .name_part = "topics/t/1"});
  bench.clock().Advance(absl::Seconds(10));
  CHECK(IsIoError(keeper.RunRound(bench.clock().Now())));
  CHECK(IsIdle(*bench.Log(*topic, 0)));
  CHECK(IsIdle(*bench.Log(*topic, 2)));
  // The rest of the deleted topic is gone.
  CHECK(bench.Names("topics").size() == 1);
}

TEST_CASE("A rest that cannot be removed is tried again", "[housekeeper]") {
  CatalogBench bench;
  Housekeeper keeper(*bench.partitions, *bench.catalog);
  bench.Create("deleted");
  bench.env.FailKind(EnvCall::kRemoveFile, EIO, /*is_persistent=*/true);
  REQUIRE_OK(bench.catalog->Delete("deleted"));
  CHECK(IsIoError(keeper.RunRound(bench.clock().Now())));
  CHECK(IsIoError(keeper.RunRound(bench.clock().Now())));
  bench.env.ClearFaults();
  CHECK_OK(keeper.RunRound(bench.clock().Now()));
  CHECK(bench.Names("topics").empty());
  CHECK_OK(keeper.RunRound(bench.clock().Now()));
}

TEST_CASE("The thread does what a round does", "[housekeeper]") {
  CatalogBench bench;
  Housekeeper keeper(*bench.partitions, *bench.catalog);
  // More than two slices.
  const auto topic = bench.Create("t", AgingTopic(150));
  for (PartitionNumber n = 0; n < 150; ++n) {
    REQUIRE_OK(AppendText(*bench.Log(*topic, n), "v"));
  }
  bench.Create("deleted");
  bench.env.FailKind(EnvCall::kRemoveFile, EIO);
  REQUIRE_OK(bench.catalog->Delete("deleted"));
  bench.clock().Advance(absl::Seconds(10));
  REQUIRE_OK(keeper.Start());
  const auto is_done = [&] {
    for (const auto& log : bench.partitions->logs()) {
      if (!IsIdle(*log)) return false;
    }
    return bench.Names("topics").size() == 1;
  };
  for (int i = 0; i < 20000 && !is_done(); ++i) {
    bench.clock().Advance(Housekeeper::kPause);
    std::this_thread::yield();
  }
  CHECK(is_done());
  keeper.Stop();
  CHECK(SegmentCount(*bench.Log(*topic)) == 1);
}

TEST_CASE("What fails in the thread is a background error", "[housekeeper]") {
  CatalogBench bench;
  Housekeeper keeper(*bench.partitions, *bench.catalog);
  bench.Create("deleted");
  bench.env.FailKind(EnvCall::kRemoveFile, EIO);
  REQUIRE_OK(bench.catalog->Delete("deleted"));
  bench.env.FailKind(EnvCall::kRemoveFile, EIO);
  REQUIRE_OK(keeper.Start());
  StoreHealth health;
  for (int i = 0; i < 20000 && health.background_error_count == 0; ++i) {
    bench.clock().Advance(Housekeeper::kPause);
    std::this_thread::yield();
    health = {};
    bench.relay->AddTo(&health);
  }
  keeper.Stop();
  CHECK(IsIoError(health.background_error));
}

// A store whose only topic keeps an hour of records in small segments.
struct HourOfRecords {
  HourOfRecords() {
    machine_options = machine.options();
    machine_options.on_event = [this](const Event& event) {
      if (event.kind == EventKind::kClockJumped) jumps.push_back(event);
    };
    Open();
    TopicOptions options;
    options.segment_bytes = 1 << 10;
    options.retention_age = absl::Hours(1);
    REQUIRE_OK(store->CreateTopic("t", options));
    OpenPartition();
  }

  void Open() {
    store.reset();
    REQUIRE_OK_AND_ASSIGN(Store opened,
                          Store::Open(test::kStorePath, machine_options));
    store.emplace(std::move(opened));
  }
  void OpenPartition() {
    REQUIRE_OK_AND_ASSIGN(const Topic topic, store->OpenTopic("t"));
    REQUIRE_OK_AND_ASSIGN(partition, topic.partition(0));
  }
  void Append(int count) {
    const std::string value(400, 'v');
    for (int i = 0; i < count; ++i) {
      REQUIRE_OK(partition.Append(test::ValueRecord(value), Ack::kDisk));
    }
  }
  // The start of the log behind a pass.
  Offset Maintain() {
    REQUIRE_OK(store->RunMaintenance(machine.clock.Now()));
    return partition.marks().start;
  }

  test::Machine machine;
  StoreOptions machine_options;
  std::vector<Event> jumps;
  std::optional<Store> store;
  Partition partition;
};

constexpr absl::Time kWrongTime = absl::FromUnixSeconds(4000000000);

TEST_CASE("A clock that jumps ahead deletes nothing until it has run for long",
          "[housekeeper]") {
  // Z2
  HourOfRecords records;
  records.Append(20);
  CHECK(records.Maintain() == 0);
  records.machine.clock.JumpTo(kWrongTime);
  CHECK(records.Maintain() == 0);
  REQUIRE(records.jumps.size() == 1);
  CHECK(records.jumps[0].topic.empty());
  CHECK(records.store->health().warnings.size() == 1);
  CHECK_OK(records.store->health().status);
  for (int minute = 0; minute < 59; ++minute) {
    records.machine.clock.Advance(absl::Minutes(1));
    CHECK(records.Maintain() == 0);
  }
  CHECK(records.jumps.size() == 1);
  records.machine.clock.Advance(absl::Minutes(1));
  CHECK(records.Maintain() > 0);
  CHECK(records.store->health().warnings.empty());
}

TEST_CASE("A jump that is taken back deletes nothing", "[housekeeper]") {
  // Z2
  HourOfRecords records;
  const absl::Time right = records.machine.clock.Now();
  for (int i = 0; i < 5; ++i) {
    records.Append(4);
    records.machine.clock.JumpTo(kWrongTime);
    CHECK(records.Maintain() == 0);
    records.machine.clock.JumpTo(right);
    records.machine.clock.Advance(absl::Minutes(10));
    CHECK(records.Maintain() == 0);
  }
  records.machine.clock.Advance(absl::Hours(1));
  CHECK(records.Maintain() > 0);
}

TEST_CASE("A clock that jumps while a store is closed is not believed either",
          "[housekeeper]") {
  // Z2
  HourOfRecords records;
  records.Append(20);
  records.machine.clock.JumpTo(kWrongTime);
  records.Open();
  records.OpenPartition();
  CHECK(records.Maintain() == 0);
  // What is appended with the wrong time vouches for nothing.
  records.Append(1);
  records.machine.clock.Advance(absl::Minutes(59));
  CHECK(records.Maintain() == 0);
  CHECK(records.jumps.size() == 1);
  records.machine.clock.Advance(absl::Minutes(1));
  CHECK(records.Maintain() > 0);
}

TEST_CASE("A log that is young vouches for the clock at the first pass",
          "[housekeeper]") {
  HourOfRecords records;
  records.Append(20);
  records.machine.clock.Advance(absl::Hours(2));
  records.Append(20);
  records.machine.clock.Advance(absl::Minutes(50));
  records.Open();
  records.OpenPartition();
  const Offset start = records.Maintain();
  CHECK(start > 10);
  CHECK(start <= 20);
  CHECK(records.jumps.empty());
}

TEST_CASE("A time of the host's own is believed", "[housekeeper]") {
  HourOfRecords records;
  records.Append(20);
  const absl::Time now = records.machine.clock.Now();
  REQUIRE_OK(records.store->RunMaintenance(now + absl::Minutes(59)));
  CHECK(records.partition.marks().start == 0);
  REQUIRE_OK(records.store->RunMaintenance(now + absl::Minutes(61)));
  CHECK(records.partition.marks().start > 0);
  CHECK(records.jumps.empty());
  // Nor does it bring the clock in doubt.
  CHECK(records.store->health().warnings.empty());
}

TEST_CASE("A pass deletes no more than half of a large log by age",
          "[housekeeper]") {
  HourOfRecords records;
  records.Append(200);
  records.machine.clock.Advance(absl::Hours(2));
  records.Append(1);
  Offset start = records.Maintain();
  CHECK(start > 90);
  CHECK(start <= 110);
  for (int pass = 0; pass < 10; ++pass) start = records.Maintain();
  CHECK(start > 190);
}

}  // namespace
}  // namespace tidemark
