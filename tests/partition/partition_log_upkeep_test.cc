#include <algorithm>
#include <string>

#include "fmt/core.h"
#include "partition/log_fixture.h"
#include "tidemark/error.h"
#include "tidemark/segment.h"

namespace tidemark::test {
namespace {

absl::Time Second(int number) { return absl::FromUnixSeconds(number); }

void AppendAt(PartitionLog& log, int second, Ack ack) {
  const std::string value(100, 'x');
  const Record record{.value = value, .create_time = Second(second)};
  REQUIRE_OK(log.Append({&record, 1}, ack));
}

// Appends records, each a second behind the one before, until the last of them
// is in a new segment; returns its offset. Nothing is written out.
Offset FillSegment(PartitionLog& log) {
  const size_t segments = log.segments()->segments.size();
  const Offset written = log.marks().written;
  do {
    AppendAt(log, static_cast<int>(log.marks().end), Ack::kMemory);
  } while (log.segments()->segments.size() <= std::max<size_t>(segments, 1));
  REQUIRE(log.marks().written == written);
  return log.marks().end - 1;
}

void CheckEachTimeIsFound(PartitionLog& log) {
  for (Offset offset = 0; offset < log.marks().end; ++offset) {
    REQUIRE_OK_AND_ASSIGN(const Offset found,
                          log.OffsetForTime(Second(static_cast<int>(offset))));
    CHECK(found == offset);
  }
}

TEST_CASE("A time is found behind what the last file holds", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  const auto log = fixture.Open();
  AppendAt(*log, 0, Ack::kDisk);
  AppendAt(*log, 1, Ack::kMemory);
  REQUIRE(log->marks().written == 1);
  CheckEachTimeIsFound(*log);
}

TEST_CASE("A time is found in a segment that is not in its file as a whole",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.segment_bytes = 4096;
  const auto log = fixture.Open();
  AppendAt(*log, 0, Ack::kDisk);
  FillSegment(*log);
  CheckEachTimeIsFound(*log);
}

TEST_CASE("A time is found in a segment of which nothing is in its file",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.segment_bytes = 4096;
  const auto log = fixture.Open();
  FillSegment(*log);
  REQUIRE(log->marks().written == 0);
  CheckEachTimeIsFound(*log);
}

TEST_CASE("A time is found behind a start that all files end at",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.segment_bytes = 4096;
  const auto log = fixture.Open();
  AppendAt(*log, 0, Ack::kDisk);
  REQUIRE_OK(log->TrimBefore(1));
  FillSegment(*log);
  REQUIRE_OK_AND_ASSIGN(const Offset found, log->OffsetForTime(Second(0)));
  CHECK(found == 1);
}

TEST_CASE("Of times that go back the first that is late enough is found",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.segment_bytes = 4096;
  const auto log = fixture.Open();
  AppendAt(*log, 1000, Ack::kDisk);
  const Offset last = FillSegment(*log);
  REQUIRE_OK(log->Sync());
  AppendAt(*log, 1001, Ack::kMemory);
  REQUIRE_OK_AND_ASSIGN(Offset found, log->OffsetForTime(Second(1000)));
  CHECK(found == 0);
  REQUIRE_OK_AND_ASSIGN(found, log->OffsetForTime(Second(1001)));
  CHECK(found == last + 1);
}

TEST_CASE("A position that a crash cut away is told from a good one",
          "[partition]") {
  // G8
  MemoryEnv env;
  LogFixture fixture(env);
  auto log = fixture.Open();
  for (int i = 0; i < 10; ++i) REQUIRE_OK(AppendText(*log, "a", Ack::kDisk));
  for (int i = 0; i < 10; ++i) REQUIRE_OK(AppendText(*log, "b", Ack::kProcess));
  const auto after = env.CopyDurable();
  LogFixture again(*after);
  again.Share();
  log = again.Open();
  REQUIRE(log->marks().end == 10);
  CHECK_OK(log->CheckPosition(10, 1));
  const absl::Status behind = log->CheckPosition(20, 1);
  CHECK(IsTruncatedPastCursor(behind));
  CHECK(TruncatedGap(behind)->from == 10);
  for (int i = 0; i < 20; ++i) REQUIRE_OK(AppendText(*log, "c", Ack::kDisk));
  const absl::Status replaced = log->CheckPosition(20, 1);
  CHECK(IsTruncatedPastCursor(replaced));
  CHECK(TruncatedGap(replaced)->from == 10);
  CHECK(TruncatedGap(replaced)->to == 20);
  CHECK_OK(log->CheckPosition(20, 2));
  CHECK_OK(log->CheckPosition(5, 1));
}

TEST_CASE("The bytes between two offsets add up", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  const auto log = fixture.Open();
  for (int i = 0; i < 3000; ++i) {
    REQUIRE_OK(AppendText(*log, std::string(100, 'x'), Ack::kMemory));
    if (i == 1500) REQUIRE_OK(log->WriteOut(true));
  }
  REQUIRE_OK_AND_ASSIGN(const uint64_t all, log->BytesBetween(0, 3000));
  CHECK(all > 3000 * 100);
  CHECK(all < 3000 * 110);
  REQUIRE_OK_AND_ASSIGN(const uint64_t none, log->BytesBetween(5, 5));
  CHECK(none == 0);
}

TEST_CASE("The segments of a live partition can be inspected", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.segment_bytes = 4096;
  const auto log = fixture.Open();
  for (int i = 0; i < 200; ++i) {
    REQUIRE_OK(AppendText(*log, std::string(100, 'x'), Ack::kDisk));
  }
  REQUIRE_OK_AND_ASSIGN(const std::vector<Segment> segments, log->Segments());
  REQUIRE(segments.size() == log->segments()->segments.size());
  CHECK(segments.front().base_offset() == 0);
}

TEST_CASE("A closed log has no reserved storage and says it is clean",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  auto log = fixture.Open();
  REQUIRE_OK(AppendText(*log, "a", Ack::kMemory));
  fixture.clock.Advance(absl::Milliseconds(101));
  REQUIRE_OK(log->shared().flush->RunDue());
  fixture.clock.Advance(absl::Milliseconds(51));
  REQUIRE_OK(log->shared().flush->RunDue());  // marks it, closes the file
  REQUIRE_OK(log->Close());
  auto directory = env.OpenDirectory("/log", false);
  REQUIRE_OK(directory);
  REQUIRE_OK_AND_ASSIGN(const FileStat stat,
                        (*directory)->Stat("t/00000000000000000000.log"));
  CHECK(stat.size < 4096);
  log = fixture.Open();
  CHECK(log->recovery().is_clean);
  CHECK(IsClosed([&] {
    REQUIRE_OK(log->Close());
    return AppendText(*log, "b").status();
  }()));
}

}  // namespace
}  // namespace tidemark::test
