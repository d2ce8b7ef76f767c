#include "partition/tail.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/check.h"
#include "base/endian.h"
#include "partition/tail_copy.h"
#include "record/batch_format.h"
#include "record/record_codec.h"

namespace tidemark {
inline namespace v0 {
namespace {

using batch_format::kAlignment;
using batch_format::kHeaderSize;

// The words of an unsealed batch that a later process reads after a crash of
// this one. Sealing writes the same values again.
void StoreOpenHeader(std::byte* header, const TailBatch& batch) {
  std::atomic_ref<uint32_t>(
      *reinterpret_cast<uint32_t*>(header + batch_format::kSizeAt))
      .store(0, std::memory_order_relaxed);
  StoreLittle(header + batch_format::kBaseOffsetAt,
              static_cast<uint64_t>(batch.base_offset));
  StoreLittle(header + batch_format::kBaseTimeAt,
              static_cast<uint64_t>(batch.base_time));
  StoreLittle(header + batch_format::kAppendTimeAt,
              static_cast<uint64_t>(batch.append_time));
}

void StoreClosedHeader(std::byte* header, uint32_t content) {
  StoreLittle(header + batch_format::kPayloadSizeAt,
              static_cast<uint32_t>(content - kHeaderSize));
  const uint32_t size = static_cast<uint32_t>(AlignUp(content, kAlignment));
  std::atomic_ref<uint32_t>(
      *reinterpret_cast<uint32_t*>(header + batch_format::kSizeAt))
      .store(size, std::memory_order_release);
}

}  // namespace

bool Tail::HasRoom(size_t bound, uint64_t batch_bytes) {
  if (open_ == nullptr) return false;
  if (batch_ != nullptr) {
    const size_t batch_size = static_cast<size_t>(next_ - first_);
    const bool is_in_batch = batch_size + bound <= batch_bytes;
    const bool is_in_chunk = bound <= static_cast<size_t>(limit_ - next_);
    if (is_in_batch && is_in_chunk) return true;
    if (!is_in_batch) CloseBatch();
    if (!is_in_chunk) return false;
  }
  // A new batch: its header comes first.
  return bound + kHeaderSize <= static_cast<size_t>(limit_ - next_);
}

bool Tail::HasRoomFor(size_t bound) const {
  return open_ != nullptr && bound + kHeaderSize + kAlignment <=
                                 static_cast<size_t>(limit_ - next_);
}

void Tail::OpenBatch(int64_t base_time, int64_t append_time) {
  TailBatch batch;
  batch.start = static_cast<uint32_t>(next_ - open_->run.bytes.data());
  batch.end = batch.start + kHeaderSize;
  batch.base_offset = end_;
  batch.base_time = base_time;
  batch.max_time = base_time;
  batch.last_time = base_time;
  batch.append_time = append_time;
  open_->batches.push_back(batch);
  batch_ = &open_->batches.back();
  first_ = next_;
  StoreOpenHeader(first_, batch);
  next_ += kHeaderSize;
}

bool Tail::MakeRoom(size_t bound, uint64_t batch_bytes, bool* has_closed) {
  const bool had_batch = batch_ != nullptr;
  const bool has_room = HasRoom(bound, batch_bytes);
  *has_closed = had_batch && batch_ == nullptr;
  if (has_room) return true;
  if (spares_.empty() || spares_.front()->limit < bound + kHeaderSize) {
    return false;
  }
  *has_closed = *has_closed || batch_ != nullptr;
  CloseChunk();
  AddChunk(spares_.front());  // leaves the spare there when memory is short
  spares_.pop_front();
  return true;
}

bool Tail::Append(std::span<const Record> records, size_t bound, int64_t now,
                  uint64_t batch_bytes, bool* has_closed) {
  const bool is_in_batch =
      batch_ != nullptr && bound <= static_cast<size_t>(limit_ - next_) &&
      static_cast<size_t>(next_ - first_) + bound <= batch_bytes;
  if (!is_in_batch && !MakeRoom(bound, batch_bytes, has_closed)) return false;
  const auto time_of = [now](const Record& record) {
    return record.create_time.has_value()
               ? absl::ToUnixMicros(*record.create_time)
               : now;
  };
  if (batch_ == nullptr) OpenBatch(time_of(records.front()), now);
  TailBatch& batch = *batch_;
  std::byte* to = next_;
  int64_t last_time = batch.last_time;
  int64_t max_time = batch.max_time;
  for (const Record& record : records) {
    const int64_t time = time_of(record);
    to = EncodeRecord(record, time, last_time, to);
    last_time = time;
    max_time = std::max(max_time, time);
  }
  const auto count = static_cast<uint32_t>(records.size());
  const auto end = static_cast<uint32_t>(to - chunk_);
  next_ = to;
  batch.last_time = last_time;
  batch.max_time = max_time;
  batch.end = end;
  batch.record_count += count;
  end_ += count;
  ChunkArena::Publish(open_->run, end);
  return true;
}

void Tail::CloseBatch() {
  if (batch_ == nullptr) return;
  const uint32_t content = batch_->end - batch_->start;
  std::byte* const aligned =
      open_->run.bytes.data() + AlignUp(batch_->end, kAlignment);
  std::fill(next_, aligned, std::byte{0});
  StoreClosedHeader(first_, content);
  next_ = aligned;
  batch_ = nullptr;
  first_ = nullptr;
}

void Tail::CloseChunk() {
  CloseBatch();
  if (open_ == nullptr) return;
  open_->is_open = false;
  open_ = nullptr;
  next_ = nullptr;
  limit_ = nullptr;
  // A chunk that nothing was appended to holds nothing to write.
  if (chunks_.back()->batches.empty()) chunks_.pop_back();
}

void Tail::AddChunk(std::shared_ptr<Chunk> chunk) {
  TIDEMARK_DCHECK(open_ == nullptr);
  chunks_.push_back(std::move(chunk));
  open_ = chunks_.back().get();
  open_->serial = next_serial_++;
  open_->is_open = true;
  chunk_ = open_->run.bytes.data();
  next_ = chunk_;
  limit_ = next_ + open_->limit;
}

std::vector<ClaimedBatch> Tail::Claim(uint64_t bytes_max) const {
  std::vector<ClaimedBatch> claimed;
  uint64_t bytes = 0;
  for (const std::shared_ptr<Chunk>& chunk : chunks_) {
    for (size_t i = chunk->written_count; i < chunk->batches.size(); ++i) {
      const TailBatch& batch = chunk->batches[i];
      if (&batch == batch_) return claimed;
      bytes += batch.end - batch.start;
      if (!claimed.empty() && bytes > bytes_max) return claimed;
      claimed.push_back({chunk, batch});
    }
  }
  return claimed;
}

uint64_t Tail::memory() const {
  uint64_t bytes = 0;
  for (const Chunks* const list : {&chunks_, &spares_}) {
    for (const std::shared_ptr<Chunk>& chunk : *list) {
      bytes += chunk->run.bytes.size();
    }
  }
  return bytes;
}

uint64_t Tail::Outstanding(const LogSegment* segment) const {
  uint64_t bytes = 0;
  for (const std::shared_ptr<Chunk>& chunk : chunks_) {
    if (chunk->segment.get() != segment) continue;
    const uint64_t written =
        chunk->written_count == 0
            ? 0
            : AlignUp(chunk->batches[chunk->written_count - 1].end, kAlignment);
    const uint64_t end = chunk->is_open || chunk->batches.empty()
                             ? chunk->limit
                             : AlignUp(chunk->batches.back().end, kAlignment);
    bytes += end - std::min(written, end);
  }
  for (const std::shared_ptr<Chunk>& spare : spares_) {
    if (spare->segment.get() == segment) bytes += spare->limit;
  }
  return bytes;
}

void Tail::Retire(Offset next_offset, bool is_releasing_open) {
  while (!chunks_.empty()) {
    Chunk& chunk = *chunks_.front();
    while (chunk.written_count < chunk.batches.size()) {
      const TailBatch& batch = chunk.batches[chunk.written_count];
      if (&batch == batch_ || batch.next_offset() > next_offset) return;
      ++chunk.written_count;
    }
    if (chunk.is_open) {
      if (!is_releasing_open) return;
      open_ = nullptr;
      next_ = nullptr;
      limit_ = nullptr;
    }
    // The files have it; readers that still copy keep the memory for a moment.
    ChunkArena::Retire(chunk.run);
    chunks_.pop_front();
  }
}

void Tail::Drop() {
  CloseChunk();
  for (const std::shared_ptr<Chunk>& chunk : chunks_) {
    ChunkArena::Retire(chunk->run);
  }
  chunks_.clear();
  spares_.clear();
}

uint64_t Tail::BytesBetween(Offset from, Offset to) const {
  uint64_t bytes = 0;
  for (const std::shared_ptr<Chunk>& chunk : chunks_) {
    for (size_t i = chunk->written_count; i < chunk->batches.size(); ++i) {
      const TailBatch& batch = chunk->batches[i];
      if (batch.next_offset() <= from || batch.base_offset >= to) continue;
      const auto count =
          static_cast<uint64_t>(std::min(to, batch.next_offset()) -
                                std::max(from, batch.base_offset));
      bytes += (batch.end - batch.start) * count / batch.record_count;
    }
  }
  return bytes;
}

Offset Tail::first() const {
  for (const std::shared_ptr<Chunk>& chunk : chunks_) {
    if (!chunk->batches.empty()) return chunk->batches.front().base_offset;
  }
  return end_;
}

std::shared_ptr<Chunk> Tail::Find(Offset offset, size_t* batch) const {
  for (auto chunk = chunks_.rbegin(); chunk != chunks_.rend(); ++chunk) {
    const std::vector<TailBatch>& batches = (*chunk)->batches;
    if (batches.empty() || batches.front().base_offset > offset) continue;
    for (size_t i = batches.size(); i-- > 0;) {
      if (batches[i].base_offset > offset) continue;
      if (offset >= batches[i].next_offset()) return nullptr;
      *batch = i;
      return *chunk;
    }
  }
  return nullptr;
}

std::shared_ptr<Chunk> Tail::FindHint(const TailHint& hint,
                                      size_t* batch) const {
  if (chunks_.empty() || hint.chunk < chunks_.front()->serial) return nullptr;
  for (auto chunk = chunks_.rbegin(); chunk != chunks_.rend(); ++chunk) {
    if ((*chunk)->serial > hint.chunk) continue;
    if ((*chunk)->serial < hint.chunk) return nullptr;
    const std::vector<TailBatch>& batches = (*chunk)->batches;
    for (size_t i = batches.size(); i-- > 0;) {
      if (batches[i].base_offset > hint.batch_base) continue;
      if (hint.offset >= batches[i].next_offset()) return nullptr;
      *batch = i;
      return *chunk;
    }
  }
  return nullptr;
}

bool Tail::Pin(Offset from, const TailHint& hint, size_t bytes_max,
               TailCopy* copy) const {
  size_t first = 0;
  std::shared_ptr<Chunk> chunk;
  const bool is_hinted = hint.chunk != 0 && hint.offset == from &&
                         (chunk = FindHint(hint, &first)) != nullptr;
  if (!is_hinted && (chunk = Find(from, &first)) == nullptr) return false;
  size_t bytes = 0;
  for (size_t i = first; i < chunk->batches.size(); ++i) {
    const TailBatch& batch = chunk->batches[i];
    TailCopy::Part part;
    part.start = batch.start + kHeaderSize;
    part.end = batch.end;
    part.offset = batch.base_offset;
    part.next_offset = batch.next_offset();
    part.time = batch.base_time;
    part.last_time = batch.last_time;
    part.append_time = batch.append_time;
    part.batch_base = batch.base_offset;
    if (i == first && is_hinted) {
      part.start = hint.position;
      part.offset = hint.offset;
      part.time = hint.time;
    }
    copy->parts.push_back(part);
    bytes += part.end - part.start;
    if (bytes >= bytes_max) break;
  }
  copy->chunk = std::move(chunk);
  return true;
}

}  // namespace v0
}  // namespace tidemark
