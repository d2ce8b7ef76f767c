#include <algorithm>
#include <mutex>
#include <utility>

#include "base/guard.h"
#include "base/status_macros.h"
#include "fmt/core.h"
#include "partition/arena_format.h"
#include "partition/chunk_arena.h"
#include "partition/flush_worker.h"
#include "partition/partition_log.h"
#include "partition/segment_file_cache.h"
#include "record/batch_format.h"
#include "tidemark/error.h"

// The part of PartitionLog that finds memory for the end of the log.
namespace tidemark {
inline namespace v0 {
namespace {

using arena_format::kChunkSizeMax;
using batch_format::kAlignment;
using batch_format::kHeaderSize;

// A partition that fills a chunk within this time gets one of twice the size.
constexpr absl::Duration kFastFill = absl::Milliseconds(100);

// So many chunks, 4 MiB, let an appender go on while the flush worker waits for
// its turn at a processor that others use.
constexpr size_t kSparesMax = 16;

}  // namespace

uint64_t PartitionLog::Outstanding() const {
  const MutexLock lock(append_mutex_);
  return tail_.Outstanding(writer_.last_segment());
}

uint64_t PartitionLog::tail_memory() const {
  const MutexLock lock(append_mutex_);
  return tail_.memory();
}

void PartitionLog::NoteHeapMemory() {
  ProcessDurability now = shared_->process_durability.load();
  if (now == ProcessDurability::kNone ||
      now == ProcessDurability::kWriteThrough) {
    return;
  }
  if (!shared_->process_durability.compare_exchange_strong(
          now, ProcessDurability::kWriteThrough)) {
    return;
  }
  ReportLater(EventKind::kProcessLevelChanged, absl::OkStatus(),
              "the shared memory has no room: appends are written through");
}

absl::StatusOr<std::shared_ptr<Chunk>> PartitionLog::NewChunk(
    uint64_t bytes_min, uint64_t bytes, Offset end, uint64_t outstanding) {
  ChunkArena& arena = *shared_->arena;
  TIDEMARK_ASSIGN_OR_RETURN(
      const ArenaRun run,
      arena.Allocate(bytes, {address_.topic_id, address_.number, end}));
  if (!run) return nullptr;
  if (!arena.outlives_process()) NoteHeapMemory();
  auto chunk = std::make_shared<Chunk>(arena, run);
  chunk->batches.reserve(8);
  auto segment = writer_.RoomFor(bytes_min, run.bytes.size(), end, outstanding,
                                 &chunk->limit);
  TIDEMARK_RETURN_IF_ERROR(NoteMetaResult(segment.status()));
  chunk->segment = *std::move(segment);
  return chunk;
}

absl::Status PartitionLog::InstallChunk(size_t bound, bool* is_memory_full) {
  Offset end = 0;
  uint64_t outstanding = 0;
  Tail::Chunks unused_spares;  // too small for this append
  {
    const MutexLock lock(append_mutex_);
    if (is_append_closed_ || !failure_.ok()) return AppendRefusal();
    // Somebody else may have made room in the meantime.
    if (tail_.HasRoomFor(bound)) return absl::OkStatus();
    // From here to the installation nobody can append: the end stands still,
    // and a new segment can bear it in its name.
    tail_.CloseChunk();
    tail_.Retire(written_.load(), /*is_releasing_open=*/false);
    unused_spares = tail_.TakeSpares();
    end = tail_.end();
    outstanding = tail_.Outstanding(writer_.last_segment());
  }
  unused_spares.clear();
  const absl::Duration now = shared_->clock->Monotonic();
  const uint64_t needed = bound + kHeaderSize + kAlignment;
  const uint64_t size_wanted = NextChunkSize(needed, now);
  std::shared_ptr<Chunk> chunk;
  // When memory is short a smaller chunk does as well.
  const uint64_t held = tail_memory();
  for (uint64_t size = size_wanted; chunk == nullptr && size >= needed;
       size /= 2) {
    // One partition holds half of the memory at most.
    if (held + size > shared_->arena->size_max() / 2) continue;
    TIDEMARK_ASSIGN_OR_RETURN(chunk, NewChunk(needed, size, end, outstanding));
  }
  if (chunk == nullptr) {
    *is_memory_full = true;
    return absl::OkStatus();
  }
  {
    const MutexLock lock(append_mutex_);
    if (is_append_closed_ || !failure_.ok()) return AppendRefusal();
    tail_.AddChunk(std::move(chunk));
  }
  chunk_since_ = now;
  chunk_since_bytes_ = appended_bytes_.load(std::memory_order_relaxed);
  shared_->flush->NoteChunk(*this);
  return absl::OkStatus();
}

uint64_t PartitionLog::NextChunkSize(uint64_t needed, absl::Duration now) {
  const ChunkArena& arena = *shared_->arena;
  const uint64_t size_max = std::min(kChunkSizeMax, arena.size_max() / 2);
  const uint64_t bytes = appended_bytes_.load(std::memory_order_relaxed);
  // Spares were used since, so that it is the rate that counts.
  const double fills = absl::FDivDuration(now - chunk_since_, kFastFill) *
                       static_cast<double>(chunk_size_);
  const bool is_fast = chunk_size_ > 0 &&
                       static_cast<double>(bytes - chunk_since_bytes_) >= fills;
  if (!is_fast) {
    chunk_size_ = arena.block_size();
    spares_wanted_ = 1;
  } else if (chunk_size_ < size_max) {
    chunk_size_ = std::min(chunk_size_ * 2, size_max);
  } else {
    // The appenders had to wait for this chunk: the flush worker is late.
    spares_wanted_ = std::min(spares_wanted_ * 2, kSparesMax);
  }
  while (chunk_size_ < needed) chunk_size_ *= 2;
  return chunk_size_;
}

void PartitionLog::ProvideSpares() {
  const uint64_t arena_max = shared_->arena->size_max();
  const uint64_t size = std::min(kChunkSizeMax, arena_max / 2);
  // Only a partition that writes in bulk gets one.
  if (chunk_size_ < size) return;
  for (;;) {
    {
      const MutexLock lock(append_mutex_);
      if (!tail_.has_open_chunk() || !failure_.ok()) return;
      if (tail_.spare_count() >= spares_wanted_) return;
      if (tail_.memory() + 2 * size > arena_max / 2) return;
    }
    const uint64_t outstanding = Outstanding();
    if (!writer_.FitsLast(size, outstanding)) return;
    auto chunk = NewChunk(size, size, end_.load(), outstanding);
    if (!chunk.ok() || *chunk == nullptr) return;
    const MutexLock lock(append_mutex_);
    tail_.AddSpare(*std::move(chunk));
  }
}

absl::Status PartitionLog::MakeRoom(size_t bound, absl::Duration* deadline) {
  Clock& clock = *shared_->clock;
  while (!shared_->files->has_room_for_writer()) {
    // Files stay open until they are synced; make that now.
    TIDEMARK_RETURN_IF_ERROR(shared_->flush->SyncDirty());
    if (!shared_->flush->ReleaseFiles()) break;
  }
  for (;;) {
    const uint64_t freed_count = shared_->arena->freed_count();
    bool is_memory_full = false;
    {
      const WriteLock lock(*this);
      if (is_closed_) return Usable();
      TIDEMARK_RETURN_IF_ERROR(InstallChunk(bound, &is_memory_full));
      if (is_memory_full) {
        // Help: what this partition holds can be written here and now, for its
        // last chunk is closed.
        TIDEMARK_RETURN_IF_ERROR(WriteOutLocked(true, false));
        is_memory_full = false;
        TIDEMARK_RETURN_IF_ERROR(InstallChunk(bound, &is_memory_full));
      }
    }
    if (!is_memory_full) return absl::OkStatus();
    if (shared_->flush->ReclaimMemory(*this)) continue;
    const absl::Duration now = clock.Monotonic();
    if (*deadline == -absl::InfiniteDuration()) {
      *deadline = now + shared_->settings.append_timeout;
    }
    if (now >= *deadline || !shared_->settings.has_threads) {
      return WithReason(
          absl::ResourceExhaustedError(fmt::format(
              "topic {} partition {}: append: {} bytes of memory for unwritten "
              "records are in use by other partitions that cannot be written",
              address_.topic, address_.number, shared_->arena->bytes_used())),
          ErrorReason::kAppendTimeout);
    }
    shared_->arena->WaitForFree(
        freed_count, clock, std::min(*deadline, now + absl::Milliseconds(10)));
  }
}

bool PartitionLog::TryWriteOutForMemory() {
  if (!write_mutex_.TryLock()) return false;
  const WriteLock lock(*this, std::adopt_lock);
  bool is_freed = false;
  // An error stays here: it is not the caller's partition.
  Guarded([&] {
    write_mutex_.AssertHeld();
    if (is_closed_) return absl::OkStatus();
    {
      // First, for a log that cannot be written does not need them.
      Tail::Chunks spares;
      const MutexLock append_lock(append_mutex_);
      spares = tail_.TakeSpares();
      is_freed = !spares.empty();
    }
    TIDEMARK_RETURN_IF_ERROR(WriteOutLocked(true, false));
    const MutexLock append_lock(append_mutex_);
    const uint64_t before = tail_.memory();
    tail_.Retire(written_.load(), /*is_releasing_open=*/true);
    is_freed = is_freed || tail_.memory() < before;
    return absl::OkStatus();
  }).IgnoreError();
  return is_freed;
}

}  // namespace v0
}  // namespace tidemark
