#include <string>

#include "fmt/core.h"
#include "partition/log_fixture.h"
#include "tidemark/error.h"

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

}  // namespace
}  // namespace tidemark::test
