#include "tidemark/subscriber.h"

#include "consumer/cursor_fixture.h"

namespace tidemark::test {
namespace {

CursorOptions Group() {
  return {
      .topics = {"t"}, .start = Start::Committed(Start::Begin()), .name = "g"};
}

TEST_CASE("A subscriber commits behind a callback that succeeds",
          "[consumer]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 5);
  int seen = 0;
  {
    auto subscriber =
        Subscriber::Start(bench.Cursor(Group()), [&](const Records& records) {
          seen += static_cast<int>(records.size());
          return absl::OkStatus();
        });
    REQUIRE_OK(subscriber);
    REQUIRE_OK((*subscriber)->RunOnce());
    CHECK(seen == 5);
    REQUIRE_OK((*subscriber)->Stop());
  }
  ConsumerCursor cursor = bench.Cursor(Group());
  CHECK(PollOffsets(cursor).empty());
}

TEST_CASE("A subscriber does not commit behind a callback that fails",
          "[consumer]") {
  CursorBench bench;
  bench.Create("t");
  bench.Append("t", 0, 0, 5);
  {
    auto subscriber = Subscriber::Start(
        bench.Cursor(Group()),
        [](const Records&) { return absl::InternalError("no"); });
    REQUIRE_OK(subscriber);
    CHECK_FALSE((*subscriber)->RunOnce().ok());
    CHECK_FALSE((*subscriber)->status().ok());
    (*subscriber)->Stop().IgnoreError();  // reports the same
  }
  ConsumerCursor cursor = bench.Cursor(Group());
  CHECK(PollOffsets(cursor).size() == 5);
}

}  // namespace
}  // namespace tidemark::test
