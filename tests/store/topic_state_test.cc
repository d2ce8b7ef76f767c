#include "store/topic_state.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "partition/chunk_arena.h"
#include "store/catalog_bench.h"

namespace tidemark {
namespace {

using test::AppendText;
using test::CatalogBench;
using test::WithPartitions;

using Strings = std::vector<std::string>;

// Appends small records until the log has `count` segments.
void FillSegments(PartitionLog& log, size_t count) {
  while (log.segments()->segments.size() < count) {
    REQUIRE_OK(AppendText(log, std::string(200, 'x')));
    REQUIRE_OK(log.Sync());
  }
}

TEST_CASE("Each partition of a topic has a log of its own", "[topic_state]") {
  CatalogBench bench;
  const auto topic = bench.Create("t", WithPartitions(130));
  std::set<PartitionLog*> logs;
  for (const PartitionNumber number : {0, 1, 2, 3, 6, 7, 62, 63, 127, 129}) {
    const auto log = bench.Log(*topic, number);
    CHECK(log->address().number == number);
    CHECK(log->address().topic_id == topic->id());
    CHECK(bench.Log(*topic, number) == log);
    logs.insert(log.get());
  }
  CHECK(logs.size() == 10);
  CHECK(topic->open_logs().size() == 10);
  CHECK(bench.partitions->logs().size() == 10);
}

TEST_CASE("A partition that could not be opened can be opened later",
          "[topic_state]") {
  CatalogBench bench;
  {
    const auto topic = bench.Create("t");
    REQUIRE_OK(AppendText(*bench.Log(*topic), "v", Ack::kDisk));
  }
  bench.Restart();
  REQUIRE_OK_AND_ASSIGN(const auto topic, bench.catalog->Open("t"));
  bench.env.FailKind(EnvCall::kList, EIO);
  CHECK(IsIoError(topic->partition(0).status()));
  CHECK(topic->open_logs().empty());
  CHECK(bench.partitions->logs().empty());
  REQUIRE_OK_AND_ASSIGN(const auto values, test::ReadValues(bench.Log(*topic)));
  CHECK(values == Strings{"v"});
}

TEST_CASE("Altered options reach the partitions, open or not",
          "[topic_state]") {
  CatalogBench bench;
  const auto topic = bench.Create("t", WithPartitions(2));
  TopicOptions options = topic->options();
  options.record_bytes_max = 3;
  const auto open = bench.Log(*topic, 0);
  REQUIRE_OK(topic->Alter(options));
  CHECK(open->options() == topic->options());
  CHECK(bench.Log(*topic, 1)->options() == topic->options());
  for (const PartitionNumber number : {0, 1}) {
    CHECK(ReasonOf(AppendText(*bench.Log(*topic, number), "long").status()) ==
          ErrorReason::kRecordTooLarge);
  }
}

TEST_CASE(
    "Options that are altered while segments fill hold from the next roll",
    "[topic_state]") {
  CatalogBench bench;
  TopicOptions options;
  options.batch_bytes = 1 << 10;
  options.segment_bytes = 4 << 10;
  const auto topic = bench.Create("t", options);
  const auto log = bench.Log(*topic);
  FillSegments(*log, 3);
  options.segment_bytes = 1 << 20;
  REQUIRE_OK(topic->Alter(options));
  for (int i = 0; i < 100; ++i) {
    REQUIRE_OK(AppendText(*log, std::string(200, 'y')));
  }
  REQUIRE_OK(log->Sync());
  CHECK(log->segments()->segments.size() <= 4);
  CHECK(log->marks().durable == log->marks().end);
}

TEST_CASE("A change that fails leaves the topic as it was", "[topic_state]") {
  CatalogBench bench;
  const auto topic = bench.Create("t");
  const TopicOptions before = topic->options();
  TopicOptions options = before;
  options.retention_bytes = 5;
  bench.env.FailKind(EnvCall::kRename, EIO);
  CHECK(IsIoError(topic->Alter(options)));
  CHECK(topic->options().retention_bytes == 0);
  bench.env.FailKind(EnvCall::kRename, EIO);
  CHECK(IsIoError(topic->IncreasePartitions(4)));
  CHECK(topic->partition_count() == 1);
  CHECK_STATUS(absl::StatusCode::kNotFound, topic->partition(1));
  CHECK_OK(topic->IncreasePartitions(4));
  CHECK(topic->options().retention_bytes == 0);
}

TEST_CASE("A deletion drops what was not written", "[topic_state]") {
  CatalogBench bench;
  const auto topic = bench.Create("t", WithPartitions(2));
  const auto log = bench.Log(*topic, 0);
  REQUIRE_OK(AppendText(*log, "unwritten", Ack::kMemory));
  REQUIRE(bench.shared->arena->bytes_used() > 0);
  REQUIRE_OK(bench.catalog->Delete("t"));
  CHECK(bench.shared->arena->bytes_used() == 0);
  CHECK(bench.partitions->logs().empty());
  for (const absl::Status& status :
       {AppendText(*log, "x").status(), log->Sync(),
        test::ReadValues(log).status(), log->TrimBefore(0),
        topic->partition(0).status(), topic->partition(1).status(),
        topic->Sync(), topic->Alter({}), topic->IncreasePartitions(9)}) {
    INFO(status);
    CHECK_STATUS(absl::StatusCode::kFailedPrecondition, status);
    CHECK(IsClosed(status));
  }
  CHECK(bench.Names("topics").empty());
}

TEST_CASE("A deletion that fails leaves the topic in use", "[topic_state]") {
  CatalogBench bench;
  const auto topic = bench.Create("t");
  const auto log = bench.Log(*topic);
  REQUIRE_OK(AppendText(*log, "one"));
  CHECK(IsIoError(topic->Delete([] {
    return WithReason(absl::InternalError("no"), ErrorReason::kIoError);
  })));
  REQUIRE_OK(AppendText(*log, "two"));
  REQUIRE_OK_AND_ASSIGN(const auto values, test::ReadValues(log));
  CHECK(values == Strings{"one", "two"});
}

TEST_CASE("A topic that is only read takes over what the writer changed",
          "[topic_state]") {
  CatalogBench bench;
  const auto topic = bench.Create("t");
  const auto log = bench.Log(*topic);
  REQUIRE_OK_AND_ASSIGN(
      TopicRecord record,
      ReadTopicFile(bench.directory(), "t", bench.shared->store_id));
  record.partition_count = 3;
  record.options.record_bytes_max = 5;
  topic->Refresh(record);
  CHECK(topic->partition_count() == 3);
  CHECK(log->options().record_bytes_max == 5);
  CHECK(topic->options().record_bytes_max == 5);
}

TEST_CASE("Batches of a partition that a topic does not have are not taken",
          "[topic_state]") {
  CatalogBench bench;
  const auto topic = bench.Create("t");
  for (const PartitionNumber number : {-1, 1}) {
    CHECK_STATUS(absl::StatusCode::kNotFound, topic->TakeOver(number, {}));
  }
  CHECK_OK(topic->TakeOver(0, {}));
}

}  // namespace
}  // namespace tidemark
