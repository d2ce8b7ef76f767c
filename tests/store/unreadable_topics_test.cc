#include "store/unreadable_topics.h"

#include <string>
#include <vector>

#include "store/catalog_bench.h"

namespace tidemark {
namespace {

using test::AppendText;
using test::CatalogBench;
using test::ReadValues;
using test::WithPartitions;

// A batch of one record, as an arena would hold it.
struct Taken {
  Taken(const TopicState& topic, PartitionNumber number, Offset offset,
        std::string_view value) {
    bytes.resize(200);
    const Record record{.value = value};
    const std::byte* const end = EncodeRecord(record, 1, 1, bytes.data());
    batch.topic_id = topic.id();
    batch.partition = number;
    batch.header.base_offset = offset;
    batch.header.offset_span = 1;
    batch.header.record_count = 1;
    batch.header.base_time = 1;
    batch.header.max_time = 1;
    batch.header.append_time = 1;
    batch.header.incarnation = 1;
    batch.records = {bytes.data(), static_cast<size_t>(end - bytes.data())};
  }

  std::vector<std::byte> bytes;
  TakenBatch batch;
};

TEST_CASE("META or a segment tells whose a partition is",
          "[unreadable_topics]") {
  CatalogBench bench;
  const auto first = bench.Create("first", WithPartitions(2));
  const auto second = bench.Create("second");
  REQUIRE_OK(AppendText(*bench.Log(*first), "v", Ack::kDisk));
  UnreadableTopics topics(bench.partitions);
  REQUIRE_OK_AND_ASSIGN(std::string owner, topics.FindOwner(first->id(), 0));
  CHECK(owner.empty());
  topics.Add("second", absl::DataLossError("second"));
  topics.Add("first", absl::DataLossError("first"));
  for (const PartitionNumber number : {0, 1}) {
    REQUIRE_OK_AND_ASSIGN(owner, topics.FindOwner(first->id(), number));
    CHECK(owner == "first");
  }
  REQUIRE_OK_AND_ASSIGN(owner, topics.FindOwner(second->id(), 0));
  CHECK(owner == "second");
  // The first partition tells that the topic is another one.
  REQUIRE_OK_AND_ASSIGN(const Id128 nobody, RandomId(bench.env));
  REQUIRE_OK_AND_ASSIGN(owner, topics.FindOwner(nobody, 1));
  CHECK(owner.empty());
  // Without META the segment says it; without both nobody does.
  for (const char* const number : {"0", "1"}) {
    REQUIRE_OK(bench.directory().RemoveFile(std::string("topics/first/") +
                                            number + "/META"));
  }
  REQUIRE_OK_AND_ASSIGN(owner, topics.FindOwner(first->id(), 0));
  CHECK(owner == "first");
  CHECK_STATUS(absl::StatusCode::kDataLoss,
               topics.FindOwner(first->id(), 1).status());
}

TEST_CASE("A take-over that fails leaves no mark and can be done again",
          "[unreadable_topics]") {
  // G2: the records are older than this opening, and stand before nothing of
  // it.
  for (const bool is_full : {true, false}) {
    for (uint64_t skipped = 0;; ++skipped) {
      CatalogBench bench;
      std::shared_ptr<TopicState> topic = bench.Create("t");
      REQUIRE_OK(AppendText(*bench.Log(*topic), "synced", Ack::kDisk));
      const Id128 id = topic->id();
      const Taken one(*topic, 0, 1, "one");
      const Taken two(*topic, 0, 2, "two");
      topic.reset();
      bench.Restart();
      const TakenBatch* const batches[] = {&one.batch, &two.batch};
      UnreadableTopics topics(bench.partitions);
      topics.Add("t", absl::DataLossError("damaged"));
      bench.env.Inject({.kind = is_full ? EnvCall::kWrite : EnvCall::kOpenFile,
                        .skip_count = skipped,
                        .error = is_full ? ENOSPC : EMFILE});
      const absl::Status status = topics.TakeOver("t", id, 0, batches);
      const bool was_reached = bench.env.injected_count() > 0;
      bench.env.ClearFaults();
      bench.Restart();
      UnreadableTopics again(bench.partitions);
      again.Add("t", absl::DataLossError("damaged"));
      if (!status.ok()) REQUIRE_OK(again.TakeOver("t", id, 0, batches));
      bench.Restart();
      REQUIRE_OK_AND_ASSIGN(topic, bench.catalog->Open("t"));
      REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(bench.Log(*topic)));
      INFO(skipped << (is_full ? " writes" : " openings"));
      REQUIRE(values == std::vector<std::string>{"synced", "one", "two"});
      if (!was_reached) break;
    }
  }
}

TEST_CASE("A partition without a TOPIC that holds takes records over",
          "[unreadable_topics]") {
  CatalogBench bench;
  std::shared_ptr<TopicState> topic = bench.Create("t");
  REQUIRE_OK(AppendText(*bench.Log(*topic), "synced", Ack::kDisk));
  const Taken taken(*topic, 0, 1, "taken");
  const Id128 id = topic->id();
  topic.reset();
  bench.Restart();
  UnreadableTopics topics(bench.partitions);
  topics.Add("t", absl::DataLossError("damaged"));
  const TakenBatch* const batches[] = {&taken.batch};
  REQUIRE_OK(topics.TakeOver("t", id, 0, batches));
  CHECK(bench.partitions->logs().empty());
  // A hole in front of what was taken is told.
  const Taken late(*bench.Create("other"), 0, 7, "late");
  const TakenBatch* const behind[] = {&late.batch};
  CHECK_STATUS(absl::StatusCode::kDataLoss,
               topics.TakeOver("t", id, 0, behind));
  bench.machine.DropUnsynced();
  bench.Restart();
  REQUIRE_OK_AND_ASSIGN(topic, bench.catalog->Open("t"));
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(bench.Log(*topic)));
  CHECK(values == std::vector<std::string>{"synced", "taken"});
}

}  // namespace
}  // namespace tidemark
