#include "store/open_partitions.h"

#include <memory>
#include <string>
#include <vector>

#include "store/catalog_bench.h"

namespace tidemark {
namespace {

using test::AppendText;
using test::CatalogBench;
using test::WithPartitions;

TEST_CASE("Partitions are listed in the order of their opening",
          "[open_partitions]") {
  CatalogBench bench;
  const auto topic = bench.Create("t", WithPartitions(5));
  for (const PartitionNumber number : {3, 0, 4}) bench.Log(*topic, number);
  std::vector<PartitionNumber> numbers;
  for (const auto& log : bench.partitions->logs()) {
    numbers.push_back(log->address().number);
  }
  CHECK(numbers == std::vector<PartitionNumber>{3, 0, 4});
  CHECK(bench.partitions->recoveries().size() == 3);
  CHECK(bench.partitions->recoveries()[1].partition == 0);
}

TEST_CASE("A slice ends where the list does", "[open_partitions]") {
  CatalogBench bench;
  const auto topic = bench.Create("t", WithPartitions(5));
  for (PartitionNumber n = 0; n < 5; ++n) bench.Log(*topic, n);
  const auto all = bench.partitions->logs();
  CHECK(bench.partitions->Slice(0, 2).size() == 2);
  CHECK(bench.partitions->Slice(2, 2)[0] == all[2]);
  CHECK(bench.partitions->Slice(4, 2).size() == 1);
  CHECK(bench.partitions->Slice(5, 2).empty());
  CHECK(bench.partitions->Slice(99, 2).empty());
}

TEST_CASE("The partitions of one topic leave the list", "[open_partitions]") {
  CatalogBench bench;
  const auto gone = bench.Create("gone", WithPartitions(2));
  const auto kept = bench.Create("kept");
  bench.Log(*gone, 0);
  const auto log = bench.Log(*kept);
  bench.Log(*gone, 1);
  bench.partitions->Remove(gone->id());
  CHECK(bench.partitions->logs() ==
        std::vector<std::shared_ptr<PartitionLog>>{log});
}

TEST_CASE("A partition that cannot be recovered is not on the list",
          "[open_partitions]") {
  CatalogBench bench;
  const PartitionAddress nowhere{
      .topic = "t", .topic_id = {}, .number = 0, .path = "topics/t/0"};
  CHECK_FALSE(bench.partitions->Open(nowhere, {}, false).ok());
  CHECK(bench.partitions->logs().empty());
}

TEST_CASE("Closing closes all partitions and tells the first error",
          "[open_partitions]") {
  CatalogBench bench;
  const auto topic = bench.Create("t", WithPartitions(3));
  for (PartitionNumber n = 0; n < 3; ++n) {
    REQUIRE_OK(AppendText(*bench.Log(*topic, n), "v"));
  }
  const auto logs = bench.partitions->logs();
  bench.env.Inject({.kind = EnvCall::kSyncAll,
                    .name_part = "topics/t/1",
                    .is_persistent = true});
  bench.partitions->gate().CloseAndWait();
  CHECK(IsIoError(bench.partitions->CloseAll()));
  CHECK(bench.partitions->logs().empty());
  CHECK(logs[0]->marks().durable == 1);
  CHECK(logs[1]->marks().durable == 0);
  CHECK(logs[2]->marks().durable == 1);
  for (const auto& log : logs) CHECK_FALSE(AppendText(*log, "x").ok());
  // A second time there is nothing to close.
  CHECK_OK(bench.partitions->CloseAll());
}

TEST_CASE("Partitions that were closed are clean, abandoned ones are not",
          "[open_partitions]") {
  for (const bool is_closed : {true, false}) {
    CatalogBench bench;
    {
      const auto topic = bench.Create("t");
      REQUIRE_OK(AppendText(*bench.Log(*topic), "v", Ack::kDisk));
      bench.partitions->gate().CloseAndWait();
      if (is_closed) CHECK_OK(bench.partitions->CloseAll());
      if (!is_closed) bench.partitions->AbandonAll();
      CHECK(bench.partitions->logs().empty());
    }
    bench.Restart();
    REQUIRE_OK_AND_ASSIGN(const auto topic, bench.catalog->Open("t"));
    const auto log = bench.Log(*topic);
    CHECK(log->recovery().is_clean == is_closed);
    CHECK(log->marks().end == 1);
  }
}

}  // namespace
}  // namespace tidemark
