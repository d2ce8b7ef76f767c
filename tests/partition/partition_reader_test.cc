#include "partition/partition_reader.h"

#include <array>
#include <random>
#include <string>

#include "fmt/core.h"
#include "partition/log_fixture.h"
#include "record/batch_header.h"
#include "segment/segment_header.h"
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

// Makes the second batch of the log one of which the last records were removed:
// it takes `offset_span` offsets.
void WidenSecondBatch(Env& env, uint32_t offset_span) {
  REQUIRE_OK_AND_ASSIGN(const auto root, env.OpenDirectory("/log", false));
  REQUIRE_OK_AND_ASSIGN(
      const auto file,
      root->OpenFile("t/00000000000000000000.log", FileAccess::kReadWrite));
  REQUIRE_OK_AND_ASSIGN(const SegmentHead head, ReadSegmentHead(*file));
  std::array<std::byte, batch_format::kHeaderSize> bytes;
  uint64_t position = head.header.data_position;
  BatchHeader batch;
  for (int i = 0; i < 2; ++i) {
    position += batch.size;
    REQUIRE_OK(file->ReadAt(position, bytes));
    REQUIRE(DecodeBatchHeader(bytes, head.header.secret, position, &batch) ==
            HeaderFault::kNone);
  }
  batch.offset_span = offset_span;
  EncodeBatchHeader(batch, head.header.secret, position, bytes.data());
  REQUIRE_OK(file->WriteAt(position, bytes));
}

TEST_CASE("A read that begins behind the last record of a batch goes on",
          "[partition]") {
  // G10
  MemoryEnv env;
  LogFixture fixture(env);
  {
    const auto log = fixture.Open();
    REQUIRE_OK(AppendText(*log, "a"));
    REQUIRE_OK(log->WriteOut(true));
    REQUIRE_OK(AppendText(*log, "b"));
    REQUIRE_OK(log->Sync());
  }
  WidenSecondBatch(env, 5);
  const auto log = fixture.Open();
  REQUIRE(log->marks().end == 6);
  const auto check = [&log](Offset from, Offset expected) {
    INFO("from " << from);
    PartitionReader reader(log);
    auto runs = std::make_unique<RecordRuns>();
    Offset next = 0;
    REQUIRE_OK(reader.Read(from, {.records_max = 1}, runs.get(), &next));
    CHECK(next > expected);
    const Records records(std::move(runs));
    REQUIRE(records.size() == 1);
    CHECK(records.begin()->offset() == expected);
  };
  REQUIRE_OK(AppendText(*log, "c"));
  for (const bool is_in_file : {false, true}) {
    if (is_in_file) REQUIRE_OK(log->WriteOut(true));
    check(0, 0);
    check(1, 1);
    for (Offset from = 2; from <= 6; ++from) check(from, 6);
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
