#include <functional>
#include <optional>
#include <stdexcept>
#include <vector>

#include "producer/producer_fixture.h"

// What callbacks of a producer may do, and what they may not.
namespace tidemark::test {
namespace {

using Threads = ProducerBench::Threads;

constexpr auto kFull = absl::StatusCode::kResourceExhausted;
constexpr auto kWrongState = absl::StatusCode::kFailedPrecondition;

TEST_CASE("A callback may send, one for one even at the bound", "[producer]") {
  for (const Threads threads : {Threads::kNone, Threads::kSome}) {
    ProducerBench bench(threads);
    Producer producer =
        bench.Open({.ack = Ack::kDisk, .outstanding_records_max = 4});
    ReportLog log;
    std::atomic<int> refused{0};
    for (int i = 0; i < 4; ++i) {
      REQUIRE_OK(producer.Send(Value("v"), [&](const auto& result) {
        log.Add(result);
        if (!producer.Send(Value("again"), log.Callback()).ok()) ++refused;
      }));
    }
    REQUIRE_OK(producer.Flush());
    REQUIRE_OK(producer.Flush());
    CHECK(refused.load() == 0);
    CHECK(log.Offsets() == UpTo(8));
  }
}

TEST_CASE("A Send in a callback does not wait", "[producer]") {
  ProducerBench bench(Threads::kSome);
  Producer producer = bench.Open(
      {.outstanding_records_max = 1, .send_timeout = absl::InfiniteDuration()});
  ReportLog log;
  std::vector<absl::Status> sent;
  REQUIRE_OK(producer.Send(Value("v"), [&](const auto&) {
    for (int i = 0; i < 2; ++i) {
      sent.push_back(producer.Send(Value("again"), log.Callback()).status());
    }
  }));
  REQUIRE_OK(producer.Flush());
  REQUIRE(sent.size() == 2);
  REQUIRE_OK(producer.Close());
  CHECK_OK(sent[0]);
  CHECK_STATUS(kFull, sent[1]);
  CHECK(log.size() == 1);
}

TEST_CASE("Flush and Close in a callback are refused", "[producer]") {
  for (const Threads threads : {Threads::kNone, Threads::kSome}) {
    ProducerBench bench(threads);
    Producer producer = bench.Open();
    std::vector<absl::Status> statuses;
    REQUIRE_OK(producer.Send(Value("v"), [&](const auto&) {
      statuses.push_back(producer.Flush());
      statuses.push_back(producer.Close());
      if (threads == Threads::kNone) bench.RunMaintenance();
    }));
    REQUIRE_OK(producer.Flush());
    REQUIRE(statuses.size() == 2);
    CHECK_STATUS(kWrongState, statuses[0]);
    CHECK_STATUS(kWrongState, statuses[1]);
    CHECK_OK(producer.Send(Value("v")));
  }
}

TEST_CASE("A producer that is destroyed in a callback reports the rest",
          "[producer]") {
  for (const Threads threads : {Threads::kNone, Threads::kSome}) {
    ProducerBench bench(threads);
    std::optional<Producer> producer(bench.Open({.ack = Ack::kDisk}));
    ReportLog log;
    Gate begun;
    Gate sent;
    REQUIRE_OK(producer->Send(Value("v"), [&](const auto& result) {
      begun.Open();
      if (threads == Threads::kSome) sent.Await();
      producer.reset();
      log.Add(result);
    }));
    // With a thread, the rest is of the next round.
    if (threads == Threads::kSome) begun.Await();
    for (int i = 0; i < 4; ++i) {
      REQUIRE_OK(producer->Send(Value("v"), log.Callback()));
    }
    sent.Open();
    if (threads == Threads::kNone) bench.RunMaintenance();
    log.Await(5);
    CHECK(log.Offsets() == UpTo(5));
    CHECK_FALSE(producer.has_value());
  }
}

TEST_CASE("A Flush outlives a producer that its callback destroys",
          "[producer]") {
  ProducerBench bench;
  std::optional<Producer> producer(bench.Open());
  ReportLog log;
  REQUIRE_OK(producer->Send(Value("v"), [&](const auto&) {
    REQUIRE_OK(producer->Send(Value("late"), log.Callback()));
    producer.reset();
  }));
  CHECK_OK(producer->Flush());
  CHECK(log.Offsets() == std::vector<Offset>{1});
}

TEST_CASE("A callback that throws harms nobody", "[producer]") {
  for (const Threads threads : {Threads::kNone, Threads::kSome}) {
    ProducerBench bench(threads);
    Producer producer = bench.Open();
    ReportLog log;
    REQUIRE_OK(producer.Send(
        Value("v"), [](const auto&) { throw std::runtime_error("no"); }));
    REQUIRE_OK(producer.Send(Value("v"), log.Callback()));
    CHECK_OK(producer.Flush());
    CHECK(log.Offsets() == std::vector<Offset>{1});
    CHECK(bench.callbacks_failed.load() == 1);
  }
}

TEST_CASE("Flush does not wait for what callbacks send on and on",
          "[producer]") {
  ProducerBench bench(Threads::kSome);
  Producer producer = bench.Open();
  ReportLog log;
  std::function<void(const absl::StatusOr<RecordId>&)> again =
      [&](const auto& result) {
        log.Add(result);
        producer.Send(Value("v"), again).IgnoreError();  // until the Close
      };
  REQUIRE_OK(producer.Send(Value("v"), again));
  CHECK_OK(producer.Flush());
  CHECK_OK(producer.Flush());
  CHECK_OK(producer.Close());
  CHECK(producer.outstanding() == 0);
  CHECK(log.Offsets() == UpTo(static_cast<Offset>(log.size())));
}

}  // namespace
}  // namespace tidemark::test
