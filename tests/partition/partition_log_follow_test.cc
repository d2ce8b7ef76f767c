#include <string>

#include "fmt/core.h"
#include "partition/log_fixture.h"
#include "segment/file_names.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

// A reader in another process, which writes nothing.
std::shared_ptr<PartitionLog> OpenReader(LogFixture& fixture,
                                         const PartitionOptions& options) {
  fixture.settings.is_read_only = true;
  auto shared = fixture.Share();
  shared->arena = nullptr;
  shared->flush = nullptr;
  auto log = PartitionLog::Open(shared, fixture.address(), options, {});
  REQUIRE_OK(log);
  return *std::move(log);
}

TEST_CASE("A reader beside the writer sees what is written, and trims",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.segment_bytes = 4096;
  fixture.options.batch_bytes = 1024;
  const auto writer = fixture.Open();
  const auto process = env.StartProcess();
  LogFixture reading(*process);
  const auto reader = OpenReader(reading, fixture.options);
  PartitionReader in_order(reader);
  int written = 0;
  for (int round = 0; round < 30; ++round) {
    for (int i = 0; i < 40; ++i) {
      REQUIRE_OK(AppendText(*writer, fmt::format("value {}", written++),
                            Ack::kMemory));
    }
    REQUIRE_OK(round % 2 == 0 ? writer->Sync() : writer->WriteOut(true));
    REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(reader));
    REQUIRE(static_cast<int>(values.size()) == written);
    CHECK(values.back() == fmt::format("value {}", written - 1));
  }
  CHECK_STATUS(absl::StatusCode::kFailedPrecondition,
               AppendText(*reader, "x").status());
  REQUIRE_OK(writer->TrimBefore(600));
  REQUIRE_OK(AppendText(*writer, "last", Ack::kDisk));
  REQUIRE_OK_AND_ASSIGN(const auto rest, ReadValues(reader, written));
  CHECK(rest == std::vector<std::string>{"last"});
  CHECK(IsTrimmed(ReadValues(reader, 10).status()));
}

TEST_CASE("A log that is only read refuses what would change it",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  const auto writer = fixture.Open();
  REQUIRE_OK(AppendText(*writer, "v"));
  REQUIRE_OK(writer->WriteOut(true));
  const auto process = env.StartProcess();
  LogFixture reading(*process);
  const auto reader = OpenReader(reading, fixture.options);
  for (const absl::Status& refused :
       {reader->Sync(), reader->TrimBefore(1),
        AppendText(*reader, "x", Ack::kMemory).status(),
        AppendText(*reader, "x", Ack::kDisk).status()}) {
    CHECK(ReasonOf(refused) == ErrorReason::kReadOnly);
  }
  CHECK_OK(reader->Maintain(reading.clock.Now()));
  CHECK_OK(reader->OffsetForTime(absl::InfiniteFuture()));
  CHECK_OK(reader->BytesBetween(0, 1));
  CHECK_OK(reader->Segments());
  CHECK_OK(reader->CheckPosition(1, 1));
  reader->SetOptions(fixture.options);
  CHECK_OK(reader->failure());
}

// A writer of small segments that keeps five of them, and a reader beside it.
struct TrimmingWriter {
  TrimmingWriter()
      : fixture(env),
        process(env.StartProcess()),
        fault(*process),
        reading(fault) {
    fixture.options.segment_bytes = 1024;
    log = fixture.Open();
    for (int i = 0; i < 12; ++i) Append();
  }

  void Append() {
    REQUIRE_OK(AppendText(*log, std::string(400, 'x'), Ack::kDisk));
  }

  // Fills a segment and deletes the oldest one.
  void Move() {
    for (int i = 0; i < 2; ++i) Append();
    REQUIRE_OK(log->TrimBefore(log->segments()->segments[1]->base_offset()));
  }

  // Moves before each other file that the reader opens, so often.
  void MoveUnderReader(int times) {
    fault.SetObserver(
        [this, times, opened = 0](const EnvCallRecord& call) mutable {
          const bool is_segment =
              call.kind == EnvCall::kOpenFile && call.name.ends_with(".log");
          if (is_segment && opened < 2 * times && ++opened % 2 == 1) Move();
        });
  }

  MemoryEnv env;
  LogFixture fixture;
  std::shared_ptr<PartitionLog> log;
  std::unique_ptr<MemoryEnv> process;
  FaultEnv fault;
  LogFixture reading;
};

TEST_CASE("A reader opens while the writer deletes with each look",
          "[partition]") {
  for (int times = 1; times < 40; ++times) {
    TrimmingWriter writer;
    writer.MoveUnderReader(times);
    const auto reader = OpenReader(writer.reading, writer.fixture.options);
    writer.fault.SetObserver(nullptr);
    CHECK(reader->recovery().damage.empty());
    CHECK(reader->marks().end >= 12);
    PartitionReader in_order(reader);
    RecordRuns runs;
    Offset next = 0;
    absl::Status status = in_order.Read(0, {}, &runs, &next);
    REQUIRE(IsTrimmed(status));
    // What the reader knows may be old, but each answer is newer.
    for (int look = 0; IsTrimmed(status); ++look) {
      REQUIRE(look < 3);
      status = ReadValues(reader, GapOf(status)->to).status();
    }
    CHECK_OK(status);
  }
}

TEST_CASE("A read finds the start although files vanish under it",
          "[partition]") {
  for (int times = 1; times < 40; ++times) {
    TrimmingWriter writer;
    const auto reader = OpenReader(writer.reading, writer.fixture.options);
    reader->shared().files->Clear();
    writer.MoveUnderReader(times);
    CHECK(IsTrimmed(ReadValues(reader, reader->start()).status()));
  }
}

TEST_CASE("A reader lists the segments that are left", "[partition]") {
  TrimmingWriter writer;
  const auto reader = OpenReader(writer.reading, writer.fixture.options);
  // Once a few of those it knows are gone, and once all of them.
  const int moves = GENERATE(1, 20);
  for (int i = 0; i < moves; ++i) writer.Move();
  REQUIRE_OK_AND_ASSIGN(const auto segments, reader->Segments());
  REQUIRE_FALSE(segments.empty());
  CHECK(segments.front().base_offset() ==
        writer.log->segments()->segments.front()->base_offset());
}

}  // namespace
}  // namespace tidemark::test
