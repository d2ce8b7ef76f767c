#include "partition/block_allocator.h"

#include "base/check.h"

namespace tidemark {
inline namespace v0 {

BlockAllocator::BlockAllocator(uint32_t slab_order, uint32_t slab_count_max)
    : slab_order_(slab_order),
      is_present_(slab_count_max, false),
      free_order_(size_t{slab_count_max} << slab_order, kNotFree),
      next_(free_order_.size(), kNone),
      previous_(free_order_.size(), kNone),
      first_(slab_order + 1, kNone) {}

void BlockAllocator::AddSlab(uint32_t slab) {
  TIDEMARK_DCHECK(!is_present_[slab]);
  is_present_[slab] = true;
  Push(slab << slab_order_, slab_order_);
}

void BlockAllocator::RemoveSlab(uint32_t slab) {
  TIDEMARK_DCHECK(IsWhollyFree(slab));
  Unlink(slab << slab_order_, slab_order_);
  is_present_[slab] = false;
}

bool BlockAllocator::IsWhollyFree(uint32_t slab) const {
  return is_present_[slab] && free_order_[slab << slab_order_] == slab_order_;
}

std::optional<uint32_t> BlockAllocator::Allocate(uint32_t order) {
  uint32_t found = order;
  while (found <= slab_order_ && first_[found] == kNone) ++found;
  if (found > slab_order_) return std::nullopt;
  const uint32_t block = first_[found];
  Unlink(block, found);
  while (found > order) {
    --found;
    Push(block + (1u << found), found);
  }
  return block;
}

void BlockAllocator::Free(uint32_t block, uint32_t order) {
  while (order < slab_order_) {
    const uint32_t buddy = block ^ (1u << order);
    if (free_order_[buddy] != order) break;
    Unlink(buddy, order);
    block &= ~(1u << order);
    ++order;
  }
  Push(block, order);
}

void BlockAllocator::Push(uint32_t block, uint32_t order) {
  free_order_[block] = static_cast<uint8_t>(order);
  previous_[block] = kNone;
  next_[block] = first_[order];
  if (first_[order] != kNone) previous_[first_[order]] = block;
  first_[order] = block;
}

void BlockAllocator::Unlink(uint32_t block, uint32_t order) {
  free_order_[block] = kNotFree;
  if (previous_[block] != kNone) {
    next_[previous_[block]] = next_[block];
  } else {
    first_[order] = next_[block];
  }
  if (next_[block] != kNone) previous_[next_[block]] = previous_[block];
}

}  // namespace v0
}  // namespace tidemark
