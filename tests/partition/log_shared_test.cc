#include "partition/log_shared.h"

#include "partition/log_fixture.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

TEST_CASE("A closed store refuses with a reason", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  const auto log = fixture.Open();
  CHECK_OK(log->shared().Usable());
  log->shared().is_closed = true;
  CHECK(IsClosed(log->shared().Usable()));
  CHECK(IsClosed(AppendText(*log, "a").status()));
  CHECK(IsClosed(ReadValues(log).status()));
  CHECK(IsClosed(log->Sync()));
}

}  // namespace
}  // namespace tidemark::test
