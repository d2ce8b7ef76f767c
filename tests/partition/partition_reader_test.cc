#include "partition/partition_reader.h"

#include <random>
#include <string>

#include "fmt/core.h"
#include "partition/log_fixture.h"
#include "support/seed.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

TEST_CASE("Limits of bytes and records end a read at a record", "[partition]") {
  TIDEMARK_TEST_SEED(seed);
  std::mt19937_64 random(seed);
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.batch_bytes = 2048;
  const auto log = fixture.Open();
  for (int i = 0; i < 1000; ++i) {
    REQUIRE_OK(AppendText(*log, fmt::format("value {}", i), Ack::kMemory));
    if (random() % 50 == 0) REQUIRE_OK(log->WriteOut(true));
  }
  for (int round = 0; round < 200; ++round) {
    ReadOptions options;
    options.records_max = 1 + random() % 300;
    options.bytes_max = 1 + random() % 6000;
    const auto from = static_cast<Offset>(random() % 1000);
    PartitionReader reader(log);
    auto runs = std::make_unique<RecordRuns>();
    Offset next = 0;
    REQUIRE_OK(reader.Read(from, options, runs.get(), &next));
    const Records records(std::move(runs));
    REQUIRE(records.size() >= 1);
    CHECK(records.size() <= options.records_max);
    CHECK(records.byte_size() < options.bytes_max + 16);
    Offset expected = from;
    for (const RecordView& record : records) {
      CHECK(record.offset() == expected);
      CHECK(record.value() == fmt::format("value {}", expected));
      ++expected;
    }
    CHECK(next == expected);
  }
}

TEST_CASE("A durable-only reader never sees more than the durable mark",
          "[partition]") {
  // I15
  MemoryEnv env;
  LogFixture fixture(env);
  const auto log = fixture.Open();
  ReadOptions durable;
  durable.visibility = Visibility::kDurable;
  for (int i = 0; i < 100; ++i) {
    REQUIRE_OK(AppendText(*log, "a", Ack::kMemory));
    if (i % 10 == 4) REQUIRE_OK(log->WriteOut(true));
    if (i % 10 == 8) REQUIRE_OK(log->Sync());
    REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log, 0, durable));
    REQUIRE(static_cast<Offset>(values.size()) == log->marks().durable);
  }
}

TEST_CASE("Positions outside of the log are typed", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  const auto log = fixture.Open();
  REQUIRE_OK(AppendText(*log, "a"));
  REQUIRE_OK(ReadValues(log, 1).status());
  CHECK_STATUS(absl::StatusCode::kOutOfRange, ReadValues(log, 2).status());
  CHECK_STATUS(absl::StatusCode::kInvalidArgument,
               ReadValues(log, -1).status());
}

TEST_CASE("Views stay valid while later reads use the buffers", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  const auto log = fixture.Open();
  for (int i = 0; i < 100; ++i) {
    REQUIRE_OK(AppendText(*log, fmt::format("value {}", i), Ack::kProcess));
  }
  PartitionReader reader(log);
  std::vector<Records> kept;
  ReadOptions options;
  options.records_max = 3;
  for (Offset from = 0; from < 100;) {
    auto runs = std::make_unique<RecordRuns>();
    REQUIRE_OK(reader.Read(from, options, runs.get(), &from));
    kept.emplace_back(std::move(runs));
  }
  int expected = 0;
  for (const Records& records : kept) {
    for (const RecordView& record : records) {
      CHECK(record.value() == fmt::format("value {}", expected++));
    }
  }
  CHECK(expected == 100);
}

}  // namespace
}  // namespace tidemark::test
