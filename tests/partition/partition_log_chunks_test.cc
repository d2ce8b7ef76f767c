#include <string>
#include <thread>
#include <vector>

#include "fmt/core.h"
#include "partition/log_fixture.h"
#include "tidemark/error.h"

// Where the end of the log finds its memory.
namespace tidemark::test {
namespace {

TEST_CASE("One partition cannot hold the memory of another", "[partition]") {
  // G9
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.arena_bytes = 128 << 10;
  const auto log = fixture.Open();
  const std::string value(1000, 'x');
  for (int i = 0; i < 2000; ++i) {
    REQUIRE_OK(AppendText(*log, value, Ack::kMemory));
    REQUIRE(log->shared().arena->bytes_used() <= 64 << 10);
  }
}

TEST_CASE("Many threads append through a small memory", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.arena_bytes = 256 << 10;
  fixture.options.segment_bytes = 256 << 10;
  const auto log = fixture.Open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&log, t] {
      for (int i = 0; i < 3000; ++i) {
        const auto offset =
            AppendText(*log, fmt::format("{} {}", t, i),
                       i % 500 == 0 ? Ack::kDisk : Ack::kMemory);
        if (!offset.ok()) return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
  REQUIRE(values.size() == 12000);
  std::vector<int> next(4, 0);
  for (const std::string& value : values) {
    const int t = value[0] - '0';
    REQUIRE(value == fmt::format("{} {}", t, next[t]++));
  }
}

}  // namespace
}  // namespace tidemark::test
