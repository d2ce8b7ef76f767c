#ifndef TIDEMARK_LIB_PARTITION_BLOCK_ALLOCATOR_H_
#define TIDEMARK_LIB_PARTITION_BLOCK_ALLOCATOR_H_

#include <cstdint>
#include <optional>
#include <vector>

namespace tidemark {
inline namespace v0 {

// A buddy allocator over numbered blocks, without the memory behind them.
//
// Runs of 2^order blocks are given out, aligned to their size, the run freed
// last first, so that few and warm blocks circulate. Blocks exist once their
// slab was added. Not thread-safe. Allocates only in the constructor.
class BlockAllocator {
 public:
  // Slabs have 2^`slab_order` blocks; at most `slab_count_max` are added.
  BlockAllocator(uint32_t slab_order, uint32_t slab_count_max);

  // Adds the blocks of slab `slab`, which is not present.
  void AddSlab(uint32_t slab);
  // Takes back a slab all of whose blocks are free.
  void RemoveSlab(uint32_t slab);
  bool IsPresent(uint32_t slab) const { return is_present_[slab]; }
  bool IsWhollyFree(uint32_t slab) const;

  // The first block of a free run, none when no slab has one.
  std::optional<uint32_t> Allocate(uint32_t order);
  void Free(uint32_t block, uint32_t order);

  uint32_t slab_order() const { return slab_order_; }
  uint32_t slab_count_max() const {
    return static_cast<uint32_t>(is_present_.size());
  }

 private:
  static constexpr uint32_t kNone = 0xffffffff;
  static constexpr uint8_t kNotFree = 0xff;

  void Push(uint32_t block, uint32_t order);
  void Unlink(uint32_t block, uint32_t order);

  const uint32_t slab_order_;
  std::vector<bool> is_present_;
  std::vector<uint8_t> free_order_;  // of a free run's first block
  std::vector<uint32_t> next_;       // in the list of its order
  std::vector<uint32_t> previous_;
  std::vector<uint32_t> first_;  // of each order
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_BLOCK_ALLOCATOR_H_
