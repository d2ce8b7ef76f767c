// The workloads of docs/benchmarks.md on tidemark, one run a process.
//
// usage: log_bench --workload NAME --dir EMPTY_DIRECTORY [--scale FACTOR]

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/health.h"
#include "tidemark/partition.h"
#include "tidemark/store.h"
#include "tidemark/topic.h"
#include "tidemark_log.h"
#include "workload/append_workload.h"
#include "workload/program.h"
#include "workload/result_line.h"
#include "workload/settings.h"
#include "workload/stamped_record.h"

namespace bench {

absl::StatusOr<std::unique_ptr<TidemarkLog>> TidemarkLog::Open(
    const std::string& directory, const LogSetup& setup) {
  tidemark::StoreOptions options =
      setup.is_iot ? tidemark::StoreOptions::Iot() : tidemark::StoreOptions{};
  if (!setup.has_default_sync && !setup.is_iot) {
    options.sync_interval = absl::InfiniteDuration();
  }
  auto store = tidemark::Store::Open(directory, options);
  if (!store.ok()) return store.status();
  std::unique_ptr<TidemarkLog> log(new TidemarkLog(*std::move(store)));
  auto topic = log->store_.OpenOrCreateTopic(kBenchTopic,
                                             {.partitions = setup.partitions});
  if (!topic.ok()) return topic.status();
  for (int i = 0; i < setup.partitions; ++i) {
    auto partition = topic->partition(i);
    if (!partition.ok()) return partition.status();
    log->partitions_.push_back(*std::move(partition));
  }
  return log;
}

absl::StatusOr<TidemarkReader> TidemarkLog::OpenReader(int number) {
  auto cursor = tidemark::ConsumerCursor::Open(
      store_, {.partitions = {{kBenchTopic, number}},
               .start = tidemark::Start::Begin()});
  if (!cursor.ok()) return cursor.status();
  return Reader(*std::move(cursor));
}

void TidemarkLog::Describe(ResultLine& line) const {
  const tidemark::StoreHealth health = store_.health();
  line.AddText("process_durability",
               tidemark::ProcessDurabilityName(health.process_durability));
  line.AddCount("arena_bytes_used", health.arena_bytes_used);
}

namespace {

// W1 in batches: each call appends 100 records, built in as many hot buffers.
absl::Status AppendInBatches(tidemark::Partition& partition, uint64_t count,
                             size_t record_bytes) {
  constexpr size_t kBatchRecords = 100;
  std::string bytes = PseudoRandomBytes(kBatchRecords * record_bytes);
  std::array<tidemark::Record, kBatchRecords> batch;
  for (size_t i = 0; i < kBatchRecords; ++i) {
    batch[i].value =
        std::string_view(bytes).substr(i * record_bytes, record_bytes);
  }
  for (uint64_t first = 0; first < count; first += kBatchRecords) {
    for (size_t i = 0; i < kBatchRecords; ++i) {
      const uint64_t stamp = first + i;
      std::memcpy(bytes.data() + i * record_bytes, &stamp, kStampBytes);
    }
    const auto offset = partition.Append(std::span(batch));
    if (!offset.ok()) return offset.status();
  }
  return absl::OkStatus();
}

absl::Status RunBatchedAppends(const Settings& settings, ResultLine& line) {
  AppendShape shape;
  shape.setup.has_default_sync = settings.workload == "W1x100d";
  shape.record_count = settings.Scaled(shape.record_count / 100) * 100;
  const auto append = [&shape](TidemarkPart part) {
    return AppendInBatches(part.partition(), shape.record_count,
                           shape.record_bytes);
  };
  return RunAppends<TidemarkLog>(settings, shape, append, line);
}

absl::Status Run(const Settings& settings, ResultLine& line) {
  if (settings.workload == "W1x100" || settings.workload == "W1x100d") {
    return RunBatchedAppends(settings, line);
  }
  return RunWorkload<TidemarkLog>(settings, line);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  return bench::RunProgram("tidemark", argc, argv, bench::Run);
}
