#include "tidemark/producer.h"

#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "producer/producer_fixture.h"

namespace tidemark::test {
namespace {

using Threads = ProducerBench::Threads;

constexpr auto kProducerFull = absl::StatusCode::kResourceExhausted;
constexpr auto kLate = absl::StatusCode::kDeadlineExceeded;
constexpr auto kProducerClosed = absl::StatusCode::kFailedPrecondition;

// A partitioner of the host: the length of the value.
class ByLength final : public Partitioner {
 public:
  explicit ByLength(std::string name) : name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  PartitionNumber Choose(const Record& record, PartitionNumber count) override {
    return static_cast<PartitionNumber>(record.value->size()) % count;
  }

 private:
  const std::string name_;
};

TEST_CASE("A producer opens what is there and says what is not", "[producer]") {
  ProducerBench bench;
  CHECK_STATUS(absl::StatusCode::kInvalidArgument,
               Producer::Open(*bench.store, {}));
  CHECK_STATUS(absl::StatusCode::kNotFound,
               Producer::Open(*bench.store, {.topic = "u"}));
  REQUIRE_OK(bench.store->Close());
  CHECK(IsClosed(Producer::Open(*bench.store, {.topic = "t"}).status()));
  Store other = std::move(*bench.store);
  CHECK(IsClosed(Producer::Open(*bench.store, {.topic = "t"}).status()));
  StoreOptions reading = bench.options;
  reading.read_only = true;
  REQUIRE_OK_AND_ASSIGN(Store reader, Store::Open("/store", reading));
  const auto refused = Producer::Open(reader, {.topic = "t"});
  CHECK(ReasonOf(refused.status()) == ErrorReason::kReadOnly);
}

TEST_CASE("A record is visible when Send returns", "[producer]") {
  ProducerBench bench;
  Producer producer = bench.Open({.ack = Ack::kDisk});
  REQUIRE_OK_AND_ASSIGN(const RecordId id,
                        producer.Send({.key = "k", .value = "v"}));
  REQUIRE_OK_AND_ASSIGN(const Partition partition,
                        bench.topic.partition(id.partition));
  REQUIRE_OK_AND_ASSIGN(const Records records, partition.Read(id.offset));
  REQUIRE(records.size() == 1);
  CHECK(records.begin()->value() == "v");
}

TEST_CASE("The host's own partitioner chooses, if it is the topic's",
          "[producer]") {
  ProducerBench bench;
  TopicOptions options;
  options.partitions = 4;
  options.partitioner = PartitionerKind::kCustom;
  options.custom_partitioner = std::make_shared<ByLength>("by-length");
  REQUIRE_OK(bench.store->CreateTopic("own", options));
  REQUIRE_OK(bench.store->Close());
  REQUIRE_OK_AND_ASSIGN(Store store, Store::Open("/store", bench.options));
  const auto open = [&](std::string_view topic, const char* name) {
    return Producer::Open(
        store, {.topic = std::string(topic),
                .custom_partitioner = std::make_shared<ByLength>(name)});
  };
  const auto mismatch = open("own", "another");
  CHECK_STATUS(kProducerClosed, mismatch);
  CHECK(ReasonOf(mismatch.status()) == ErrorReason::kPartitionerMismatch);
  CHECK(ReasonOf(open("t", "by-length").status()) ==
        ErrorReason::kPartitionerMismatch);

  // Without one the producer opens, but only explicit partitions can be had.
  {
    REQUIRE_OK_AND_ASSIGN(Producer blind,
                          Producer::Open(store, {.topic = "own"}));
    CHECK(ReasonOf(blind.Send(Value("v")).status()) ==
          ErrorReason::kPartitionerMismatch);
    const Record record = Value("v");
    CHECK_OK(blind.SendBatch(0, {&record, 1}));
  }
  REQUIRE_OK_AND_ASSIGN(Producer producer, open("own", "by-length"));
  for (const auto& [value, number] :
       {std::pair("aaa", 3), {"aaaaa", 1}, {"aa", 2}}) {
    REQUIRE_OK_AND_ASSIGN(const RecordId id, producer.Send(Value(value)));
    CHECK(id.partition == number);
  }
}

TEST_CASE("A batch goes to one partition entirely, with one report",
          "[producer]") {
  ProducerBench bench(Threads::kNone, {.partitions = 2});
  Producer producer = bench.Open({.ack = Ack::kDisk});
  ReportLog log;
  const std::vector<Record> records(3, Value("v"));
  for (const Offset first : {0, 3}) {
    REQUIRE_OK_AND_ASSIGN(const RecordId id,
                          producer.SendBatch(1, records, log.Callback()));
    CHECK(id == RecordId{1, first});
  }
  CHECK(producer.outstanding() == 6);
  REQUIRE_OK(producer.Flush());
  CHECK(log.Offsets(1) == std::vector<Offset>{0, 3});
  CHECK(producer.outstanding() == 0);
}

TEST_CASE("A batch that is refused leaves nothing", "[producer]") {
  TopicOptions options;
  options.record_bytes_max = 1024;
  ProducerBench bench(Threads::kNone, options);
  Producer producer = bench.Open();
  ReportLog log;
  const std::string large(2000, 'x');
  const std::vector<Record> records = {Value("v"), Value(large)};
  const auto refused = producer.SendBatch(0, records, log.Callback());
  CHECK(ReasonOf(refused.status()) == ErrorReason::kRecordTooLarge);
  CHECK_STATUS(absl::StatusCode::kInvalidArgument,
               producer.SendBatch(0, {}, log.Callback()));
  CHECK_STATUS(absl::StatusCode::kNotFound,
               producer.SendBatch(1, {records.data(), 1}, log.Callback()));
  CHECK(producer.outstanding() == 0);
  REQUIRE_OK(producer.Flush());
  CHECK(log.size() == 0);
  REQUIRE_OK_AND_ASSIGN(const Partition partition, bench.topic.partition(0));
  CHECK(partition.marks().end == 0);
}

TEST_CASE("The bounds hold for records and for bytes", "[producer]") {
  ProducerBench bench;
  {
    Producer producer = bench.Open({.outstanding_records_max = 3});
    for (int i = 0; i < 3; ++i) REQUIRE_OK(producer.Send(Value("v")));
    // Without threads nobody would report meanwhile: there is no wait.
    const auto full = producer.Send(Value("v"));
    CHECK_STATUS(kProducerFull, full);
    CHECK(ReasonOf(full.status()) == ErrorReason::kAppendTimeout);
    bench.RunMaintenance();
    CHECK_OK(producer.Send(Value("v")));
  }
  Producer producer = bench.Open({.outstanding_bytes_max = 1024});
  const std::string large(5000, 'x');
  REQUIRE_OK(producer.Send(Value(large)));
  CHECK_STATUS(kProducerFull, producer.Send(Value("v")));
  bench.RunMaintenance();
  const std::string half(450, 'x');
  REQUIRE_OK(producer.Send(Value(half)));
  REQUIRE_OK(producer.Send(Value(half)));
  CHECK_STATUS(kProducerFull, producer.Send(Value(half)));
  CHECK(producer.outstanding() == 2);
}

TEST_CASE("Send waits at the bound until its timeout", "[producer]") {
  ProducerBench bench(Threads::kSome);
  Producer producer = bench.Open(
      {.outstanding_records_max = 1, .send_timeout = absl::Seconds(5)});
  ReportLog log;
  Gate gate;
  REQUIRE_OK(producer.Send(Value("first"), [&](const auto& result) {
    log.Add(result);
    gate.Await();
  }));
  log.Await(1);
  REQUIRE_OK(producer.Send(Value("second"), log.Callback()));
  std::atomic<bool> has_ended{false};
  absl::StatusOr<RecordId> third = absl::UnknownError("not sent");
  std::thread sender([&] {
    third = producer.Send(Value("third"));
    has_ended.store(true);
  });
  int steps = 0;
  while (!has_ended.load()) {
    bench.clock.AwaitWaits(bench.clock.waits() + 2);
    bench.clock.Advance(absl::Seconds(1));
    ++steps;
  }
  sender.join();
  CHECK_STATUS(kProducerFull, third);
  CHECK(steps >= 5);
  // Who waits long enough gets the room of what is reported.
  std::thread patient([&] { third = producer.Send(Value("third")); });
  gate.Open();
  patient.join();
  CHECK_OK(third);
  CHECK_OK(producer.Close());
}

TEST_CASE("Flush and Close end at their deadline", "[producer]") {
  ProducerBench bench(Threads::kSome);
  Producer producer = bench.Open();
  ReportLog log;
  Gate gate;
  REQUIRE_OK(producer.Send(Value("v"), [&](const auto& result) {
    log.Add(result);
    gate.Await();
  }));
  log.Await(1);
  const auto wait = [&](auto call) {
    absl::Status status;
    std::atomic<bool> has_ended{false};
    std::thread caller([&] {
      status = call(bench.clock.Now() + absl::Seconds(5));
      has_ended.store(true);
    });
    int steps = 0;
    while (!has_ended.load()) {
      bench.clock.AwaitWaits(bench.clock.waits() + 2);
      bench.clock.Advance(absl::Seconds(1));
      ++steps;
    }
    caller.join();
    CHECK(steps >= 5);
    return status;
  };
  CHECK_STATUS(kLate, wait([&](absl::Time at) { return producer.Flush(at); }));
  CHECK_STATUS(kLate, producer.Flush(absl::InfinitePast()));
  REQUIRE_OK(producer.Send(Value("v"), log.Callback()));
  CHECK_STATUS(kLate, wait([&](absl::Time at) { return producer.Close(at); }));
  CHECK(IsClosed(producer.Send(Value("v")).status()));
  gate.Open();
  CHECK_OK(producer.Close());
  CHECK(log.Offsets() == UpTo(2));
}

TEST_CASE("Without threads a deadline that has passed reports nothing",
          "[producer]") {
  ProducerBench bench;
  Producer producer = bench.Open();
  CHECK_OK(producer.Flush(absl::InfinitePast()));
  REQUIRE_OK(producer.Send(Value("v")));
  CHECK_STATUS(kLate, producer.Flush(absl::InfinitePast()));
  CHECK_STATUS(kLate, producer.Close(bench.clock.Now()));
  CHECK(producer.outstanding() == 1);
  CHECK_OK(producer.Close(bench.clock.Now() + absl::Seconds(1)));
  CHECK(producer.outstanding() == 0);
}

TEST_CASE("A closed producer refuses, and closing again is no error",
          "[producer]") {
  ProducerBench bench(Threads::kSome);
  Producer producer = bench.Open();
  ReportLog log;
  REQUIRE_OK(producer.Send(Value("v"), log.Callback()));
  absl::Status beside;
  std::thread other([&] { beside = producer.Close(); });
  CHECK_OK(producer.Close());
  other.join();
  CHECK_OK(beside);
  CHECK(log.size() == 1);
  CHECK_OK(producer.Close());
  CHECK_OK(producer.Flush());
  CHECK(IsClosed(producer.Send(Value("v")).status()));
  const Record record = Value("v");
  CHECK_STATUS(kProducerClosed, producer.SendBatch(0, {&record, 1}));
  // The store is as it was.
  CHECK_OK(bench.topic.Append(Value("v")));
}

TEST_CASE("The destructor waits for the reports", "[producer]") {
  for (const Threads threads : {Threads::kNone, Threads::kSome}) {
    ProducerBench bench(threads);
    ReportLog log;
    {
      Producer producer = bench.Open({.ack = Ack::kDisk});
      for (int i = 0; i < 10; ++i) {
        REQUIRE_OK(producer.Send(Value("v"), log.Callback()));
      }
    }
    CHECK(log.Offsets() == UpTo(10));
  }
}

TEST_CASE("A producer that was moved from is closed, the other one open",
          "[producer]") {
  ProducerBench bench;
  Producer producer = bench.Open();
  ReportLog log;
  REQUIRE_OK(producer.Send(Value("v"), log.Callback()));
  Producer other = std::move(producer);
  // NOLINTNEXTLINE(*-use-after-move,*-cplusplus.Move): what this is about
  CHECK(IsClosed(producer.Send(Value("v")).status()));
  const Record record = Value("v");
  CHECK(IsClosed(producer.SendBatch(0, {&record, 1}).status()));
  CHECK(IsClosed(producer.Flush()));
  CHECK_OK(producer.Close());
  CHECK(producer.outstanding() == 0);
  CHECK(other.outstanding() == 1);
  // The target of an assignment is closed first, which reports.
  Producer third = bench.Open();
  other = std::move(third);
  CHECK(log.size() == 1);
  CHECK_OK(other.Send(Value("v")));
  CHECK(bench.store->RunMaintenance(bench.clock.Now()).ok());
}

TEST_CASE("A producer may outlive its store", "[producer]") {
  ProducerBench bench(Threads::kSome);
  Producer producer = bench.Open();
  bench.topic = Topic();
  bench.store.reset();
  CHECK(IsClosed(producer.Send(Value("v")).status()));
  CHECK_OK(producer.Flush());
  // The directory is free for another one.
  CHECK_OK(Store::Open("/store", bench.options));
}

TEST_CASE("A topic that is deleted refuses its producers", "[producer]") {
  ProducerBench bench;
  Producer producer = bench.Open({.ack = Ack::kDisk});
  ReportLog log;
  REQUIRE_OK(producer.Send(Value("v"), log.Callback()));
  REQUIRE_OK(bench.store->DeleteTopic("t"));
  CHECK(IsClosed(producer.Send(Value("v")).status()));
  CHECK_OK(producer.Flush());
  REQUIRE(log.size() == 1);
  CHECK(IsClosed(log.all()[0].status()));
}

// The ThreadSanitizer of clang 14 cannot detach a thread of another process.
TEST_CASE("A forked child is refused and ends without waiting",
          "[producer][no_tsan]") {
  ProducerBench bench(Threads::kSome);
  std::optional<Producer> producer(bench.Open());
  ReportLog log;
  Gate gate;
  REQUIRE_OK(producer->Send(Value("v"), [&](const auto& result) {
    log.Add(result);
    gate.Await();
  }));
  log.Await(1);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(20);
    const auto is_forked = [](const absl::Status& status) {
      return ReasonOf(status) == ErrorReason::kForked;
    };
    bool is_good = is_forked(producer->Send(Value("v")).status()) &&
                   is_forked(producer->Flush()) &&
                   is_forked(producer->Close()) && producer->outstanding() == 0;
    producer.reset();
    _exit(is_good ? 7 : 8);
  }
  int result = 0;
  REQUIRE(waitpid(child, &result, 0) == child);
  CHECK(WIFEXITED(result));
  CHECK(WEXITSTATUS(result) == 7);
  gate.Open();
  CHECK_OK(producer->Close());
}

}  // namespace
}  // namespace tidemark::test
