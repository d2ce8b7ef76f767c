#ifndef TIDEMARK_TESTS_CONSUMER_CURSOR_FIXTURE_H_
#define TIDEMARK_TESTS_CONSUMER_CURSOR_FIXTURE_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "fmt/core.h"
#include "support/status_matchers.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/store.h"
#include "tidemark/testing/manual_clock.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark::test {

// A clock that stands still, or, on demand, jumps to the end of every wait. It
// counts the waits, so that a test can act when a thread is in one.
class WaitClock final : public Clock {
 public:
  int64_t CoarseMicros() const override { return manual_.CoarseMicros(); }
  absl::Time Now() const override { return manual_.Now(); }
  absl::Duration Monotonic() const override { return manual_.Monotonic(); }

  bool WaitUntil(std::condition_variable& condition,
                 std::unique_lock<std::mutex>& lock,
                 absl::Duration deadline) override {
    waits_.fetch_add(1);
    if (is_jumping_ && deadline != absl::InfiniteDuration()) {
      manual_.Advance(
          std::max(deadline - manual_.Monotonic(), absl::ZeroDuration()));
    }
    return manual_.WaitUntil(condition, lock, deadline);
  }

  void Advance(absl::Duration step) { manual_.Advance(step); }
  void JumpOverWaits() { is_jumping_ = true; }
  int wait_count() const { return waits_.load(); }

  // Returns when a wait has begun since there were `count` of them.
  void AwaitWait(int count) const {
    while (waits_.load() <= count) std::this_thread::yield();
  }

 private:
  ManualClock manual_;
  std::atomic<int> waits_{0};
  bool is_jumping_ = false;
};

inline Record ValueRecord(std::string_view value) {
  return Record{.value = value};
}

// A store in memory without threads, and what tests do with it.
struct CursorBench {
  CursorBench() { Open(); }

  void Open() { Open(StoreOptions::Test(env, clock)); }
  void Open(const StoreOptions& options) {
    store.reset();
    auto opened = Store::Open("/store", options);
    REQUIRE_OK(opened);
    store.emplace(*std::move(opened));
  }

  Topic Create(std::string_view name, PartitionNumber partitions = 1) {
    TopicOptions options;
    options.partitions = partitions;
    auto topic = store->CreateTopic(name, options);
    REQUIRE_OK(topic);
    return *std::move(topic);
  }

  Partition PartitionOf(std::string_view topic, PartitionNumber number = 0) {
    auto opened = store->OpenTopic(topic);
    REQUIRE_OK(opened);
    auto partition = opened->partition(number);
    REQUIRE_OK(partition);
    return *std::move(partition);
  }

  // Appends the values "<first>", "<first + 1>" ... as a batch of their own.
  void Append(std::string_view topic, PartitionNumber number, int first,
              int count, Ack ack = Ack::kProcess) {
    std::vector<std::string> values;
    for (int i = 0; i < count; ++i)
      values.push_back(fmt::format("{}", first + i));
    std::vector<Record> records;
    for (const std::string& value : values) {
      records.push_back(ValueRecord(value));
    }
    REQUIRE_OK(PartitionOf(topic, number).Append(records, ack));
  }

  absl::StatusOr<ConsumerCursor> TryCursor(const CursorOptions& options) {
    return ConsumerCursor::Open(*store, options);
  }
  ConsumerCursor Cursor(const CursorOptions& options) {
    auto cursor = ConsumerCursor::Open(*store, options);
    REQUIRE_OK(cursor);
    return *std::move(cursor);
  }

  MemoryEnv env;
  WaitClock clock;
  std::optional<Store> store;
};

// "topic/partition:offset" of every record, in their order.
inline std::vector<std::string> Places(const Records& records) {
  std::vector<std::string> places;
  for (const RecordView& record : records) {
    places.push_back(fmt::format("{}/{}:{}", record.topic(), record.partition(),
                                 record.offset()));
  }
  return places;
}

inline std::vector<std::string> PollPlaces(ConsumerCursor& cursor,
                                           const PollOptions& options = {}) {
  const auto records = cursor.Poll(options);
  REQUIRE_OK(records);
  return Places(*records);
}

inline std::vector<Offset> PollOffsets(ConsumerCursor& cursor,
                                       const PollOptions& options = {}) {
  const auto records = cursor.Poll(options);
  REQUIRE_OK(records);
  std::vector<Offset> offsets;
  for (const RecordView& record : *records) offsets.push_back(record.offset());
  return offsets;
}

inline Offset OffsetIn(const Positions& positions, std::string_view topic,
                       PartitionNumber partition = 0) {
  const Positions::Entry* const entry = positions.Find(topic, partition);
  return entry == nullptr ? -1 : entry->offset;
}

using Offsets = std::vector<Offset>;
using Strings = std::vector<std::string>;

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_CONSUMER_CURSOR_FIXTURE_H_
