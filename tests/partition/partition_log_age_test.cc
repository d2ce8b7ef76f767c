#include <string>
#include <vector>

#include "fmt/core.h"
#include "partition/log_fixture.h"

// What a log does at a certain age.
namespace tidemark::test {
namespace {

TEST_CASE("An idle segment is closed when it is old", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.segment_age = absl::Minutes(1);
  const auto log = fixture.Open();
  REQUIRE_OK(AppendText(*log, "a", Ack::kDisk));
  REQUIRE_OK(log->Maintain(fixture.clock.Now()));
  CHECK_FALSE(log->segments()->segments.back()->is_sealed());
  fixture.clock.Advance(absl::Minutes(1));
  REQUIRE_OK(log->Maintain(fixture.clock.Now()));
  CHECK(log->segments()->segments.back()->is_sealed());
  REQUIRE_OK(AppendText(*log, "b", Ack::kDisk));
  CHECK(log->segments()->segments.size() == 2);
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log));
  CHECK(values == std::vector<std::string>{"a", "b"});
}

TEST_CASE("Retention deletes whole segments and moves the start",
          "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.segment_bytes = 4096;
  fixture.options.batch_bytes = 1024;
  fixture.options.retention_bytes = 20000;
  const auto log = fixture.Open();
  for (int i = 0; i < 2000; ++i) {
    REQUIRE_OK(AppendText(*log, fmt::format("value {}", i), Ack::kMemory));
  }
  REQUIRE_OK(log->Sync());
  REQUIRE_OK(log->Maintain(fixture.clock.Now()));
  const Marks marks = log->marks();
  CHECK(marks.start > 0);
  uint64_t bytes = 0;
  for (const auto& segment : log->segments()->segments) {
    bytes += segment->file_size();
  }
  CHECK(bytes <= 20000 + 4096);
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(log, marks.start));
  CHECK(values.size() == static_cast<size_t>(marks.end - marks.start));
  CHECK(values.front() == fmt::format("value {}", marks.start));
}

// A log of ten segments, of which all but the last are to go after an hour.
struct AgingLog {
  AgingLog() {
    fixture.options.segment_bytes = 1024;
    fixture.options.retention_age = absl::Hours(1);
    log = fixture.Open();
    for (int i = 0; i < 20; ++i) {
      REQUIRE_OK(AppendText(*log, std::string(400, 'v'), Ack::kDisk));
    }
  }

  // The start of the log behind a pass.
  Offset Maintain(const ClockTrust& trust) {
    REQUIRE_OK(log->Maintain(fixture.clock.Now(), trust));
    return log->marks().start;
  }
  size_t TellCount() const {
    size_t count = 0;
    for (const Event& event : fixture.events) {
      count += event.kind == EventKind::kClockJumped;
    }
    return count;
  }

  MemoryEnv env;
  LogFixture fixture{env};
  std::shared_ptr<PartitionLog> log;
};

TEST_CASE("A log that was young when it was opened believes a new clock",
          "[partition]") {
  AgingLog aging;
  aging.fixture.clock.Advance(absl::Minutes(59));
  aging.log = aging.fixture.Open();
  aging.fixture.clock.Advance(absl::Minutes(2));
  CHECK(aging.Maintain({.confirmed = absl::ZeroDuration()}) > 0);
}

TEST_CASE("A log that was old when it was opened waits for the clock",
          "[partition]") {
  // Z2
  AgingLog aging;
  aging.fixture.clock.Advance(absl::Hours(2));
  aging.log = aging.fixture.Open();
  CHECK(aging.Maintain({.confirmed = absl::ZeroDuration()}) == 0);
  CHECK(aging.Maintain({.confirmed = absl::Minutes(59)}) == 0);
  CHECK(aging.TellCount() == 1);
  CHECK(aging.Maintain({.confirmed = absl::Hours(1)}) > 0);
}

TEST_CASE("A clock that jumped is believed by no log at once", "[partition]") {
  // Z2
  AgingLog aging;
  aging.fixture.clock.Advance(absl::Hours(2));
  ClockTrust trust{.confirmed = absl::ZeroDuration(), .has_jumped = true};
  CHECK(aging.Maintain(trust) == 0);
  trust.confirmed = absl::Minutes(59);
  CHECK(aging.Maintain(trust) == 0);
  trust.confirmed = absl::Hours(1);
  CHECK(aging.Maintain(trust) > 0);
}

TEST_CASE("A clock behind the records is told once until it is fine",
          "[partition]") {
  // Z2
  AgingLog aging;
  const absl::Time right = aging.fixture.clock.Now();
  for (size_t told = 1; told < 3; ++told) {
    aging.fixture.clock.JumpTo(right - absl::Hours(5));
    for (int i = 0; i < 3; ++i) CHECK(aging.Maintain({}) == 0);
    CHECK(aging.TellCount() == told);
    aging.fixture.clock.JumpTo(right);
    CHECK(aging.Maintain({}) == 0);
  }
}

}  // namespace
}  // namespace tidemark::test
