#ifndef TIDEMARK_TESTS_PRODUCER_PRODUCER_FIXTURE_H_
#define TIDEMARK_TESTS_PRODUCER_PRODUCER_FIXTURE_H_

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "tidemark/error.h"
#include "tidemark/event.h"
#include "tidemark/producer.h"
#include "tidemark/store.h"
#include "tidemark/testing/fault_env.h"
#include "tidemark/testing/manual_clock.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark::test {

// A clock that a test moves, and that tells who waits by it, so that a test can
// act when a thread is in a wait.
class WatchedClock final : public Clock {
 public:
  int64_t CoarseMicros() const override { return manual_.CoarseMicros(); }
  absl::Time Now() const override { return manual_.Now(); }
  absl::Duration Monotonic() const override { return manual_.Monotonic(); }
  bool WaitUntil(std::condition_variable& condition,
                 std::unique_lock<std::mutex>& lock,
                 absl::Duration deadline) override {
    {
      const std::lock_guard<std::mutex> own(mutex_);
      ++waits_;
      threads_.insert(std::this_thread::get_id());
    }
    return manual_.WaitUntil(condition, lock, deadline);
  }

  void Advance(absl::Duration step) { manual_.Advance(step); }
  // Waits by the clock so far, which look again every few milliseconds.
  int waits() const {
    const std::lock_guard<std::mutex> own(mutex_);
    return waits_;
  }
  void AwaitWaits(int count) const {
    while (waits() < count) std::this_thread::yield();
  }
  // Waits until so many threads have waited.
  void AwaitThreads(size_t count) const {
    for (;;) {
      const std::lock_guard<std::mutex> own(mutex_);
      if (threads_.size() >= count) return;
    }
  }

 private:
  ManualClock manual_;
  mutable std::mutex mutex_;
  int waits_ = 0;
  std::set<std::thread::id> threads_;
};

// Something that threads wait for.
class Gate {
 public:
  void Open() {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void Await() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return is_open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
};

// The reports of a producer in the order in which they came.
class ReportLog {
 public:
  DeliveryCallback Callback() {
    return [this](const absl::StatusOr<RecordId>& result) { Add(result); };
  }
  void Add(const absl::StatusOr<RecordId>& result) {
    const std::lock_guard<std::mutex> lock(mutex_);
    reports_.push_back(result);
    changed_.notify_all();
  }
  void Await(size_t count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return reports_.size() >= count; });
  }
  std::vector<absl::StatusOr<RecordId>> all() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return reports_;
  }
  size_t size() { return all().size(); }
  // The offsets of one partition; -1 for an error, whose partition is unknown.
  std::vector<Offset> Offsets(PartitionNumber number = 0) {
    std::vector<Offset> offsets;
    for (const auto& report : all()) {
      if (!report.ok()) {
        offsets.push_back(-1);
      } else if (report->partition == number) {
        offsets.push_back(report->offset);
      }
    }
    return offsets;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<absl::StatusOr<RecordId>> reports_;
};

inline Record Value(std::string_view value) { return {.value = value}; }

inline std::vector<Offset> UpTo(Offset end) {
  std::vector<Offset> offsets;
  for (Offset offset = 0; offset < end; ++offset) offsets.push_back(offset);
  return offsets;
}

// A store in memory whose faults and time belong to the test, with a topic "t".
struct ProducerBench {
  enum class Threads { kNone, kSome };

  explicit ProducerBench(Threads threads = Threads::kNone,
                         const TopicOptions& topic_options = {}) {
    options = StoreOptions::Test(env, clock);
    options.background_threads = threads == Threads::kSome;
    options.on_event = [this](const Event& event) {
      if (event.kind == EventKind::kCallbackFailed) ++callbacks_failed;
      if (on_event != nullptr) on_event(event);
    };
    auto opened = Store::Open("/store", options);
    REQUIRE_OK(opened);
    store = std::make_unique<Store>(*std::move(opened));
    REQUIRE_OK_AND_ASSIGN(topic, store->CreateTopic("t", topic_options));
  }

  Producer Open(ProducerOptions producer_options = {}) {
    producer_options.topic = "t";
    auto producer = Producer::Open(*store, producer_options);
    REQUIRE_OK(producer);
    return *std::move(producer);
  }

  void RunMaintenance() { REQUIRE_OK(store->RunMaintenance(clock.Now())); }

  // How often the device was synced since ForgetCalls of the Env.
  int64_t syncs() const {
    return Count({EnvCall::kSync, EnvCall::kSyncAll, EnvCall::kSyncFileSystem});
  }
  int64_t writes() const { return Count({EnvCall::kWrite}); }
  int64_t Count(std::initializer_list<EnvCall> kinds) const {
    const std::vector<EnvCallRecord> calls = env.calls();
    return std::count_if(calls.begin(), calls.end(), [&](const auto& call) {
      return std::find(kinds.begin(), kinds.end(), call.kind) != kinds.end();
    });
  }

  MemoryEnv machine;
  FaultEnv env{machine};
  WatchedClock clock;
  std::atomic<int> callbacks_failed{0};
  std::function<void(const Event&)> on_event;
  StoreOptions options;
  std::unique_ptr<Store> store;
  Topic topic;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_PRODUCER_PRODUCER_FIXTURE_H_
