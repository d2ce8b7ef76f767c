#include "partition/tail.h"

#include <string>

#include "partition/tail_copy.h"
#include "record/batch_format.h"
#include "support/status_matchers.h"

namespace tidemark {
namespace {

class TailFixture {
 public:
  std::shared_ptr<Chunk> NewChunk(uint32_t size) {
    auto run = arena.Allocate(size, {});
    REQUIRE_OK(run);
    auto chunk = std::make_shared<Chunk>(arena, *run);
    chunk->limit = size;
    return chunk;
  }
  bool Append(size_t size, int64_t now = 5) {
    const std::string value(size, 'v');
    Record record;
    record.value = value;
    return tail.Append({&record, 1}, size + 40, now, 1000, &has_closed);
  }

  ChunkArena arena{{.size_max = 1 << 20, .block_size = 1024, .memory = {}}};
  Tail tail{100};
  bool has_closed = false;
};

TEST_CASE("Appends need a chunk and fill it batch by batch", "[partition]") {
  TailFixture fixture;
  CHECK_FALSE(fixture.Append(100));
  fixture.tail.AddChunk(fixture.NewChunk(4096));
  int appended = 0;
  int closed = 0;
  while (fixture.Append(100)) {
    ++appended;
    closed += fixture.has_closed ? 1 : 0;
  }
  CHECK(appended > 30);
  CHECK(closed >= 3);
  CHECK(fixture.tail.end() == 100 + appended);
  CHECK(fixture.tail.first() == 100);
  const Chunk& chunk = *fixture.tail.chunks().front();
  Offset expected = 100;
  for (const TailBatch& batch : chunk.batches) {
    CHECK(batch.base_offset == expected);
    CHECK(batch.start % batch_format::kAlignment == 0);
    CHECK(batch.end <= chunk.limit);
    expected = batch.next_offset();
  }
  CHECK(expected == fixture.tail.end());
}

TEST_CASE("Only closed batches are claimed, and retired in order",
          "[partition]") {
  TailFixture fixture;
  fixture.tail.AddChunk(fixture.NewChunk(4096));
  for (int i = 0; i < 12; ++i) REQUIRE(fixture.Append(100));
  const auto claimed = fixture.tail.Claim(1 << 20);
  REQUIRE(claimed.size() == 1);
  fixture.tail.CloseBatch();
  CHECK(fixture.tail.Claim(1 << 20).size() == 2);
  CHECK(fixture.tail.Claim(1).size() == 1);
  fixture.tail.Retire(claimed[0].batch.next_offset(), false);
  CHECK(fixture.tail.Claim(1 << 20).size() == 1);
  CHECK(fixture.tail.memory() == 4096);
  fixture.tail.Retire(fixture.tail.end(), false);
  CHECK(fixture.tail.memory() == 4096);
  CHECK(fixture.tail.first() == 100);  // the open chunk still has them
  fixture.tail.Retire(fixture.tail.end(), true);
  CHECK(fixture.tail.memory() == 0);
  CHECK(fixture.tail.first() == fixture.tail.end());
}

TEST_CASE("A spare chunk takes over without a call from outside",
          "[partition]") {
  TailFixture fixture;
  fixture.tail.AddChunk(fixture.NewChunk(1024));
  fixture.tail.AddSpare(fixture.NewChunk(4096));
  fixture.tail.AddSpare(fixture.NewChunk(4096));
  CHECK(fixture.tail.memory() == 1024 + 2 * 4096);
  while (fixture.tail.spare_count() > 0) REQUIRE(fixture.Append(100));
  CHECK(fixture.tail.chunks().size() == 3);
  CHECK(fixture.has_closed);
}

TEST_CASE("A reader finds its place by a hint and by a search", "[partition]") {
  TailFixture fixture;
  fixture.tail.AddChunk(fixture.NewChunk(4096));
  for (int i = 0; i < 20; ++i) REQUIRE(fixture.Append(100));
  TailCopy copy;
  CHECK_FALSE(fixture.tail.Pin(99, {}, 1 << 20, &copy));
  CHECK_FALSE(fixture.tail.Pin(120, {}, 1 << 20, &copy));
  REQUIRE(fixture.tail.Pin(115, {}, 1 << 20, &copy));
  CHECK(copy.parts.front().batch_base <= 115);
  CHECK(copy.parts.back().next_offset == 120);
  TailHint hint;
  hint.chunk = copy.chunk->serial;
  hint.position = copy.parts.back().end;
  hint.offset = 120;
  hint.time = 5;
  hint.batch_base = copy.parts.back().batch_base;
  TailCopy more;
  CHECK_FALSE(fixture.tail.Pin(120, hint, 1 << 20, &more));
  REQUIRE(fixture.Append(10));
  REQUIRE(fixture.tail.Pin(120, hint, 1 << 20, &more));
  CHECK(more.parts.front().offset == 120);
  CHECK(more.parts.front().next_offset == 121);
}

TEST_CASE("What a segment may still need counts chunks, not records",
          "[partition]") {
  TailFixture fixture;
  fixture.tail.AddChunk(fixture.NewChunk(4096));
  CHECK(fixture.tail.Outstanding(nullptr) == 4096);
  REQUIRE(fixture.Append(100));
  fixture.tail.CloseChunk();
  CHECK(fixture.tail.Outstanding(nullptr) < 256);
  fixture.tail.Retire(fixture.tail.end(), false);
  CHECK(fixture.tail.Outstanding(nullptr) == 0);
}

}  // namespace
}  // namespace tidemark
