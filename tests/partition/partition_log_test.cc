#include "partition/partition_log.h"

#include <string>
#include <vector>

#include "fmt/core.h"
#include "partition/log_fixture.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

std::vector<std::string> Numbered(int count, int from = 0) {
  std::vector<std::string> values;
  for (int i = from; i < from + count; ++i) {
    values.push_back(fmt::format("value {}", i));
  }
  return values;
}

void AppendAll(PartitionLog& log, const std::vector<std::string>& values,
               Ack ack = Ack::kTopicDefault) {
  for (const std::string& value : values) {
    REQUIRE_OK(AppendText(log, value, ack));
  }
}

TEST_CASE("Records are read back in order from memory", "[partition]") {
  // G1
  MemoryEnv env;
  LogFixture fixture(env);
  const auto log = fixture.Open();
  AppendAll(*log, Numbered(100), Ack::kMemory);
  CHECK(log->marks().end == 100);
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
  CHECK(values == Numbered(100));
}

TEST_CASE("Records are read back from the files after a clean close",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  {
    const auto log = fixture.Open();
    AppendAll(*log, Numbered(5000), Ack::kMemory);
    REQUIRE_OK(log->Close());
  }
  const auto log = fixture.Open();
  CHECK(log->recovery().is_clean);
  CHECK(log->marks().end == 5000);
  CHECK(log->marks().durable == 5000);
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
  CHECK(values == Numbered(5000));
}

TEST_CASE("A reader that follows passes from files to memory without a gap",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  const auto log = fixture.Open();
  std::vector<std::string> all;
  for (int round = 0; round < 50; ++round) {
    const auto more = Numbered(37, static_cast<int>(all.size()));
    AppendAll(*log, more, Ack::kMemory);
    all.insert(all.end(), more.begin(), more.end());
    if (round % 3 == 0) REQUIRE_OK(log->WriteOut(round % 2 == 0));
    if (round % 7 == 0) REQUIRE_OK(log->Sync());
    REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
    REQUIRE(values == all);
  }
}

TEST_CASE("Segments roll by size and read back as one log", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.segment_bytes = 4096;
  fixture.options.batch_bytes = 1024;
  {
    const auto log = fixture.Open();
    AppendAll(*log, Numbered(2000), Ack::kMemory);
    REQUIRE_OK(log->Sync());
    CHECK(log->segments()->segments.size() > 5);
    REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
    CHECK(values == Numbered(2000));
    REQUIRE_OK(log->Close());
  }
  const auto log = fixture.Open();
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
  CHECK(values == Numbered(2000));
  AppendAll(*log, Numbered(10, 2000), Ack::kDisk);
  REQUIRE_OK_AND_ASSIGN(const auto more, ReadValues(log, 1990));
  CHECK(more == Numbered(20, 1990));
}

TEST_CASE("What was acknowledged on disk survives a loss of power",
          "[partition]") {
  // G2 G4
  MemoryEnv env;
  LogFixture fixture(env);
  auto log = fixture.Open();
  AppendAll(*log, Numbered(10), Ack::kDisk);
  AppendAll(*log, Numbered(10, 10), Ack::kProcess);
  CHECK(log->marks().durable == 10);
  CHECK(log->marks().written == 20);
  const auto after = env.CopyDurable();
  LogFixture again(*after);
  again.Share();  // the first incarnation was the one above
  const auto recovered = again.Open();
  CHECK(recovered->marks().end == 10);
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(recovered));
  CHECK(values == Numbered(10));
}

TEST_CASE("What was acknowledged at the process level survives its death",
          "[partition]") {
  // G2
  MemoryEnv env;
  LogFixture fixture(env);
  auto log = fixture.Open();
  AppendAll(*log, Numbered(10), Ack::kDisk);
  AppendAll(*log, Numbered(10, 10), Ack::kProcess);
  const auto after = env.CopyCurrent();
  LogFixture again(*after);
  again.Share();
  const auto recovered = again.Open();
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(recovered));
  CHECK(values == Numbered(20));
  CHECK(recovered->marks().durable == 20);
}

TEST_CASE("A record larger than a chunk goes straight to the file",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  const auto log = fixture.Open();
  const std::string large(700000, 'x');
  REQUIRE_OK(AppendText(*log, "before", Ack::kMemory));
  REQUIRE_OK(AppendText(*log, large, Ack::kMemory));
  REQUIRE_OK(AppendText(*log, "behind", Ack::kMemory));
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
  CHECK(values == std::vector<std::string>{"before", large, "behind"});
}

TEST_CASE("A record above the limit is refused and nothing changes",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.record_bytes_max = 100;
  const auto log = fixture.Open();
  const auto status = AppendText(*log, std::string(101, 'x')).status();
  CHECK(ReasonOf(status) == ErrorReason::kRecordTooLarge);
  CHECK(log->marks().end == 0);
  CHECK_OK(AppendText(*log, std::string(100, 'x')));
}

TEST_CASE("Several records of one call are one batch", "[partition]") {
  // G3
  MemoryEnv env;
  LogFixture fixture(env);
  const auto log = fixture.Open();
  std::vector<Record> records(1000);
  for (Record& record : records) record.value = "abcdefgh";
  REQUIRE_OK_AND_ASSIGN(const Offset first, log->Append(records, Ack::kDisk));
  CHECK(first == 0);
  CHECK(log->marks().durable == 1000);
}

TEST_CASE("Trimming moves the start and deletes whole segments",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.segment_bytes = 4096;
  fixture.options.batch_bytes = 1024;
  auto log = fixture.Open();
  AppendAll(*log, Numbered(1000), Ack::kMemory);
  REQUIRE_OK(log->Sync());
  const size_t before = log->segments()->segments.size();
  REQUIRE_OK(log->TrimBefore(500));
  CHECK(log->segments()->segments.size() < before);
  CHECK(log->marks().start == 500);
  const auto status = ReadValues(log, 499).status();
  CHECK(IsTrimmed(status));
  CHECK(TrimmedGap(status) == OffsetGap{"t", 0, 499, 500});
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log, 500));
  CHECK(values == Numbered(500, 500));
  REQUIRE_OK(log->Close());
  log = fixture.Open();
  CHECK(log->marks().start == 500);
  REQUIRE_OK(log->TrimBefore(1000));
  CHECK(log->marks().start == 1000);
  CHECK_STATUS(absl::StatusCode::kOutOfRange, log->TrimBefore(1001));
  REQUIRE_OK_AND_ASSIGN(const Offset next, AppendText(*log, "on"));
  CHECK(next == 1000);
}

TEST_CASE("Many small arenas and segments keep the log whole", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.arena_bytes = 64 << 10;
  fixture.block_bytes = 1024;
  fixture.options.segment_bytes = 1024;
  fixture.options.batch_bytes = 1024;
  const auto log = fixture.Open();
  AppendAll(*log, Numbered(3000), Ack::kMemory);
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
  CHECK(values == Numbered(3000));
}

TEST_CASE("Compressed batches read back like plain ones", "[partition]") {
  for (const Compression compression :
       {Compression::kLz4, Compression::kZstd}) {
    MemoryEnv env;
    LogFixture fixture(env);
    fixture.options.compression = compression;
    {
      const auto log = fixture.Open();
      AppendAll(*log, Numbered(5000), Ack::kMemory);
      REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
      CHECK(values == Numbered(5000));
      REQUIRE_OK(log->Close());
    }
    const auto log = fixture.Open();
    REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
    CHECK(values == Numbered(5000));
  }
}

TEST_CASE("The first offset at or after a time is found", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.segment_bytes = 4096;
  fixture.options.batch_bytes = 1024;
  // With a flush worker that is late most is still in memory.
  fixture.settings.has_threads = GENERATE(false, true);
  const auto log = fixture.Open();
  const absl::Time start = fixture.clock.Now();
  for (int i = 0; i < 1000; ++i) {
    REQUIRE_OK(AppendText(*log, fmt::format("value {}", i), Ack::kMemory));
    fixture.clock.Advance(absl::Seconds(1));
    if (i == 20) REQUIRE_OK(log->WriteOut(/*is_everything=*/true));
  }
  for (const int i : {0, 1, 17, 30, 60, 90, 120, 500, 998, 999}) {
    REQUIRE_OK_AND_ASSIGN(const Offset offset,
                          log->OffsetForTime(start + absl::Seconds(i)));
    CHECK(offset == i);
    REQUIRE_OK_AND_ASSIGN(
        const Offset behind,
        log->OffsetForTime(start + absl::Seconds(i) + absl::Microseconds(1)));
    CHECK(behind == i + 1);
  }
}

TEST_CASE("A waiter is signalled by the append that it waits for",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  const auto log = fixture.Open();
  const auto waiter = std::make_shared<AppendWaiter>(fixture.clock);
  CHECK_FALSE(log->ArmWaiter(waiter, 0, Visibility::kAll));
  CHECK_FALSE(waiter->is_signalled());
  REQUIRE_OK(AppendText(*log, "a"));
  CHECK(waiter->is_signalled());
  CHECK(log->ArmWaiter(waiter, 0, Visibility::kAll));
  waiter->Clear();
  CHECK_FALSE(log->ArmWaiter(waiter, 0, Visibility::kDurable));
  REQUIRE_OK(AppendText(*log, "b"));
  CHECK_FALSE(waiter->is_signalled());
  REQUIRE_OK(log->Sync());
  CHECK(waiter->is_signalled());
}

TEST_CASE("The sync interval makes records durable without a call",
          "[partition]") {
  // G2
  MemoryEnv env;
  LogFixture fixture(env);
  const auto log = fixture.Open();
  REQUIRE_OK(AppendText(*log, "a", Ack::kMemory));
  CHECK(log->marks().durable == 0);
  fixture.clock.Advance(absl::Milliseconds(101));
  REQUIRE_OK(log->shared().flush->RunDue());
  CHECK(log->marks().durable == 1);
  CHECK(log->unsynced_since() == absl::InfiniteDuration());
}

}  // namespace
}  // namespace tidemark::test
