#ifndef TIDEMARK_LIB_PARTITION_TAIL_H_
#define TIDEMARK_LIB_PARTITION_TAIL_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "partition/chunk_arena.h"
#include "tidemark/record.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

class LogSegment;
struct TailCopy;
struct TailHint;

// One batch of a chunk. Positions are within the chunk.
struct TailBatch {
  uint32_t start = 0;  // of the header
  uint32_t end = 0;    // behind the last record
  uint32_t record_count = 0;
  Offset base_offset = 0;
  int64_t base_time = 0;
  int64_t max_time = 0;
  int64_t last_time = 0;  // of the last record
  int64_t append_time = 0;

  Offset next_offset() const { return base_offset + record_count; }
};

// A window of the end of a segment in memory: whole batches as they will stand
// in the file, the last of which may be open.
//
// The fields behind `run` are guarded by the append lock of the partition.
// Bytes below the published end never change but for batch headers, which
// belong to the holder of the write-out lock. Readers keep a chunk alive while
// they copy; its memory goes back to the arena with the last reference.
struct Chunk {
  Chunk(ChunkArena& arena, ArenaRun arena_run) : arena(arena), run(arena_run) {}
  ~Chunk() { arena.Free(run); }
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;

  ChunkArena& arena;
  const ArenaRun run;

  uint64_t serial = 0;  // ascends along the chain, never 0
  uint32_t limit = 0;   // bytes that the segment has room for
  std::shared_ptr<LogSegment> segment;
  std::vector<TailBatch> batches;
  size_t written_count = 0;  // leading batches that are in the file
  bool is_open = false;      // appends go here
};

// A closed batch that the holder of the write-out lock has claimed.
struct ClaimedBatch {
  std::shared_ptr<Chunk> chunk;
  TailBatch batch;
};

// The chain of chunks at the end of a partition.
//
// Batches ascend along the chain. Only the last batch of the last chunk may be
// open; the others are closed and never grow. Not thread-safe: the append lock
// of the partition guards every function.
class Tail {
 public:
  explicit Tail(Offset end) : end_(end) {}

  // Appends `records`, whose encoded size is at most `bound`, with `now` as the
  // time of those without one. Returns false, having changed nothing that a
  // reader can see, when the open chunk has no room. A batch that would grow
  // past `batch_bytes` is closed first; `*has_closed` then becomes true.
  bool Append(std::span<const Record> records, size_t bound, int64_t now,
              uint64_t batch_bytes, bool* has_closed);

  // Whether Append would find room for `bound` bytes in a new batch.
  bool HasRoomFor(size_t bound) const;

  // Ends the open batch, so that it can be written. Nothing happens without
  // one.
  void CloseBatch();

  // Makes the open chunk, if there is one, take no more appends.
  void CloseChunk();

  // Adds an open chunk behind the last one, which is closed.
  void AddChunk(std::shared_ptr<Chunk> chunk);

  // Chunks to go on in, one after the other, when the open one is full.
  using Chunks = std::deque<std::shared_ptr<Chunk>>;
  void AddSpare(std::shared_ptr<Chunk> chunk) {
    spares_.push_back(std::move(chunk));
  }
  Chunks TakeSpares() { return std::exchange(spares_, {}); }
  size_t spare_count() const { return spares_.size(); }

  // The closed batches that are not written, in order, at most `bytes_max` of
  // them but at least one if there is one.
  std::vector<ClaimedBatch> Claim(uint64_t bytes_max) const;

  // Drops batches below `next_offset`, which are in the file, and the chunks
  // that hold nothing else. The open chunk stays, unless `is_releasing_open`
  // and it is written as a whole.
  void Retire(Offset next_offset, bool is_releasing_open);

  // Gives up everything: none of it is to be found by a later process.
  void Drop();

  // Raises the end for records that went straight to the file. The chain is
  // empty or closed.
  void SkipTo(Offset end) { end_ = end; }

  // Pins the chunk that holds `from` and lists what of it a reader may copy,
  // up to `bytes_max` bytes but one batch at least. False when `from` is not
  // here.
  bool Pin(Offset from, const TailHint& hint, size_t bytes_max,
           TailCopy* copy) const;

  // Bytes of the records of all batches with an offset in [from, to).
  uint64_t BytesBetween(Offset from, Offset to) const;

  Offset end() const { return end_; }
  // The first offset that is still here; the end when none is.
  Offset first() const;
  const Chunks& chunks() const { return chunks_; }
  bool has_open_chunk() const { return open_ != nullptr; }
  bool has_open_batch() const { return batch_ != nullptr; }
  // Bytes of the arena that the chain and the spares hold.
  uint64_t memory() const;
  // Bytes of file that the chunks of `segment` may still need.
  uint64_t Outstanding(const LogSegment* segment) const;

 private:
  // The chunk and the batch that hold `offset`; null when it is not here.
  std::shared_ptr<Chunk> Find(Offset offset, size_t* batch) const;
  // The same for a place that an earlier read ended at.
  std::shared_ptr<Chunk> FindHint(const TailHint& hint, size_t* batch) const;
  bool HasRoom(size_t bound, uint64_t batch_bytes);
  // Makes room for `bound` bytes in a batch: in this one, in a new one, or in
  // a spare chunk. False without room.
  bool MakeRoom(size_t bound, uint64_t batch_bytes, bool* has_closed);
  void OpenBatch(int64_t base_time, int64_t append_time);

  Offset end_;
  Chunks chunks_;
  Chunks spares_;
  uint64_t next_serial_ = 1;

  // The open chunk and batch, flattened for the append path.
  Chunk* open_ = nullptr;
  TailBatch* batch_ = nullptr;
  std::byte* chunk_ = nullptr;  // the open chunk's first byte
  std::byte* first_ = nullptr;  // the open batch's header
  std::byte* next_ = nullptr;   // where the next record goes
  std::byte* limit_ = nullptr;  // of the open chunk
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_TAIL_H_
