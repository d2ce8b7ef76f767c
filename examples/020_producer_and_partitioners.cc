// Sends without waiting for the disk, and learns later what is safe there. The
// host's own partitioner decides where each record goes.
//
// usage: 020_producer_and_partitioners DIRECTORY

#include <cstdio>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "fmt/core.h"
#include "fmt/ostream.h"
#include "tidemark/partitioner.h"
#include "tidemark/producer.h"
#include "tidemark/store.h"

namespace {

// European customers in partition 0, all others in partition 1. Without a
// partitioner of the host the key decides, and stays in one partition.
class ByRegion final : public tidemark::Partitioner {
 public:
  std::string_view name() const override { return "by-region"; }
  tidemark::PartitionNumber Choose(const tidemark::Record& record,
                                   tidemark::PartitionNumber) override {
    return record.key.value_or("").starts_with("eu-") ? 0 : 1;
  }
};

// Reports come one at a time, from the producer's own thread.
struct Tally {
  void Add(const absl::StatusOr<tidemark::RecordId>& report) {
    if (report.ok()) ++safe[report->partition];
    if (!report.ok()) ++unknown;
  }
  int safe[2] = {};
  int unknown = 0;
};

absl::Status Run(std::string_view directory) {
  absl::StatusOr<tidemark::Store> store = tidemark::Store::Open(directory);
  if (!store.ok()) return store.status();
  const absl::StatusOr<tidemark::Topic> topic = store->CreateTopic(
      "orders", {.partitions = 2,
                 .partitioner = tidemark::PartitionerKind::kCustom,
                 .custom_partitioner = std::make_shared<ByRegion>()});
  if (!topic.ok()) return topic.status();
  Tally tally;  // outlives the producer, which calls back into it
  absl::StatusOr<tidemark::Producer> producer = tidemark::Producer::Open(
      *store, {.topic = "orders", .ack = tidemark::Ack::kDisk});
  if (!producer.ok()) return producer.status();
  const auto report = [&tally](const auto& result) { tally.Add(result); };
  for (int i = 0; i < 1000; ++i) {
    const std::string_view customer = i % 4 == 0 ? "us-ann" : "eu-ada";
    const auto id = producer->Send({.key = customer, .value = "order"}, report);
    if (!id.ok()) return id.status();
  }
  // All of a batch, or nothing, and one report for it.
  const tidemark::Record order = {.value = "order"};
  const tidemark::Record pair[] = {order, order};
  const auto first = producer->SendBatch(1, pair, report);
  if (!first.ok()) return first.status();

  const absl::Status closed = producer->Close();  // waits for the reports
  if (!closed.ok()) return closed;
  fmt::print("reported safe: {} in Europe, {} elsewhere; unknown: {}\n",
             tally.safe[0], tally.safe[1], tally.unknown);
  fmt::print("the batch began at offset {}\n", first->offset);
  return store->Close();
}

}  // namespace

int main(int argc, char** argv) {
  const absl::Status status =
      argc == 2 ? Run(argv[1]) : absl::InvalidArgumentError("DIRECTORY?");
  if (!status.ok()) fmt::print(stderr, "{}\n", fmt::streamed(status));
  return status.ok() ? 0 : 1;
}
