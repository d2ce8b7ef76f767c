#include "partition/chunk_arena.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/checksum.h"
#include "base/endian.h"
#include "base/status_macros.h"
#include "fmt/core.h"
#include "partition/arena_format.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

using namespace arena_format;

// The words of a descriptor that a later process reads after a crash of this
// one, or another process while this one runs.
std::atomic_ref<uint32_t> Word(std::byte* descriptor, size_t at) {
  return std::atomic_ref<uint32_t>(
      *reinterpret_cast<uint32_t*>(descriptor + at));
}

uint64_t BlockCount(uint64_t size_max, uint32_t block_size) {
  return size_max / block_size;
}

uint32_t OrderFor(uint64_t size, uint32_t block_size) {
  const uint64_t blocks = (size + block_size - 1) / block_size;
  return static_cast<uint32_t>(std::bit_width(blocks - 1));
}

void WriteDescriptor(std::byte* descriptor, const ChunkOwner& owner,
                     uint32_t size, uint64_t serial) {
  StoreLittle(descriptor + kChunkSizeAt, size);
  std::memcpy(descriptor + kTopicIdAt, owner.topic_id.bytes.data(), 16);
  StoreLittle(descriptor + kPartitionAt,
              static_cast<uint32_t>(owner.partition));
  StoreLittle(descriptor + kPartitionAt + 4, uint32_t{0});
  StoreLittle(descriptor + kBaseOffsetAt,
              static_cast<uint64_t>(owner.base_offset));
  StoreLittle(descriptor + kSerialAt, serial);
  StoreLittle(descriptor + kDescriptorChecksumAt,
              Checksum(ByteSpan(descriptor + kChunkSizeAt,
                                kDescriptorChecksumAt - kChunkSizeAt)));
}

}  // namespace

void ChunkArena::FreeDeleter::operator()(std::byte* bytes) const {
  std::free(bytes);
}

uint64_t ChunkArena::FirstSlabPosition(uint64_t size_max, uint32_t block_size) {
  return kHeaderSize +
         AlignUp(BlockCount(size_max, block_size) * kDescriptorSize, 4096);
}

ChunkArena::ChunkArena(Options options)
    : size_max_(std::max<uint64_t>(options.size_max, options.block_size)),
      block_size_(options.block_size),
      slab_size_(std::min<uint64_t>(kSlabSize, std::bit_floor(size_max_))),
      first_slab_(FirstSlabPosition(size_max_, block_size_)),
      memory_(std::move(options.memory)),
      blocks_(OrderFor(slab_size_, block_size_),
              static_cast<uint32_t>(size_max_ / slab_size_)),
      heap_slabs_(size_max_ / slab_size_),
      is_slab_grown_(size_max_ / slab_size_, false) {
  // Zeroed by the allocator, which costs nothing for pages never touched.
  heap_descriptors_.reset(static_cast<std::byte*>(
      std::calloc(BlockCount(size_max_, block_size_), kDescriptorSize)));
}

ChunkArena::~ChunkArena() = default;

uint64_t ChunkArena::SlabPosition(uint32_t slab) const {
  return first_slab_ + uint64_t{slab} * slab_size_;
}

std::byte* ChunkArena::SlabBytes(uint32_t slab) {
  return heap_slabs_[slab] != nullptr
             ? heap_slabs_[slab].get()
             : memory_->mutable_bytes().data() + SlabPosition(slab);
}

absl::Status ChunkArena::AddSlab() {
  uint32_t slab = 0;
  while (slab < blocks_.slab_count_max() && blocks_.IsPresent(slab)) ++slab;
  if (slab == blocks_.slab_count_max()) return absl::OkStatus();
  absl::Status status = absl::UnavailableError("heap memory");
  if (memory_ != nullptr && !has_heap_slabs_.load()) {
    status = is_slab_grown_[slab]
                 ? memory_->Reserve(SlabPosition(slab), slab_size_)
                 : memory_->Grow(SlabPosition(slab) + slab_size_);
    is_slab_grown_[slab] = is_slab_grown_[slab] || status.ok();
  }
  if (!status.ok()) {
    // Also what follows when the shared memory has no room: the records are
    // then written through.
    heap_slabs_[slab].reset(
        static_cast<std::byte*>(std::aligned_alloc(4096, slab_size_)));
    if (heap_slabs_[slab] == nullptr) {
      return WithReason(absl::ResourceExhaustedError(fmt::format(
                            "arena: slab of {} bytes: no memory", slab_size_)),
                        ErrorReason::kOutOfMemory);
    }
    has_heap_slabs_.store(true);
  }
  blocks_.AddSlab(slab);
  return absl::OkStatus();
}

absl::StatusOr<ArenaRun> ChunkArena::Allocate(uint64_t size,
                                              const ChunkOwner& owner) {
  const uint32_t order = OrderFor(size, block_size_);
  const MutexLock lock(mutex_);
  if (order > blocks_.slab_order()) return ArenaRun();
  if (heap_descriptors_ == nullptr) {
    return WithReason(absl::ResourceExhaustedError("arena: no memory"),
                      ErrorReason::kOutOfMemory);
  }
  std::optional<uint32_t> block = blocks_.Allocate(order);
  if (!block.has_value()) {
    TIDEMARK_RETURN_IF_ERROR(AddSlab());
    block = blocks_.Allocate(order);
    if (!block.has_value()) return ArenaRun();
  }
  ArenaRun run;
  run.block = *block;
  run.order = order;
  const uint32_t slab = *block >> blocks_.slab_order();
  const uint32_t block_in_slab = *block - (slab << blocks_.slab_order());
  const uint32_t run_size = block_size_ << order;
  run.bytes = {SlabBytes(slab) + uint64_t{block_in_slab} * block_size_,
               run_size};
  // What stands in memory of this process alone must not be described to a
  // later one.
  const bool is_heap = memory_ == nullptr || heap_slabs_[slab] != nullptr;
  std::byte* const table = is_heap
                               ? heap_descriptors_.get()
                               : memory_->mutable_bytes().data() + kHeaderSize;
  run.descriptor = table + uint64_t{*block} * kDescriptorSize;
  Word(run.descriptor, kPublishedAt).store(0, std::memory_order_relaxed);
  WriteDescriptor(run.descriptor, owner, run_size, next_serial_++);
  Word(run.descriptor, kGenerationAt).fetch_add(1, std::memory_order_relaxed);
  Word(run.descriptor, kStateAt).store(kOpen, std::memory_order_release);
  bytes_used_.fetch_add(run_size, std::memory_order_relaxed);
  return run;
}

void ChunkArena::Retire(const ArenaRun& run) {
  Word(run.descriptor, kStateAt).store(kFree, std::memory_order_release);
}

void ChunkArena::Publish(const ArenaRun& run, uint32_t size) {
  Word(run.descriptor, kPublishedAt).store(size, std::memory_order_release);
}

void ChunkArena::Free(const ArenaRun& run) {
  const MutexLock lock(mutex_);
  blocks_.Free(run.block, run.order);
  bytes_used_.fetch_sub(run.bytes.size(), std::memory_order_relaxed);
  ++freed_count_;
  freed_.NotifyAll();
}

void ChunkArena::WaitForFree(uint64_t freed_count, Clock& clock,
                             absl::Duration deadline) {
  const MutexLock lock(mutex_);
  while (freed_count_ == freed_count) {
    if (!freed_.WaitUntil(mutex_, clock, deadline)) return;
  }
}

uint64_t ChunkArena::freed_count() const {
  const MutexLock lock(mutex_);
  return freed_count_;
}

void ChunkArena::ReleaseIdle() {
  const MutexLock lock(mutex_);
  for (uint32_t slab = 0; slab < blocks_.slab_count_max(); ++slab) {
    if (!blocks_.IsWhollyFree(slab)) continue;
    if (heap_slabs_[slab] != nullptr) {
      blocks_.RemoveSlab(slab);
      heap_slabs_[slab].reset();
    } else if (memory_->Release(SlabPosition(slab), slab_size_).ok()) {
      blocks_.RemoveSlab(slab);
    }
  }
}

absl::StatusOr<uint64_t> ChunkArena::LinkCount() const {
  if (memory_ == nullptr) return 0;
  TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat, memory_->Stat());
  return stat.link_count;
}

}  // namespace v0
}  // namespace tidemark
