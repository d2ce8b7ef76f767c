#include "io/memory_content.h"

#include <cerrno>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "support/catch.h"

namespace tidemark {
namespace {

std::shared_ptr<MemorySpace> SpaceOf(uint64_t capacity) {
  auto space = std::make_shared<MemorySpace>();
  space->capacity = capacity;
  return space;
}

std::string Text(const MemoryContent& content, uint64_t position = 0) {
  std::string text(content.size() - position, '?');
  const size_t count = content.Read(
      position, std::as_writable_bytes(std::span(text.data(), text.size())));
  CHECK(count == text.size());
  return text;
}

int Write(MemoryContent& content, uint64_t position, std::string_view text) {
  return content.Write(position, AsBytes(text));
}

TEST_CASE("Unsynced content is dropped and synced content stays", "[io]") {
  MemoryContent content(SpaceOf(1 << 20));
  REQUIRE(Write(content, 0, "durable") == 0);
  content.Sync();
  REQUIRE(Write(content, 0, "DUR") == 0);
  REQUIRE(Write(content, 10'000, "more") == 0);
  content.DropUnsynced();
  CHECK(Text(content) == "durable");
  REQUIRE(Write(content, 7, "!") == 0);
  content.Sync();
  content.DropUnsynced();
  CHECK(Text(content) == "durable!");
}

TEST_CASE("A truncation that was not synced is undone", "[io]") {
  MemoryContent content(SpaceOf(1 << 20));
  const std::string text(10'000, 'x');
  REQUIRE(Write(content, 0, text) == 0);
  content.Sync();
  REQUIRE(content.Truncate(10) == 0);
  content.DropUnsynced();
  CHECK(Text(content) == text);
}

TEST_CASE("A truncation that was synced stays after later drops", "[io]") {
  MemoryContent content(SpaceOf(1 << 20));
  REQUIRE(Write(content, 0, std::string(10'000, 'x')) == 0);
  content.Sync();
  REQUIRE(content.Truncate(10) == 0);
  content.Sync();
  REQUIRE(content.Truncate(10'000) == 0);
  content.DropUnsynced();
  CHECK(Text(content) == std::string(10, 'x'));
  REQUIRE(content.Truncate(10'000) == 0);
  CHECK(Text(content, 10) == std::string(9'990, '\0'));
}

TEST_CASE("A write without space keeps what fitted", "[io]") {
  MemoryContent content(SpaceOf(8'192));
  CHECK(Write(content, 0, std::string(20'000, 'x')) == ENOSPC);
  CHECK(content.size() == 8'192);
  CHECK(Write(content, 100, "y") == 0);
  CHECK(Write(content, 8'192, "y") == ENOSPC);
}

TEST_CASE("An allocation without space changes nothing", "[io]") {
  const auto space = SpaceOf(8'192);
  MemoryContent content(space);
  CHECK(content.Allocate(0, 8'193) == ENOSPC);
  CHECK(content.size() == 0);
  CHECK(space->used == 0);
  CHECK(content.Allocate(0, 8'192) == 0);
  CHECK(space->used == 8'192);
}

TEST_CASE("Allocated space takes writes on a full disk", "[io]") {
  const auto space = SpaceOf(8'192);
  MemoryContent content(space);
  MemoryContent other(space);
  REQUIRE(content.Allocate(0, 4'096) == 0);
  REQUIRE(Write(other, 0, "x") == 0);
  CHECK(Write(other, 4'096, "x") == ENOSPC);
  CHECK(Write(content, 0, std::string(4'096, 'y')) == 0);
}

TEST_CASE("Space is given back by truncation, drop and destruction", "[io]") {
  const auto space = SpaceOf(1 << 20);
  {
    MemoryContent content(space);
    REQUIRE(Write(content, 0, std::string(16'384, 'x')) == 0);
    CHECK(space->used == 16'384);
    REQUIRE(content.Truncate(1) == 0);
    CHECK(space->used == 4'096);
    content.Sync();
    REQUIRE(Write(content, 8'192, "x") == 0);
    CHECK(space->used == 8'192);
    content.DropUnsynced();
    CHECK(space->used == 4'096);
  }
  CHECK(space->used == 0);
}

TEST_CASE("A copy and its original go separate ways", "[io]") {
  const auto space = SpaceOf(1 << 20);
  MemoryContent content(SpaceOf(1 << 20));
  REQUIRE(Write(content, 0, "durable") == 0);
  content.Sync();
  REQUIRE(Write(content, 0, "current") == 0);
  MemoryContent copy(space);
  copy.CopyFrom(content);
  CHECK(space->used == 4'096);
  REQUIRE(Write(content, 0, "ORIGIN") == 0);
  REQUIRE(Write(copy, 0, "COPY") == 0);
  CHECK(Text(content) == "ORIGINt");
  CHECK(Text(copy) == "COPYent");
  copy.DropUnsynced();
  CHECK(Text(copy) == "durable");
}

TEST_CASE("A sparse giant takes only what was written", "[io]") {
  MemoryContent content(SpaceOf(1 << 20));
  const uint64_t far = uint64_t{1} << 62;
  REQUIRE(content.Truncate(far) == 0);
  REQUIRE(Write(content, far / 2, "x") == 0);
  CHECK(content.allocated_size() == 4'096);
  CHECK(content.NextData(0) == far / 2);
  CHECK(content.NextData(far / 2 + 4'096) == far);
}

TEST_CASE("An allocated page counts as a hole until it is written", "[io]") {
  MemoryContent content(SpaceOf(1 << 20));
  REQUIRE(content.Allocate(0, 16'384) == 0);
  CHECK(content.NextData(0) == 16'384);
  REQUIRE(Write(content, 8'192, "x") == 0);
  CHECK(content.NextData(0) == 8'192);
  CHECK(content.NextData(8'200) == 8'200);
}

TEST_CASE("A lowered capacity refuses more but keeps what is there", "[io]") {
  const auto space = SpaceOf(1 << 20);
  MemoryContent content(space);
  REQUIRE(Write(content, 0, std::string(8'192, 'x')) == 0);
  space->capacity = 4'096;
  CHECK(Write(content, 8'192, "y") == ENOSPC);
  CHECK(Write(content, 0, "y") == 0);
}

}  // namespace
}  // namespace tidemark
