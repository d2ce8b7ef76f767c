#include "store/housekeeper.h"

#include <memory>
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

}  // namespace
}  // namespace tidemark
