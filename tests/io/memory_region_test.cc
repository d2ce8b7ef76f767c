#include "io/memory_region.h"

#include <cerrno>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "support/catch.h"

namespace tidemark {
namespace {

std::shared_ptr<MemorySpace> RegionSpace(uint64_t capacity) {
  auto space = std::make_shared<MemorySpace>();
  space->capacity = capacity;
  return space;
}

TEST_CASE("A region takes space as it grows and gives it back", "[io]") {
  const auto space = RegionSpace(65'536);
  {
    const auto region = MemoryRegion::Create(1 << 20, space);
    REQUIRE(region->Grow(16'384) == 0);
    CHECK(space->used == 16'384);
    CHECK(region->Grow(1 << 20) == ENOSPC);
    CHECK(region->size() == 16'384);
  }
  CHECK(space->used == 0);
}

TEST_CASE("A block is released and reserved at most once", "[io]") {
  const auto space = RegionSpace(16'384);
  const auto region = MemoryRegion::Create(1 << 20, space);
  REQUIRE(region->Grow(16'384) == 0);
  region->Release(0, 8'192);
  region->Release(4'096, 8'192);
  CHECK(space->used == 4'096);
  REQUIRE(space->Take(8'192));
  CHECK(region->Reserve(0, 12'288) == ENOSPC);
  CHECK(region->allocated_size() == 4'096);
  space->GiveBack(8'192);
  CHECK(region->Reserve(0, 16'384) == 0);
  CHECK(region->allocated_size() == 16'384);
}

TEST_CASE("A copy of a region has bytes of its own", "[io]") {
  const auto region = MemoryRegion::Create(1 << 20, RegionSpace(65'536));
  REQUIRE(region->Grow(4'096) == 0);
  REQUIRE(region->Write(0, AsBytes("tide")) == 0);
  const auto space = RegionSpace(65'536);
  const auto copy = region->Copy(space);
  REQUIRE(region->Write(0, AsBytes("TIDE")) == 0);
  CHECK(AsText(copy->bytes().first(4)) == "tide");
  CHECK(space->used == 4'096);
}

TEST_CASE("Reads and writes of a region stay within its size", "[io]") {
  const auto region = MemoryRegion::Create(1 << 20, RegionSpace(65'536));
  REQUIRE(region->Grow(4'096) == 0);
  CHECK(region->Write(4'093, AsBytes("tide")) == EOPNOTSUPP);
  CHECK(region->Write(~uint64_t{0}, AsBytes("tide")) == EOPNOTSUPP);
  CHECK(region->Write(4'092, AsBytes("tide")) == 0);
  std::string text(8, '?');
  const auto out = std::as_writable_bytes(std::span(text.data(), text.size()));
  CHECK(region->Read(4'092, out) == 4);
  CHECK(text == "tide????");
  CHECK(region->Read(4'096, out) == 0);
  region->Clear();
  CHECK(region->Read(4'092, out) == 4);
  CHECK(text.substr(0, 4) == std::string(4, '\0'));
}

TEST_CASE("A region larger than memory is not created", "[io]") {
  CHECK(MemoryRegion::Create(uint64_t{1} << 62, RegionSpace(0)) == nullptr);
}

}  // namespace
}  // namespace tidemark
