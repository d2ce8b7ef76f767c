#include "partition/segment_batch_reader.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fmt/core.h"
#include "partition/log_fixture.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

TEST_CASE("Damage is typed with its range and all else stays readable",
          "[partition]") {
  // G5 I6
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.batch_bytes = 1024;
  {
    const auto log = fixture.Open();
    for (int i = 0; i < 400; ++i) {
      REQUIRE_OK(AppendText(*log, fmt::format("value {}", i), Ack::kMemory));
    }
    REQUIRE_OK(log->Close());
  }
  auto directory = env.OpenDirectory("/log", false);
  REQUIRE_OK(directory);
  const std::string name = "t/00000000000000000000.log";
  REQUIRE_OK_AND_ASSIGN(const auto file,
                        (*directory)->OpenFile(name, FileAccess::kReadWrite));
  REQUIRE_OK_AND_ASSIGN(const FileStat stat, file->Stat());
  for (uint64_t at = 1024; at < stat.size; at += 97) {
    CAPTURE(at);
    std::byte byte;
    REQUIRE_OK(file->ReadAt(at, {&byte, 1}));
    const std::byte flipped = byte ^ std::byte{0x10};
    REQUIRE_OK(file->WriteAt(at, {&flipped, 1}));
    const auto log = fixture.Open();
    std::vector<bool> is_read(400, false);
    PartitionReader reader(log);
    for (Offset from = 0; from < log->marks().end;) {
      auto runs = std::make_unique<RecordRuns>();
      Offset next = from;
      const absl::Status status = reader.Read(from, {}, runs.get(), &next);
      if (!status.ok()) {
        REQUIRE(IsDamaged(status));
        const auto gap = DamagedGap(status);
        REQUIRE(gap.has_value());
        CHECK(gap->from <= from);
        REQUIRE(gap->to > from);
        from = gap->to;
        continue;
      }
      REQUIRE(next > from);
      const Records records(std::move(runs));
      for (const RecordView& record : records) {
        CHECK(record.value() == fmt::format("value {}", record.offset()));
        is_read[static_cast<size_t>(record.offset())] = true;
      }
      from = next;
    }
    // At most the records of one batch cannot be read.
    CHECK(std::count(is_read.begin(), is_read.end(), false) <= 100);
    REQUIRE_OK(file->WriteAt(at, {&byte, 1}));
  }
}

// A closed log whose batches have many sizes, some larger than a window.
uint64_t FillWithBatchesOfManySizes(LogFixture& fixture, MemoryEnv& env) {
  const auto log = fixture.Open();
  for (size_t i = 0; i < 120; ++i) {
    const size_t size = 1 + i * i * 7'919 % 90'000;
    for (const size_t part : {size, size / 3}) {
      REQUIRE_OK(AppendText(*log, std::string(part, 'a' + i % 26)));
    }
    REQUIRE_OK(log->Sync());
  }
  REQUIRE_OK(log->Close());
  REQUIRE_OK_AND_ASSIGN(const auto directory, env.OpenDirectory("/log", false));
  REQUIRE_OK_AND_ASSIGN(const FileStat stat,
                        directory->Stat("t/00000000000000000000.log"));
  return stat.size;
}

TEST_CASE("A walk reads each byte of a file once", "[partition]") {
  MemoryEnv env;
  FaultEnv counted(env);
  LogFixture fixture(counted);
  fixture.arena_bytes = 4 << 20;
  const uint64_t size = FillWithBatchesOfManySizes(fixture, env);
  const auto log = fixture.Open();
  counted.ForgetCalls();
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
  REQUIRE(values.size() == 240);
  uint64_t read = 0;
  for (const EnvCallRecord& call : counted.calls()) {
    if (call.kind == EnvCall::kRead) read += call.size;
  }
  CHECK(read > size / 2);
  CHECK(read <= size);
}

TEST_CASE("Batches taken in parts give every record once", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.arena_bytes = 4 << 20;
  FillWithBatchesOfManySizes(fixture, env);
  const auto log = fixture.Open();
  REQUIRE_OK_AND_ASSIGN(const auto expected, ReadValues(log));
  ReadOptions limits;
  SECTION("by records") { limits.records_max = GENERATE(1, 3, 7, 100); }
  SECTION("by bytes") {
    limits.bytes_max = GENERATE(1, 1'000, 50'000, 200'000);
  }
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log, 0, limits));
  CHECK((values == expected));
}

TEST_CASE("A batch taken in parts can be taken again from its begin",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  {
    const auto log = fixture.Open();
    for (int i = 0; i < 50; ++i) {
      REQUIRE_OK(AppendText(*log, fmt::format("value {}", i), Ack::kMemory));
    }
    REQUIRE_OK(log->Close());
  }
  const auto log = fixture.Open();
  PartitionReader reader(log);
  for (const Offset from : {30, 10, 11, 49, 0, 20, 19}) {
    auto runs = std::make_unique<RecordRuns>();
    Offset next = 0;
    REQUIRE_OK(reader.Read(from, {.records_max = 5}, runs.get(), &next));
    CHECK(next == std::min<Offset>(from + 5, 50));
    const Records records(std::move(runs));
    Offset expected = from;
    for (const RecordView& record : records) {
      CHECK(record.offset() == expected);
      CHECK(record.value() == fmt::format("value {}", expected++));
    }
    CHECK(expected == next);
  }
}

}  // namespace
}  // namespace tidemark::test
