#include <algorithm>
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include "fmt/core.h"
#include "io/limits.h"
#include "partition/log_fixture.h"
#include "segment/file_names.h"
#include "support/temp_dir.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

TEST_CASE("After a failed sync appends are refused and reads go on",
          "[partition]") {
  // G6
  MemoryEnv memory;
  FaultEnv env(memory);
  LogFixture fixture(env);
  const auto log = fixture.Open();
  REQUIRE_OK(AppendText(*log, "durable", Ack::kDisk));
  env.FailKind(EnvCall::kSync, EIO);
  env.FailKind(EnvCall::kSyncAll, EIO);
  const absl::Status failed = AppendText(*log, "lost", Ack::kDisk).status();
  CHECK(IsIoError(failed));
  for (int i = 0; i < 3; ++i) {
    const absl::Status refused =
        AppendText(*log, "more", Ack::kMemory).status();
    CHECK(IsPoisoned(refused));
    CHECK_STATUS(absl::StatusCode::kFailedPrecondition, refused);
    CHECK_FALSE(log->Sync().ok());
  }
  CHECK(log->marks().durable == 1);
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
  CHECK(values == std::vector<std::string>{"durable", "lost"});
}

TEST_CASE("Without a descriptor for META an append fails and the next does not",
          "[partition]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  LogFixture fixture(env);
  auto log = fixture.Open();
  REQUIRE_OK(AppendText(*log, "before", Ack::kDisk));
  REQUIRE_OK(log->Close());
  fixture.Share();
  log = fixture.Open();
  env.Inject(
      {.kind = EnvCall::kOpenFile, .name_part = "META", .error = EMFILE});
  CHECK_STATUS(absl::StatusCode::kResourceExhausted,
               AppendText(*log, "refused", Ack::kDisk));
  CHECK(env.injected_count() == 1);
  CHECK_OK(log->failure());
  REQUIRE_OK(AppendText(*log, "behind", Ack::kDisk));
}

TEST_CASE("A host may use the log from inside an event", "[partition]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  LogFixture fixture(env);
  const auto log = fixture.Open();
  std::vector<EventKind> told;
  log->shared().on_event = [&](const Event& event) {
    told.push_back(event.kind);
    CHECK_FALSE(log->Sync().ok());
    CHECK(log->marks().end == 1);
    log->SetOptions(log->options());
  };
  REQUIRE_OK(AppendText(*log, "kept", Ack::kMemory));
  env.FailKind(EnvCall::kWrite, EIO, /*is_persistent=*/true);
  CHECK_FALSE(log->Sync().ok());
  CHECK(told == std::vector<EventKind>{EventKind::kWriteFailed});
}

TEST_CASE("A full disk refuses appends until there is space again",
          "[partition]") {
  // G7
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.segment_bytes = 64 << 10;
  fixture.options.batch_bytes = 4096;
  const auto log = fixture.Open();
  env.SetCapacity(256 << 10);
  const std::string value(1000, 'x');
  int appended = 0;
  absl::Status status;
  while (status.ok() && appended < 10000) {
    status = AppendText(*log, value, Ack::kProcess).status();
    if (status.ok()) ++appended;
  }
  CHECK(appended > 50);
  CHECK(IsDiskFull(status));
  CHECK_OK(log->failure());
  // Everything acknowledged has its space.
  REQUIRE_OK(log->Sync());
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
  CHECK(static_cast<int>(values.size()) == appended);
  REQUIRE_OK(log->TrimBefore(appended / 2));
  env.SetCapacity(UINT64_MAX);
  REQUIRE_OK_AND_ASSIGN(const Offset next, AppendText(*log, "on", Ack::kDisk));
  CHECK(next == appended);
}

TEST_CASE("A fault at any call of append, roll, sync and trim loses nothing",
          "[partition]") {
  // I1 I5 I10
  const auto run = [](LogFixture& fixture, std::vector<std::string>* acked) {
    auto opened = fixture.TryOpen();
    if (!opened.ok()) return;
    const auto log = *std::move(opened);
    for (int i = 0; i < 40; ++i) {
      const std::string value = fmt::format("value {}", i);
      const auto offset =
          AppendText(*log, value, i % 5 == 4 ? Ack::kDisk : Ack::kProcess);
      if (offset.ok() && i % 5 == 4) acked->push_back(value);
      if (i == 25) log->TrimBefore(3).IgnoreError();
    }
    log->Close().IgnoreError();
  };
  MemoryEnv count_memory;
  FaultEnv count_env(count_memory);
  LogFixture count_fixture(count_env);
  count_fixture.options.segment_bytes = 1024;
  std::vector<std::string> all;
  run(count_fixture, &all);
  REQUIRE(all.size() == 8);
  const uint64_t calls = count_env.call_count();
  REQUIRE(calls > 50);
  for (uint64_t call = 0; call < calls; ++call) {
    for (const int error : {EIO, ENOSPC}) {
      CAPTURE(call, error);
      MemoryEnv memory;
      FaultEnv env(memory);
      LogFixture fixture(env);
      fixture.options.segment_bytes = 1024;
      env.FailCall(call, error);
      std::vector<std::string> acked;
      run(fixture, &acked);
      // A process without faults finds everything that was acknowledged.
      const auto after = memory.CopyDurable();
      LogFixture again(*after);
      again.options.segment_bytes = 1024;
      again.Share();
      if (acked.empty()) continue;
      const auto log = again.Open();
      REQUIRE_OK_AND_ASSIGN(const auto values,
                            ReadValues(log, log->marks().start));
      size_t next = 0;
      for (const std::string& value : acked) {
        const int number = std::stoi(value.substr(6));
        if (number < log->marks().start) continue;
        while (next < values.size() && values[next] != value) ++next;
        INFO(value);
        REQUIRE(next < values.size());
      }
      REQUIRE_OK(AppendText(*log, "behind", Ack::kDisk));
    }
  }
}

TEST_CASE("The bound on unsynced bytes makes appends sync", "[partition]") {
  // G2
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.settings.unsynced_bytes_max = 10000;
  fixture.settings.sync_interval = absl::InfiniteDuration();
  const auto log = fixture.Open();
  const std::string value(1000, 'x');
  for (int i = 0; i < 100; ++i) {
    REQUIRE_OK(AppendText(*log, value, Ack::kMemory));
    const Marks marks = log->marks();
    REQUIRE(marks.end - marks.durable <= 11);
  }
}

TEST_CASE("An idle log gives its memory back and marks what is durable",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  const auto log = fixture.Open();
  REQUIRE_OK(AppendText(*log, "a", Ack::kMemory));
  fixture.clock.Advance(absl::Milliseconds(101));
  REQUIRE_OK(log->shared().flush->RunDue());
  const uint64_t before = log->segments()->segments.back()->readable_end();
  fixture.clock.Advance(absl::Milliseconds(51));
  REQUIRE_OK(log->shared().flush->RunDue());
  CHECK(log->shared().arena->bytes_used() == 0);
  CHECK(log->segments()->segments.back()->readable_end() ==
        before + batch_format::kHeaderSize);
  REQUIRE_OK(AppendText(*log, "b", Ack::kDisk));
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
  CHECK(values == std::vector<std::string>{"a", "b"});
}

TEST_CASE("Padded batches end at a page of the file", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.settings.is_padding_synced_batches = true;
  const auto log = fixture.Open();
  for (int i = 0; i < 20; ++i) {
    REQUIRE_OK(AppendText(*log, "value", Ack::kDisk));
    CHECK(log->segments()->segments.back()->readable_end() % 4096 == 0);
  }
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
  CHECK(values.size() == 20);
}

// Nothing of a sync that could not begin is lost: the next one covers it all.
void CheckSyncedByTheNext(MemoryEnv& memory, FaultEnv& env,
                          const Fault& fault) {
  LogFixture fixture(env);
  const auto log = fixture.Open();
  env.Inject(fault);
  CHECK_FALSE(AppendText(*log, "one", Ack::kDisk).ok());
  REQUIRE(env.injected_count() == 1);
  CHECK_OK(log->failure());
  CHECK(log->marks().durable == 0);
  // A disk without space is told where a write meets it.
  CHECK(std::count_if(fixture.events.begin(), fixture.events.end(),
                      [](const Event& event) {
                        return event.kind == EventKind::kSyncPutOff;
                      }) == (fault.error == ENOSPC ? 0 : 1));
  REQUIRE_OK(AppendText(*log, "two", Ack::kDisk));
  CHECK(log->marks().durable == 2);
  memory.DropUnsynced();
  const auto after = fixture.Open();
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(after));
  CHECK(values == std::vector<std::string>{"one", "two"});
  CHECK_FALSE(after->recovery().has_damage());
}

TEST_CASE("A directory that cannot be opened is synced by the next sync",
          "[partition]") {
  for (const int error : {EMFILE, ENFILE, ENOMEM}) {
    INFO(error);
    MemoryEnv memory;
    FaultEnv env(memory);
    CheckSyncedByTheNext(
        memory, env,
        {.kind = EnvCall::kSyncDirectory, .name_part = "t", .error = error});
  }
}

TEST_CASE("A META that cannot be opened is stored by the next sync",
          "[partition]") {
  for (const int error : {EMFILE, ENFILE, ENOMEM, EACCES, ENOSPC}) {
    INFO(error);
    MemoryEnv memory;
    FaultEnv env(memory);
    CheckSyncedByTheNext(
        memory, env,
        {.kind = EnvCall::kOpenFile, .name_part = "META", .error = error});
  }
}

TEST_CASE("Whatever a sync of the bytes reports is final", "[partition]") {
  // G6
  for (const EnvCall call :
       {EnvCall::kSyncAll, EnvCall::kSync, EnvCall::kSyncDirectory}) {
    for (const int error : {EMFILE, ENOMEM, ENOSPC, EIO, EINTR}) {
      const bool is_opening = call == EnvCall::kSyncDirectory &&
                              (error == EMFILE || error == ENOMEM);
      if (is_opening) continue;
      INFO(EnvCallName(call) << " " << error);
      MemoryEnv memory;
      FaultEnv env(memory);
      LogFixture fixture(env);
      const auto log = fixture.Open();
      if (call == EnvCall::kSync) {
        REQUIRE_OK(AppendText(*log, "one", Ack::kDisk));
      }
      env.Inject({.kind = call, .error = error});
      // No code that invites to try again.
      CHECK_STATUS(absl::StatusCode::kInternal,
                   AppendText(*log, "two", Ack::kDisk).status());
      REQUIRE(env.injected_count() == 1);
      CHECK(IsPoisoned(AppendText(*log, "three", Ack::kMemory).status()));
    }
  }
}

TEST_CASE("A segment that somebody removed ends the appends", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  const auto log = fixture.Open();
  REQUIRE_OK(AppendText(*log, "durable", Ack::kDisk));
  REQUIRE_OK_AND_ASSIGN(const auto root, env.OpenDirectory("/log", false));
  REQUIRE_OK(root->RemoveFile("t/" + SegmentFileName(0)));
  const absl::Status gone = AppendText(*log, "nowhere", Ack::kDisk).status();
  CHECK_STATUS(absl::StatusCode::kDataLoss, gone);
  CHECK(gone.message() ==
        "t/" + SegmentFileName(0) +
            ": removed by somebody else while it was written");
  CHECK_FALSE(log->failure().ok());
  CHECK(log->marks().durable == 1);
  CHECK(IsPoisoned(AppendText(*log, "more", Ack::kMemory).status()));
}

TEST_CASE("A sync beside the deletion of the topic is no failure",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  const auto log = fixture.Open();
  REQUIRE_OK_AND_ASSIGN(const auto root, env.OpenDirectory("/log", false));
  SECTION("of a segment that was durable") {
    REQUIRE_OK(AppendText(*log, "durable", Ack::kDisk));
  }
  SECTION("of a new one") {
    REQUIRE_OK(AppendText(*log, "not yet", Ack::kMemory));
  }
  REQUIRE_OK(root->Rename("t", "deleted", /*is_replacing=*/false));
  REQUIRE_OK(root->RemoveFile("deleted/" + SegmentFileName(0)));
  CHECK(IsClosed(AppendText(*log, "too late", Ack::kDisk).status()));
  CHECK(fixture.events.empty());
  CHECK_FALSE(AppendText(*log, "again", Ack::kDisk).ok());
}

TEST_CASE("A limit on the size of files is met where it is", "[partition]") {
  const TempDir directory;
  LogFixture fixture(Env::Posix(), directory / "log");
  const auto log = fixture.Open();
  const std::string text(1000, 'x');
  int count = 0;
  {
    const ScopedLimit limit(RLIMIT_FSIZE, 100'000);
    absl::Status full;
    while (full.ok() && count < 200) {
      full = AppendText(*log, text, Ack::kProcess).status();
      if (full.ok()) ++count;
    }
    CHECK(count >= 80);
    CHECK(count < 100);
    CHECK_STATUS(absl::StatusCode::kResourceExhausted, full);
    CHECK(IsDiskFull(full));
    CHECK(full.message().find("RLIMIT_FSIZE is 100000") != std::string::npos);
    CHECK_OK(log->Sync());
  }
  CHECK_OK(log->failure());
  REQUIRE_OK(AppendText(*log, text, Ack::kDisk));
  CHECK(log->marks().durable == count + 1);
}

}  // namespace
}  // namespace tidemark::test
