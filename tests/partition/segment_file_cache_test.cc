#include "partition/segment_file_cache.h"

#include "partition/log_fixture.h"
#include "segment/segment_header.h"

namespace tidemark::test {
namespace {

TEST_CASE("Files are opened once, bounded in number and forgotten on demand",
          "[partition]") {
  // G9
  MemoryEnv env;
  auto directory = env.OpenDirectory("/cache", /*is_creating=*/true);
  REQUIRE_OK(directory);
  REQUIRE_OK((*directory)->CreateDirectory("t"));
  const SegmentIdentity identity;
  for (Offset base = 0; base < 40; ++base) {
    REQUIRE_OK_AND_ASSIGN(const SegmentHeader header,
                          NewSegmentHeader(env, identity, base, 1, 0));
    REQUIRE_OK(SegmentFile::Create(**directory, "t", header, 4096, 4096));
  }
  SegmentFileCache cache(**directory, 16);
  REQUIRE_OK_AND_ASSIGN(const auto first, cache.Open("t", identity, 0));
  REQUIRE_OK_AND_ASSIGN(const auto again, cache.Open("t", identity, 0));
  CHECK(first == again);
  std::vector<std::weak_ptr<const SegmentFile>> opened;
  for (Offset base = 0; base < 40; ++base) {
    REQUIRE_OK_AND_ASSIGN(const auto file, cache.Open("t", identity, base));
    opened.push_back(file);
  }
  int open_count = 0;
  for (const auto& file : opened) open_count += file.expired() ? 0 : 1;
  CHECK(open_count <= 17);  // the first one is held here as well
  cache.Forget("t", 39);
  CHECK(opened[39].expired());
  cache.Clear();
  CHECK(opened[38].expired());
  CHECK_FALSE(cache.Open("t", identity, 99).ok());
}

TEST_CASE("Files open for writing leave room for each other", "[partition]") {
  MemoryEnv env;
  auto directory = env.OpenDirectory("/cache", /*is_creating=*/true);
  REQUIRE_OK(directory);
  SegmentFileCache cache(**directory, 16);
  CHECK(cache.has_room_for_writer());
  cache.AddWriter(12);
  CHECK_FALSE(cache.has_room_for_writer());
  cache.AddWriter(-1);
  CHECK(cache.has_room_for_writer());
}

}  // namespace
}  // namespace tidemark::test
