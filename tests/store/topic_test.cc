#include "tidemark/topic.h"

#include <memory>
#include <string>
#include <vector>

#include "store/store_fixture.h"

namespace tidemark {
namespace {

using test::KeyedRecord;
using test::Machine;
using test::ReadValues;
using test::ValueRecord;
using test::WithPartitions;

class ByValueSize final : public Partitioner {
 public:
  std::string_view name() const override { return "by_value_size"; }
  PartitionNumber Choose(const Record& record, PartitionNumber count) override {
    return static_cast<PartitionNumber>(record.value->size()) % count;
  }
};

TEST_CASE("An empty handle of a topic fails", "[topic]") {
  Topic topic;
  CHECK(topic.name().empty());
  CHECK(topic.partition_count() == 0);
  CHECK(topic.options().partitions == 1);
  CHECK(IsClosed(topic.Append(ValueRecord("x")).status()));
  CHECK(IsClosed(topic.PartitionFor(ValueRecord("x")).status()));
  CHECK(IsClosed(topic.partition(0).status()));
  CHECK(IsClosed(topic.Sync()));
  CHECK(IsClosed(topic.Alter({})));
  CHECK(IsClosed(topic.IncreasePartitions(2)));
}

TEST_CASE("A topic keeps its options and its kind of partitioner", "[topic]") {
  Machine machine;
  TopicOptions options = WithPartitions(3);
  options.partitioner = PartitionerKind::kRoundRobin;
  options.ack = Ack::kDisk;
  options.segment_bytes = 1 << 20;
  options.retention_age = absl::Hours(1) + absl::Nanoseconds(1);
  {
    REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
    REQUIRE_OK(store.CreateTopic("t", options));
  }
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.OpenTopic("t"));
  options.retention_age = absl::Hours(1);
  CHECK(static_cast<const PartitionOptions&>(topic.options()) == options);
  CHECK(topic.options().partitions == 3);
  CHECK(topic.options().partitioner == PartitionerKind::kRoundRobin);
  for (int i = 0; i < 6; ++i) {
    REQUIRE_OK_AND_ASSIGN(const RecordId id,
                          topic.Append(KeyedRecord("k", "v")));
    CHECK(id == RecordId{i % 3, i / 3});
  }
}

TEST_CASE("A partition that a topic does not have is NotFound", "[topic]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.CreateTopic("t", WithPartitions(2)));
  CHECK_OK(topic.partition(1));
  for (const PartitionNumber number : {-1, 2, INT32_MAX, INT32_MIN}) {
    CHECK_STATUS(absl::StatusCode::kNotFound, topic.partition(number));
  }
}

TEST_CASE("A partition is opened at its first use", "[topic]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.CreateTopic("t", WithPartitions(9)));
  CHECK(store.recovery().partitions.empty());
  REQUIRE_OK(topic.partition(4));
  REQUIRE_OK(topic.partition(4));
  REQUIRE(store.recovery().partitions.size() == 1);
  CHECK(store.recovery().partitions[0].partition == 4);
}

TEST_CASE("A topic of a host's partitioner needs it for appends", "[topic]") {
  Machine machine;
  TopicOptions options = WithPartitions(4);
  options.partitioner = PartitionerKind::kCustom;
  options.custom_partitioner = std::make_shared<ByValueSize>();
  {
    REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
    REQUIRE_OK_AND_ASSIGN(Topic topic, store.CreateTopic("t", options));
    REQUIRE_OK_AND_ASSIGN(const RecordId id, topic.Append(ValueRecord("xyz")));
    CHECK(id.partition == 3);
    CHECK(topic.options().custom_partitioner == options.custom_partitioner);
  }
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.OpenTopic("t"));
  CHECK(ReasonOf(topic.Append(ValueRecord("xyz")).status()) ==
        ErrorReason::kPartitionerMismatch);
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(topic, 3));
  CHECK(values.size() == 1);
  REQUIRE_OK(store.OpenTopic("t", options.custom_partitioner));
  CHECK_OK(topic.Append(ValueRecord("xyz")));
  REQUIRE_OK(store.CreateTopic("plain"));
  CHECK(
      ReasonOf(store.OpenTopic("plain", options.custom_partitioner).status()) ==
      ErrorReason::kPartitionerMismatch);
}

TEST_CASE("Options that were altered hold at once and for ever", "[topic]") {
  Machine machine;
  TopicOptions options;
  {
    REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
    REQUIRE_OK_AND_ASSIGN(Topic topic, store.CreateTopic("t"));
    REQUIRE_OK(topic.Append(ValueRecord("a long value")));
    options.record_bytes_max = 5;
    REQUIRE_OK(topic.Alter(options));
    CHECK(ReasonOf(topic.Append(ValueRecord("a long value")).status()) ==
          ErrorReason::kRecordTooLarge);
    REQUIRE_OK_AND_ASSIGN(Topic same, store.OpenTopic("t"));
    CHECK(same.options().record_bytes_max == 5);
    machine.env.DropUnsynced();
  }
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.OpenTopic("t"));
  CHECK(topic.options().record_bytes_max == 5);
  CHECK_OK(topic.Append(ValueRecord("short")));
}

TEST_CASE("Alter refuses what cannot be changed", "[topic]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.CreateTopic("t", WithPartitions(2)));
  TopicOptions options = WithPartitions(3);
  CHECK_STATUS(absl::StatusCode::kInvalidArgument, topic.Alter(options));
  options = WithPartitions(2);
  options.partitioner = PartitionerKind::kSticky;
  CHECK_STATUS(absl::StatusCode::kInvalidArgument, topic.Alter(options));
  options = WithPartitions(2);
  options.custom_partitioner = std::make_shared<ByValueSize>();
  CHECK_STATUS(absl::StatusCode::kInvalidArgument, topic.Alter(options));
  options = WithPartitions(2);
  options.batch_bytes = 1;
  CHECK_STATUS(absl::StatusCode::kInvalidArgument, topic.Alter(options));
}

TEST_CASE("More partitions are there at once and for ever", "[topic]") {
  Machine machine;
  {
    REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
    REQUIRE_OK_AND_ASSIGN(Topic topic, store.CreateTopic("t"));
    REQUIRE_OK(topic.Append(ValueRecord("first"), Ack::kDisk));
    for (const PartitionNumber count : {2, 3, 40}) {
      REQUIRE_OK(topic.IncreasePartitions(count));
      CHECK(topic.partition_count() == count);
      REQUIRE_OK_AND_ASSIGN(Partition last, topic.partition(count - 1));
      REQUIRE_OK(last.Append(ValueRecord("last"), Ack::kDisk));
    }
    for (const PartitionNumber count : {40, 39, 0, -1, 100001}) {
      CHECK_STATUS(absl::StatusCode::kInvalidArgument,
                   topic.IncreasePartitions(count));
    }
    machine.env.DropUnsynced();
  }
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.OpenTopic("t"));
  CHECK(topic.partition_count() == 40);
  REQUIRE_OK_AND_ASSIGN(auto values, ReadValues(topic, 39));
  CHECK(values == std::vector<std::string>{"last"});
  REQUIRE_OK_AND_ASSIGN(values, ReadValues(topic, 0));
  CHECK(values == std::vector<std::string>{"first"});
}

TEST_CASE("Sync makes all partitions of the topic durable", "[topic]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  REQUIRE_OK_AND_ASSIGN(Topic topic,
                        store.CreateTopic("t", WithPartitions(12)));
  for (PartitionNumber n = 0; n < 12; ++n) {
    REQUIRE_OK_AND_ASSIGN(Partition partition, topic.partition(n));
    REQUIRE_OK(partition.Append(ValueRecord("v")));
  }
  REQUIRE_OK(topic.Sync());
  for (PartitionNumber n = 0; n < 12; ++n) {
    REQUIRE_OK_AND_ASSIGN(Partition partition, topic.partition(n));
    CHECK(partition.marks().durable == 1);
  }
}

TEST_CASE("An append at a level that does not exist is refused", "[topic]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.CreateTopic("t"));
  CHECK_STATUS(absl::StatusCode::kInvalidArgument,
               topic.Append(ValueRecord("x"), static_cast<Ack>(9)).status());
}

}  // namespace
}  // namespace tidemark
