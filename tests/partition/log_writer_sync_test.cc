#include <cerrno>
#include <string>

#include "partition/log_fixture.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

TEST_CASE("A segment rolled beside a sync that could not begin is synced",
          "[partition]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  LogFixture fixture(env);
  fixture.options.segment_bytes = 4096;
  fixture.options.batch_bytes = 1024;
  const auto log = fixture.Open();
  const std::string text(900, 'x');
  for (int i = 0; i < 20; ++i) {
    env.Inject(
        {.kind = EnvCall::kSyncDirectory, .name_part = "t", .error = EMFILE});
    AppendText(*log, text, Ack::kDisk).status().IgnoreError();
    env.ClearFaults();
  }
  REQUIRE_OK(log->failure());
  REQUIRE_OK(log->Sync());
  CHECK(log->marks().durable == 20);
  memory.DropUnsynced();
  const auto after = fixture.Open();
  CHECK(after->marks().end == 20);
  CHECK_FALSE(after->recovery().has_damage());
}

}  // namespace
}  // namespace tidemark::test
