#ifndef TIDEMARK_TESTS_PARTITION_LOG_FIXTURE_H_
#define TIDEMARK_TESTS_PARTITION_LOG_FIXTURE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "partition/chunk_arena.h"
#include "partition/flush_worker.h"
#include "partition/partition_log.h"
#include "partition/partition_reader.h"
#include "partition/segment_file_cache.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "tidemark/env.h"
#include "tidemark/records.h"
#include "tidemark/testing/manual_clock.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark::test {

// One partition over an Env, without a store around it. Each Open is a new
// incarnation with shared state of its own.
class LogFixture {
 public:
  explicit LogFixture(Env& env, std::string directory = "/log")
      : env_(env), directory_(std::move(directory)) {
    address_.topic = "t";
    address_.topic_id.bytes[0] = std::byte{7};
    address_.number = 0;
    address_.path = "t";
    settings.has_threads = false;
  }

  LogSettings settings;
  PartitionOptions options;
  uint64_t arena_bytes = 1 << 20;
  uint32_t block_bytes = 4096;
  ManualClock clock;
  std::vector<Event> events;

  // Makes the shared state of a new incarnation.
  std::shared_ptr<LogShared> Share() {
    auto shared = TryShare();
    REQUIRE_OK(shared);
    return *std::move(shared);
  }

  absl::StatusOr<std::shared_ptr<LogShared>> TryShare() {
    auto shared = std::make_shared<LogShared>();
    shared->settings = settings;
    shared->store_id.bytes[0] = std::byte{9};
    shared->incarnation = ++incarnation_;
    shared->clock = &clock;
    shared->env = &env_;
    auto directory = env_.OpenDirectory(directory_, /*is_creating=*/true);
    if (!directory.ok()) return directory.status();
    shared->directory = *std::move(directory);
    shared->files = std::make_unique<SegmentFileCache>(*shared->directory, 100);
    shared->arena = std::make_unique<ChunkArena>(
        ChunkArena::Options{arena_bytes, block_bytes, nullptr});
    shared->flush = std::make_unique<FlushWorker>(*shared);
    shared->on_event = [this](const Event& event) { events.push_back(event); };
    return shared;
  }

  absl::StatusOr<std::shared_ptr<PartitionLog>> TryOpen() {
    auto made = TryShare();
    if (!made.ok()) return made.status();
    const std::shared_ptr<LogShared> shared = *std::move(made);
    if (incarnation_ == 1) {
      const absl::Status created = PartitionLog::Create(*shared, address_);
      if (!created.ok()) return created;
      const absl::Status synced = shared->directory->Sync("");
      if (!synced.ok()) return synced;
    }
    return PartitionLog::Open(shared, address_, options, {});
  }

  std::shared_ptr<PartitionLog> Open() {
    auto log = TryOpen();
    REQUIRE_OK(log);
    return *std::move(log);
  }

  const PartitionAddress& address() const { return address_; }

 private:
  Env& env_;
  const std::string directory_;
  PartitionAddress address_;
  Incarnation incarnation_ = 0;
};

// So many partitions of one store, in "p0", "p1" and so on.
inline std::vector<std::shared_ptr<PartitionLog>> OpenMany(
    const std::shared_ptr<LogShared>& shared, int count) {
  std::vector<std::shared_ptr<PartitionLog>> logs;
  for (int i = 0; i < count; ++i) {
    PartitionAddress address;
    address.topic = "t";
    address.number = i;
    address.path = "p" + std::to_string(i);
    REQUIRE_OK(PartitionLog::Create(*shared, address));
    auto log = PartitionLog::Open(shared, address, {}, {});
    REQUIRE_OK(log);
    logs.push_back(*std::move(log));
  }
  return logs;
}

inline absl::StatusOr<Offset> AppendText(PartitionLog& log,
                                         std::string_view value,
                                         Ack ack = Ack::kTopicDefault) {
  Record record;
  record.value = value;
  return log.Append({&record, 1}, ack);
}

// The values from `from` to the end, each checked to have its offset.
inline absl::StatusOr<std::vector<std::string>> ReadValues(
    const std::shared_ptr<PartitionLog>& log, Offset from = 0,
    const ReadOptions& options = {}) {
  std::vector<std::string> values;
  PartitionReader reader(log);
  for (;;) {
    auto runs = std::make_unique<RecordRuns>();
    Offset next = 0;
    const absl::Status status = reader.Read(from, options, runs.get(), &next);
    if (!status.ok()) return status;
    if (next == from) return values;
    const Records records(std::move(runs));
    for (const RecordView& record : records) {
      CHECK(record.offset() == from++);
      values.emplace_back(record.value().value_or("<null>"));
    }
    CHECK(from == next);
  }
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_PARTITION_LOG_FIXTURE_H_
