#include "partition/log_writer.h"

#include <cerrno>
#include <string>
#include <vector>

#include "partition/log_fixture.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

TEST_CASE("Records become durable only behind file, directory and META",
          "[partition]") {
  // C1 C3 C7
  MemoryEnv memory;
  FaultEnv env(memory);
  LogFixture fixture(env);
  fixture.options.segment_bytes = 1024;
  const auto log = fixture.Open();
  for (int i = 0; i < 20; ++i) {
    env.ForgetCalls();
    const size_t before = log->segments()->segments.size();
    REQUIRE_OK(AppendText(*log, std::string(300, 'x'), Ack::kDisk));
    if (log->segments()->segments.size() == before) continue;
    int at = 0;
    int file_synced = 0;
    int directory_synced = 0;
    int meta_written = 0;
    for (const EnvCallRecord& call : env.calls()) {
      ++at;
      if (call.kind == EnvCall::kSyncAll) file_synced = at;
      if (call.kind == EnvCall::kSyncDirectory) directory_synced = at;
      if (call.kind == EnvCall::kWrite &&
          call.name.find("META") != std::string::npos) {
        meta_written = at;
      }
    }
    CAPTURE(i);
    CHECK(file_synced > 0);
    CHECK(directory_synced > file_synced);
    CHECK(meta_written > directory_synced);
  }
  CHECK(log->segments()->segments.size() > 5);
}

TEST_CASE("A segment that was half made is gone before the log goes on",
          "[partition]") {
  // I1
  MemoryEnv memory;
  FaultEnv env(memory);
  LogFixture fixture(env);
  fixture.options.segment_bytes = 1024;
  auto log = fixture.Open();
  std::vector<std::string> kept = {std::string(300, 'x')};
  REQUIRE_OK(AppendText(*log, kept[0], Ack::kDisk));
  env.Inject(
      {.kind = EnvCall::kCreateFile, .error = EIO, .takes_effect = true});
  env.Inject({.kind = EnvCall::kRemoveFile, .is_persistent = true});
  while (env.injected_count() == 0) {
    const std::string value(300, 'y');
    if (AppendText(*log, value, Ack::kDisk).ok()) kept.push_back(value);
  }
  // There would be room for it in the segment before.
  CHECK_FALSE(AppendText(*log, "small", Ack::kDisk).ok());
  env.ClearFaults();
  for (const char* value : {"small", "smaller"}) {
    REQUIRE_OK(AppendText(*log, value, Ack::kDisk));
    kept.emplace_back(value);
  }
  REQUIRE_OK(log->Close());
  fixture.Share();
  log = fixture.Open();
  CHECK_FALSE(log->recovery().has_damage());
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
  CHECK(values == kept);
}

TEST_CASE("One write carries all batches that wait", "[partition]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  LogFixture fixture(env);
  fixture.options.batch_bytes = 1024;
  const auto log = fixture.Open();
  REQUIRE_OK(AppendText(*log, "first", Ack::kDisk));
  fixture.clock.Advance(absl::Seconds(1));
  REQUIRE_OK(AppendText(*log, "a", Ack::kMemory));
  std::vector<Record> records(3, Record{.value = "abcdefghijklmnop"});
  for (int i = 0; i < 5; ++i) {
    REQUIRE_OK(log->Append(records, Ack::kMemory));
  }
  env.ForgetCalls();
  REQUIRE_OK(log->WriteOut(true));
  int writes = 0;
  for (const EnvCallRecord& call : env.calls()) {
    writes += call.kind == EnvCall::kWrite ? 1 : 0;
  }
  CHECK(writes == 1);
}

}  // namespace
}  // namespace tidemark::test
