#include "producer/delivery_queue.h"

#include <vector>

#include "producer/producer_fixture.h"

namespace tidemark::test {
namespace {

void Push(DeliveryQueue& queue, DeliveryLane& lane, Offset offset) {
  std::list<Delivery> node(1);
  node.front().id = {.partition = lane.log->address().number, .offset = offset};
  node.front().count = 1;
  queue.Push(lane, node);
  CHECK(node.empty());
}

std::vector<RecordId> TakeIds(DeliveryQueue& queue) {
  std::vector<RecordId> ids;
  for (DeliveryLane* lane = queue.Take(); lane != nullptr;
       lane = lane->next_taken) {
    CHECK_FALSE(lane->taken.empty());
    for (const Delivery& delivery : lane->taken) ids.push_back(delivery.id);
    lane->taken.clear();
  }
  return ids;
}

TEST_CASE("A queue hands out each delivery once, by partition", "[producer]") {
  ProducerBench bench(ProducerBench::Threads::kNone, {.partitions = 2});
  DeliveryQueue queue;
  CHECK(queue.Find(0) == nullptr);
  std::vector<DeliveryLane*> lanes;
  for (const PartitionNumber number : {0, 1}) {
    REQUIRE_OK_AND_ASSIGN(const Partition partition,
                          bench.topic.partition(number));
    lanes.push_back(queue.Add(number, partition.log()));
    CHECK(queue.Add(number, partition.log()) == lanes.back());
    CHECK(queue.Find(number) == lanes.back());
  }
  CHECK(queue.is_empty());
  CHECK(queue.Take() == nullptr);

  Push(queue, *lanes[1], 10);
  Push(queue, *lanes[0], 20);
  Push(queue, *lanes[1], 11);
  CHECK_FALSE(queue.is_empty());
  CHECK(TakeIds(queue) == std::vector<RecordId>{{1, 10}, {1, 11}, {0, 20}});
  CHECK(queue.is_empty());

  // A lane that is listed again does not bring its former neighbour along.
  Push(queue, *lanes[1], 12);
  CHECK(TakeIds(queue) == std::vector<RecordId>{{1, 12}});
  CHECK(TakeIds(queue).empty());
}

TEST_CASE("What is pushed during a round is of the next one", "[producer]") {
  ProducerBench bench;
  DeliveryQueue queue;
  REQUIRE_OK_AND_ASSIGN(const Partition partition, bench.topic.partition(0));
  DeliveryLane* const lane = queue.Add(0, partition.log());
  Push(queue, *lane, 0);
  DeliveryLane* const taken = queue.Take();
  REQUIRE(taken == lane);
  Push(queue, *lane, 1);
  CHECK(taken->taken.size() == 1);
  CHECK(taken->next_taken == nullptr);
  taken->taken.clear();
  CHECK(TakeIds(queue) == std::vector<RecordId>{{0, 1}});
}

}  // namespace
}  // namespace tidemark::test
