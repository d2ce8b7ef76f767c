#include <atomic>
#include <string>
#include <thread>

#include "partition/log_fixture.h"

namespace tidemark::test {
namespace {

// A reader in another process, which writes nothing.
std::shared_ptr<PartitionLog> OpenReader(LogFixture& fixture) {
  fixture.settings.is_read_only = true;
  const auto shared = fixture.Share();
  shared->arena = nullptr;
  shared->flush = nullptr;
  auto log = PartitionLog::Open(shared, fixture.address(), {}, {});
  REQUIRE_OK(log);
  return *std::move(log);
}

TEST_CASE("A wait that ends at its deadline says for what", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.settings.has_threads = true;
  const auto log = fixture.Open();
  REQUIRE_OK(AppendText(*log, "v", Ack::kMemory));
  const absl::Status late = log->WaitDurable(1, fixture.clock.Now());
  CHECK_STATUS(absl::StatusCode::kDeadlineExceeded, late);
  CHECK(late.message() ==
        "topic t partition 0: wait for offset 1 to be durable, at the deadline "
        "0 is");
}

TEST_CASE("A wait for the disk beside the writer looks at the files",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.settings.sync_interval = absl::InfiniteDuration();
  const auto writer = fixture.Open();
  for (int i = 0; i < 5; ++i) REQUIRE_OK(AppendText(*writer, "v"));
  REQUIRE_OK(writer->WriteOut(true));
  const auto process = env.StartProcess();
  LogFixture reading(*process);
  reading.settings.sync_interval = absl::InfiniteDuration();
  const auto reader = OpenReader(reading);
  CHECK(reader->marks().end == 5);
  const absl::Status late = reader->WaitDurable(5, reading.clock.Now());
  CHECK_STATUS(absl::StatusCode::kDeadlineExceeded, late);
  CHECK(late.message() ==
        "topic t partition 0: wait for offset 5 to be durable, at the deadline "
        "0 is");
  CHECK_STATUS(absl::StatusCode::kOutOfRange,
               reader->WaitDurable(6, absl::InfiniteFuture()));

  std::atomic<bool> is_over{false};
  absl::Status waited;
  std::thread waiter([&] {
    waited = reader->WaitDurable(5, absl::InfiniteFuture());
    is_over.store(true);
  });
  // The mark of a sync is written when the log idles.
  CHECK_OK(writer->Sync());
  writer->RunIdle(fixture.clock.Monotonic());
  while (!is_over.load()) reading.clock.Advance(absl::Milliseconds(1));
  waiter.join();
  CHECK_OK(waited);
  CHECK(reader->marks().durable == 5);
}

TEST_CASE("A wait for the disk beside the writer ends with the store",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  const auto writer = fixture.Open();
  REQUIRE_OK(AppendText(*writer, "v"));
  REQUIRE_OK(writer->WriteOut(true));
  const auto process = env.StartProcess();
  LogFixture reading(*process);
  const auto reader = OpenReader(reading);
  REQUIRE_OK(reader->Close());
  CHECK_STATUS(absl::StatusCode::kCancelled,
               reader->WaitDurable(1, absl::InfiniteFuture()));
}

}  // namespace
}  // namespace tidemark::test
