#include <algorithm>

#include "partition/log_fixture.h"
#include "segment/segment_trailer.h"

namespace tidemark::test {
namespace {

TEST_CASE("A full segment is sealed with index and trailer", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.segment_bytes = 4096;
  fixture.options.batch_bytes = 1024;
  const auto log = fixture.Open();
  for (int i = 0; i < 100; ++i) {
    REQUIRE_OK(AppendText(*log, std::string(100, 'x'), Ack::kMemory));
  }
  REQUIRE_OK(log->Sync());
  const auto list = log->segments();
  REQUIRE(list->segments.size() > 2);
  for (const auto& segment : list->segments) {
    const bool is_last = segment == list->segments.back();
    CHECK(segment->is_sealed() != is_last);
    if (is_last) continue;
    REQUIRE_OK_AND_ASSIGN(const auto file, segment->File(*log->shared().files));
    REQUIRE_OK_AND_ASSIGN(const FileStat stat, file->file().Stat());
    REQUIRE_OK_AND_ASSIGN(
        const auto trailer,
        ReadTrailer(file->file(), segment->header(), stat.size));
    REQUIRE(trailer.has_value());
    CHECK(trailer->totals.next_offset == segment->next_offset());
    CHECK(stat.size <= 4096 + 1024);
  }
}

TEST_CASE("The start is durable before a file goes", "[partition]") {
  // C5
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.segment_bytes = 1024;
  const auto log = fixture.Open();
  for (int i = 0; i < 30; ++i) {
    REQUIRE_OK(AppendText(*log, std::string(300, 'x'), Ack::kDisk));
  }
  REQUIRE_OK(log->TrimBefore(20));
  const auto after = env.CopyDurable();
  LogFixture again(*after);
  again.Share();
  const auto recovered = again.Open();
  CHECK(recovered->marks().start == 20);
  CHECK(recovered->marks().end == 30);
  CHECK_FALSE(recovered->recovery().has_damage());
}

TEST_CASE("Segments that were trimmed stay away", "[partition]") {
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.segment_bytes = 1024;
  const auto log = fixture.Open();
  for (int i = 0; i < 12; ++i) {
    REQUIRE_OK(AppendText(*log, std::string(300, 'x'), Ack::kDisk));
  }
  const size_t before = log->segments()->segments.size();
  REQUIRE_OK(log->TrimBefore(8));
  const size_t after = log->segments()->segments.size();
  REQUIRE(after < before);
  env.DropUnsynced();
  REQUIRE_OK_AND_ASSIGN(const auto directory, env.OpenDirectory("/log", false));
  REQUIRE_OK_AND_ASSIGN(const auto entries, directory->List("t"));
  CHECK(std::count_if(entries.begin(), entries.end(),
                      [](const DirectoryEntry& entry) {
                        return entry.name.ends_with(".log");
                      }) == static_cast<std::ptrdiff_t>(after));
}

TEST_CASE("A strange file does not keep the log from its next segment",
          "[partition]") {
  // I10
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.segment_bytes = 1024;
  const auto log = fixture.Open();
  REQUIRE_OK_AND_ASSIGN(const auto directory, env.OpenDirectory("/log", false));
  REQUIRE_OK_AND_ASSIGN(const auto stranger,
                        directory->CreateFile("t/00000000000000000002.log"));
  REQUIRE_OK(stranger->WriteAt(0, AsBytes("of somebody else")));
  std::vector<std::string> kept;
  for (int i = 0; i < 8; ++i) {
    kept.emplace_back(300, static_cast<char>('a' + i));
    REQUIRE_OK(AppendText(*log, kept.back(), Ack::kDisk));
  }
  REQUIRE_OK_AND_ASSIGN(const FileStat aside,
                        directory->Stat("t/00000000000000000002.log.aside-1"));
  CHECK(aside.size == 16);
  CHECK(std::count_if(fixture.events.begin(), fixture.events.end(),
                      [](const Event& event) {
                        return event.kind == EventKind::kFileSetAside;
                      }) == 1);
  fixture.Share();
  const auto again = fixture.Open();
  CHECK_FALSE(again->recovery().has_damage());
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(again));
  CHECK(values == kept);
}

}  // namespace
}  // namespace tidemark::test
