#include "producer/producer_engine.h"

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "fmt/core.h"
#include "producer/producer_fixture.h"

// Rounds and reports; what a host sees of a producer otherwise is in
// producer_test.cc.
namespace tidemark::test {
namespace {

using Threads = ProducerBench::Threads;

TEST_CASE("Without threads, maintenance reports", "[producer]") {
  ProducerBench bench;
  Producer producer = bench.Open({.ack = Ack::kDisk});
  ReportLog log;
  for (Offset offset = 0; offset < 5; ++offset) {
    REQUIRE_OK_AND_ASSIGN(const RecordId id,
                          producer.Send(Value("v"), log.Callback()));
    CHECK(id == RecordId{0, offset});
  }
  CHECK(log.size() == 0);
  CHECK(producer.outstanding() == 5);
  bench.RunMaintenance();
  CHECK(log.Offsets() == UpTo(5));
  CHECK(producer.outstanding() == 0);
  bench.RunMaintenance();
  CHECK(log.size() == 5);
}

TEST_CASE("Without threads, Flush and Close report", "[producer]") {
  ProducerBench bench;
  Producer producer = bench.Open();
  ReportLog log;
  REQUIRE_OK(producer.Send(Value("v"), log.Callback()));
  REQUIRE_OK(producer.Flush());
  CHECK(log.Offsets() == UpTo(1));
  REQUIRE_OK(producer.Send(Value("v"), log.Callback()));
  REQUIRE_OK(producer.Close());
  CHECK(log.Offsets() == UpTo(2));
}

TEST_CASE("A round does not begin inside another one", "[producer]") {
  ProducerBench bench;
  Producer producer = bench.Open();
  ReportLog log;
  size_t reported_inside = 99;
  REQUIRE_OK(producer.Send(Value("v"), [&](const auto&) {
    if (!producer.Send(Value("v"), log.Callback()).ok()) return;
    bench.RunMaintenance();
    reported_inside = log.size();
  }));
  bench.RunMaintenance();
  CHECK(reported_inside == 0);
  CHECK(log.size() == 0);
  bench.RunMaintenance();
  CHECK(log.size() == 1);
}

TEST_CASE("Without threads, Flush waits for the round of another thread",
          "[producer]") {
  ProducerBench bench;
  Producer producer = bench.Open();
  ReportLog log;
  Gate begun;
  Gate gate;
  REQUIRE_OK(producer.Send(Value("v"), [&](const auto& result) {
    begun.Open();
    gate.Await();
    log.Add(result);
  }));
  std::thread maintenance(
      [&] { bench.store->RunMaintenance(bench.clock.Now()).IgnoreError(); });
  begun.Await();
  REQUIRE_OK(producer.Send(Value("v"), log.Callback()));
  bench.RunMaintenance();  // leaves it to the other thread
  CHECK(log.size() == 0);
  CHECK_STATUS(absl::StatusCode::kDeadlineExceeded,
               producer.Flush(absl::InfinitePast()));
  std::thread flush([&] { producer.Flush().IgnoreError(); });
  bench.clock.AwaitThreads(1);
  CHECK(log.size() == 0);
  gate.Open();
  flush.join();
  CHECK(log.Offsets() == UpTo(2));
  maintenance.join();
}

TEST_CASE("With threads, reports come by themselves", "[producer]") {
  ProducerBench bench(Threads::kSome);
  for (const Ack ack : {Ack::kMemory, Ack::kProcess, Ack::kDisk}) {
    Producer producer = bench.Open({.ack = ack});
    ReportLog log;
    for (int i = 0; i < 10; ++i) {
      REQUIRE_OK(producer.Send(Value("v"), log.Callback()));
    }
    log.Await(10);
    for (const auto& report : log.all()) CHECK_OK(report);
    CHECK_OK(producer.Close());
  }
}

TEST_CASE("A report at the level of the disk comes behind the sync",
          "[producer]") {
  ProducerBench bench(Threads::kSome);
  Producer producer = bench.Open({.ack = Ack::kDisk});
  REQUIRE_OK_AND_ASSIGN(const Partition partition, bench.topic.partition(0));
  ReportLog log;
  std::atomic<int> too_early{0};
  for (int i = 0; i < 100; ++i) {
    REQUIRE_OK(producer.Send(Value("v"), [&](const auto& result) {
      if (result.ok() && partition.marks().durable <= result->offset) {
        ++too_early;
      }
      log.Add(result);
    }));
  }
  REQUIRE_OK(producer.Flush());
  CHECK(log.Offsets() == UpTo(100));
  CHECK(too_early.load() == 0);
}

TEST_CASE("The topic's level is taken when the producer is opened",
          "[producer]") {
  TopicOptions options;
  options.ack = Ack::kDisk;
  ProducerBench bench(Threads::kNone, options);
  Producer producer = bench.Open();
  REQUIRE_OK(producer.Send(Value("v")));
  REQUIRE_OK(producer.Flush());
  REQUIRE_OK_AND_ASSIGN(const Partition partition, bench.topic.partition(0));
  CHECK(partition.marks().durable == 1);
}

TEST_CASE("Many threads share few syncs, and each partition stays in order",
          "[producer]") {
  constexpr int kThreads = 8;
  constexpr int kEach = 250;
  ProducerBench bench(Threads::kSome, {.partitions = 3});
  Producer producer = bench.Open({.ack = Ack::kDisk});
  ReportLog log;
  // The first report is held back until everything is sent.
  Gate sent;
  REQUIRE_OK(
      producer.Send({.key = "first", .value = "v"}, [&](const auto& result) {
        log.Add(result);
        sent.Await();
      }));
  log.Await(1);
  bench.env.ForgetCalls();
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  std::atomic<int> failed{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const std::string key = fmt::format("{}-{}", t, i);
        const auto id =
            producer.Send({.key = key, .value = "v"}, log.Callback());
        if (!id.ok()) ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(bench.syncs() == 0);
  sent.Open();
  REQUIRE_OK(producer.Flush());
  CHECK(failed.load() == 0);
  CHECK(log.size() == 1 + kThreads * kEach);
  Offset total = 0;
  for (const PartitionNumber number : {0, 1, 2}) {
    REQUIRE_OK_AND_ASSIGN(const Partition partition,
                          bench.topic.partition(number));
    const Marks marks = partition.marks();
    CHECK(marks.durable == marks.end);
    CHECK(log.Offsets(number) == UpTo(marks.end));
    total += marks.end;
  }
  CHECK(total == 1 + kThreads * kEach);
  // One for each partition, and the odd one for a record behind a capture.
  CHECK(bench.syncs() >= 1);
  CHECK(bench.syncs() <= 9);
}

TEST_CASE("Reports of racing senders keep the order of the offsets",
          "[producer]") {
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  ProducerBench bench(Threads::kSome);
  Producer producer = bench.Open({.ack = Ack::kMemory});
  ReportLog log;
  std::atomic<int> at_once{0};
  std::atomic<int> at_once_max{0};
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        producer
            .Send(Value("v"),
                  [&](const auto& result) {
                    const int now = ++at_once;
                    if (now > at_once_max) at_once_max = now;
                    log.Add(result);
                    --at_once;
                  })
            .IgnoreError();  // the count of the reports tells
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  REQUIRE_OK(producer.Flush());
  CHECK(log.Offsets() == UpTo(kThreads * kEach));
  CHECK(at_once_max.load() == 1);
}

TEST_CASE("A failed sync is reported to each record that needed it",
          "[producer]") {
  ProducerBench bench(Threads::kNone, {.partitions = 2});
  Producer producer = bench.Open({.ack = Ack::kDisk});
  ReportLog log;
  const Record record = Value("v");
  REQUIRE_OK(producer.SendBatch(0, {&record, 1}, log.Callback()));
  REQUIRE_OK(bench.topic.Sync());  // the first one is safe before the failure
  REQUIRE_OK(producer.SendBatch(0, {&record, 1}, log.Callback()));
  REQUIRE_OK(producer.SendBatch(0, {&record, 1}, log.Callback()));
  bench.env.Inject({.kind = EnvCall::kSync, .error = EIO});
  bench.env.Inject({.kind = EnvCall::kSyncAll, .error = EIO});
  bench.RunMaintenance();
  REQUIRE(log.size() == 3);
  CHECK(log.Offsets() == std::vector<Offset>{0, -1, -1});
  CHECK(IsIoError(log.all()[1].status()));
  CHECK(IsIoError(log.all()[2].status()));
  // The partition refuses; the other one and the producer go on.
  bench.env.ClearFaults();
  CHECK(IsPoisoned(producer.SendBatch(0, {&record, 1}).status()));
  REQUIRE_OK(producer.SendBatch(1, {&record, 1}, log.Callback()));
  CHECK_OK(producer.Flush());
  CHECK(log.size() == 4);
  CHECK(log.Offsets(1) == std::vector<Offset>{-1, -1, 0});
  CHECK(producer.outstanding() == 0);
}

TEST_CASE("Without a callback the error comes with the next Flush",
          "[producer]") {
  ProducerBench bench;
  Producer producer = bench.Open({.ack = Ack::kDisk});
  REQUIRE_OK(producer.Send(Value("v")));
  bench.env.FailKind(EnvCall::kSync, EIO, true);
  bench.env.FailKind(EnvCall::kSyncAll, EIO, true);
  CHECK(IsIoError(producer.Flush()));
  CHECK_OK(producer.Flush());
  CHECK_OK(producer.Close());
}

TEST_CASE("An error that nobody took goes to the health of the store",
          "[producer]") {
  ProducerBench bench;
  {
    Producer producer = bench.Open({.ack = Ack::kDisk});
    REQUIRE_OK(producer.Send(Value("v")));
    bench.env.FailKind(EnvCall::kSync, EIO, true);
    bench.env.FailKind(EnvCall::kSyncAll, EIO, true);
    bench.store->Sync().IgnoreError();  // the failure of the device
    const uint64_t before = bench.store->health().background_error_count;
    producer = bench.Open();
    CHECK(bench.store->health().background_error_count == before + 1);
  }
  CHECK_OK(bench.Open().Close());
}

TEST_CASE("A full disk is reported, and the records are not lost",
          "[producer]") {
  ProducerBench bench;
  Producer producer = bench.Open({.ack = Ack::kDisk});
  ReportLog log;
  REQUIRE_OK(producer.Send(Value("v"), log.Callback()));
  bench.env.FailKind(EnvCall::kWrite, ENOSPC, true);
  REQUIRE_OK(producer.Flush());
  REQUIRE(log.size() == 1);
  CHECK(IsDiskFull(log.all()[0].status()));
  bench.env.ClearFaults();
  REQUIRE_OK(producer.Send(Value("v"), log.Callback()));
  REQUIRE_OK(producer.Flush());
  CHECK(log.Offsets() == std::vector<Offset>{-1, 1});
  REQUIRE_OK_AND_ASSIGN(const Partition partition, bench.topic.partition(0));
  CHECK(partition.marks().durable == 2);
}

TEST_CASE("The host hears of an event of Send without a lock held",
          "[producer]") {
  TopicOptions options;
  options.batch_bytes = 1024;
  ProducerBench bench(Threads::kNone, options);
  Producer producer = bench.Open();
  std::future<absl::Status> other;
  bool is_free = false;
  bench.on_event = [&](const Event& event) {
    if (event.kind != EventKind::kDiskFull) return;
    other = std::async(std::launch::async, [&producer] {
      return producer.Send(Value("from another thread")).status();
    });
    is_free =
        other.wait_for(std::chrono::seconds(20)) == std::future_status::ready;
  };
  REQUIRE_OK(producer.Send(Value("creates the file")));
  bench.env.FailKind(EnvCall::kWrite, ENOSPC, true);
  const std::string value(100, 'x');
  for (int i = 0; i < 100 && !other.valid(); ++i) {
    producer.Send(Value(value)).IgnoreError();  // a full disk may refuse it
  }
  REQUIRE(other.valid());
  CHECK(is_free);
  other.get().IgnoreError();  // the same
  bench.env.ClearFaults();
}

TEST_CASE("A store that closes under the producer ends what waits",
          "[producer]") {
  ProducerBench bench;
  Producer producer = bench.Open({.ack = Ack::kDisk});
  ReportLog log;
  REQUIRE_OK(producer.Send(Value("v"), log.Callback()));
  // The close syncs: the record is safe, and its report says so.
  REQUIRE_OK(bench.store->Close());
  CHECK(IsClosed(producer.Send(Value("v"), log.Callback()).status()));
  CHECK(producer.outstanding() == 1);
  CHECK_OK(producer.Flush());
  CHECK(log.Offsets() == UpTo(1));
  CHECK_OK(producer.Close());
  CHECK(log.size() == 1);
}

TEST_CASE("What a closed store could not keep is reported as such",
          "[producer]") {
  for (const Threads threads : {Threads::kNone, Threads::kSome}) {
    ProducerBench bench(threads);
    Producer producer = bench.Open({.ack = Ack::kDisk});
    ReportLog log;
    Gate closed;
    if (threads == Threads::kSome) {
      REQUIRE_OK(producer.Send(Value("first"), [&](const auto& result) {
        log.Add(result);
        closed.Await();
      }));
      log.Await(1);
    }
    REQUIRE_OK(producer.Send(Value("v"), log.Callback()));
    bench.env.FailKind(EnvCall::kSync, EIO, true);
    bench.env.FailKind(EnvCall::kSyncAll, EIO, true);
    bench.store->Close().IgnoreError();  // fails as the device does
    bench.store.reset();
    closed.Open();
    CHECK_OK(producer.Close());
    REQUIRE_FALSE(log.all().empty());
    CHECK_FALSE(log.all().back().ok());
    CHECK(producer.outstanding() == 0);
  }
}

TEST_CASE("A store may close beside senders of many threads", "[producer]") {
  ProducerBench bench(Threads::kSome, {.partitions = 2});
  Producer producer = bench.Open({.ack = Ack::kDisk});
  std::atomic<int> sent{0};
  std::atomic<int> refused{0};
  std::atomic<int> reported{0};
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (;;) {
        const auto id =
            producer.Send(Value("v"), [&](const auto&) { ++reported; });
        if (!id.ok()) {
          if (IsClosed(id.status())) ++refused;
          return;
        }
        ++sent;
      }
    });
  }
  while (reported.load() < 50) std::this_thread::yield();
  CHECK_OK(bench.store->Close());
  for (std::thread& thread : threads) thread.join();
  CHECK(refused.load() == 4);
  producer.Close().IgnoreError();  // what it says is not the point
  CHECK(reported.load() == sent.load());
}

}  // namespace
}  // namespace tidemark::test
