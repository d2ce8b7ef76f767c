// The partition of a record: by its key, in turn, or as the host decides.
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
#include "tidemark/store.h"

namespace {

// European customers in partition 0, all others in partition 1.
class ByRegion final : public tidemark::Partitioner {
 public:
  std::string_view name() const override { return "by-region"; }
  tidemark::PartitionNumber Choose(const tidemark::Record& record,
                                   tidemark::PartitionNumber) override {
    return record.key.value_or("").starts_with("eu-") ? 0 : 1;
  }
};

absl::Status AppendAll(tidemark::Topic topic) {
  fmt::print("{}:", topic.name());
  for (std::string_view customer : {"eu-ada", "us-ann", "eu-ada", "us-ann"}) {
    const absl::StatusOr<tidemark::RecordId> id =
        topic.Append({.key = customer, .value = "order"});
    if (!id.ok()) return id.status();
    fmt::print(" {} in {}", customer, id->partition);
  }
  fmt::print("\n");
  return absl::OkStatus();
}

absl::Status Run(std::string_view directory) {
  absl::StatusOr<tidemark::Store> store = tidemark::Store::Open(directory);
  if (!store.ok()) return store.status();

  // Records of one key stay in one partition, and so in order.
  auto by_key = store->CreateTopic("by-key", {.partitions = 2});
  if (!by_key.ok()) return by_key.status();
  absl::Status status = AppendAll(*by_key);
  if (!status.ok()) return status;

  auto in_turn = store->CreateTopic(
      "in-turn",
      {.partitions = 2, .partitioner = tidemark::PartitionerKind::kRoundRobin});
  if (!in_turn.ok()) return in_turn.status();
  status = AppendAll(*in_turn);
  if (!status.ok()) return status;

  auto by_region = store->CreateTopic(
      "by-region", {.partitions = 2,
                    .partitioner = tidemark::PartitionerKind::kCustom,
                    .custom_partitioner = std::make_shared<ByRegion>()});
  if (!by_region.ok()) return by_region.status();
  status = AppendAll(*by_region);
  return status.ok() ? store->Close() : status;
}

}  // namespace

int main(int argc, char** argv) {
  const absl::Status status =
      argc == 2 ? Run(argv[1]) : absl::InvalidArgumentError("DIRECTORY?");
  if (!status.ok()) fmt::print(stderr, "{}\n", fmt::streamed(status));
  return status.ok() ? 0 : 1;
}
