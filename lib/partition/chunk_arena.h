#ifndef TIDEMARK_LIB_PARTITION_CHUNK_ARENA_H_
#define TIDEMARK_LIB_PARTITION_CHUNK_ARENA_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/bytes.h"
#include "base/mutex.h"
#include "partition/block_allocator.h"
#include "segment/identity.h"
#include "tidemark/clock.h"
#include "tidemark/env.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// A run of blocks of the arena with its descriptor.
struct ArenaRun {
  MutableByteSpan bytes;
  std::byte* descriptor = nullptr;
  uint32_t block = 0;
  uint32_t order = 0;

  explicit operator bool() const { return descriptor != nullptr; }
};

// Whose chunk a run holds; written into its descriptor.
struct ChunkOwner {
  Id128 topic_id;
  PartitionNumber partition = 0;
  Offset base_offset = 0;
};

// The bounded memory of a store for records that are not yet written.
//
// Memory is taken in slabs as it is needed, from a shared memory that outlives
// the process, or from the heap without one or when it has no room left; slabs
// that stay idle are given back. A
// run that is open is found by a later process through its descriptor.
//
// Thread-safe. The arena outlives its runs. After an error of the shared memory
// nothing changes; the caller gets the status.
class ChunkArena {
 public:
  struct Options {
    uint64_t size_max = 16 << 20;
    uint32_t block_size = 4096;
    // Null for heap memory. The header and the descriptors stand at its start;
    // slabs follow.
    std::unique_ptr<SharedMemory> memory = nullptr;
  };

  explicit ChunkArena(Options options);
  ~ChunkArena();

  ChunkArena(const ChunkArena&) = delete;
  ChunkArena& operator=(const ChunkArena&) = delete;

  // The bytes of a shared memory before its first slab.
  static uint64_t FirstSlabPosition(uint64_t size_max, uint32_t block_size);

  // Gives out a run of at least `size` bytes, which is at most 256 KiB and at
  // most size_max(), with an open descriptor and nothing published. An empty
  // run when all memory is in use. ResourceExhausted when the machine has no
  // memory left.
  absl::StatusOr<ArenaRun> Allocate(uint64_t size, const ChunkOwner& owner);

  // Marks the run's content as written: a later process ignores it.
  static void Retire(const ArenaRun& run);
  // Says how many bytes of the run count, behind everything stored in them.
  static void Publish(const ArenaRun& run, uint32_t size);

  // Takes back a run, and wakes those who wait for memory. A run that was not
  // retired is still found by a later process, until its blocks are used again:
  // a store that could not write everything leaves it so.
  void Free(const ArenaRun& run);

  // Waits until a run was freed after `freed_count` was read, or until
  // `deadline` of the clock's monotonic time.
  void WaitForFree(uint64_t freed_count, Clock& clock, absl::Duration deadline);
  uint64_t freed_count() const;

  // Gives back the memory of slabs that are free; called when the store idles.
  void ReleaseIdle();

  uint64_t size_max() const { return size_max_; }
  uint32_t block_size() const { return block_size_; }
  uint64_t bytes_used() const {
    return bytes_used_.load(std::memory_order_relaxed);
  }

  // Whether every run so far is in memory that outlives the process. Once false
  // it stays so.
  bool outlives_process() const {
    return memory_ != nullptr && !has_heap_slabs_.load();
  }
  // How many names the shared memory has; 0 when somebody removed it.
  absl::StatusOr<uint64_t> LinkCount() const;

 private:
  struct FreeDeleter {
    void operator()(std::byte* bytes) const;
  };
  using HeapBytes = std::unique_ptr<std::byte, FreeDeleter>;

  absl::Status AddSlab() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::byte* SlabBytes(uint32_t slab) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint64_t SlabPosition(uint32_t slab) const;

  const uint64_t size_max_;
  const uint32_t block_size_;
  const uint64_t slab_size_;
  const uint64_t first_slab_;
  std::unique_ptr<SharedMemory> memory_;
  HeapBytes heap_descriptors_;

  mutable Mutex mutex_;
  Condition freed_;
  BlockAllocator blocks_ ABSL_GUARDED_BY(mutex_);
  std::vector<HeapBytes> heap_slabs_ ABSL_GUARDED_BY(mutex_);
  std::vector<bool> is_slab_grown_ ABSL_GUARDED_BY(mutex_);
  uint64_t freed_count_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t next_serial_ ABSL_GUARDED_BY(mutex_) = 1;
  std::atomic<uint64_t> bytes_used_{0};
  std::atomic<bool> has_heap_slabs_{false};
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_CHUNK_ARENA_H_
