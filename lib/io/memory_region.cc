#include "io/memory_region.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "io/shared_memory_rules.h"

namespace tidemark {
inline namespace v0 {
namespace {

// Far above any use; allocators that check their callers abort on more.
constexpr uint64_t kLargestRegion = uint64_t{64} << 30;

}  // namespace

std::shared_ptr<MemoryRegion> MemoryRegion::Create(
    uint64_t reserved_size, std::shared_ptr<MemorySpace> space) {
  if (reserved_size > kLargestRegion) return nullptr;
  // Fresh zero pages of the system: nothing is touched before it is used.
  void* base = std::calloc(reserved_size, 1);
  if (base == nullptr) return nullptr;
  return std::shared_ptr<MemoryRegion>(new MemoryRegion(
      static_cast<std::byte*>(base), reserved_size, std::move(space)));
}

MemoryRegion::MemoryRegion(std::byte* base, uint64_t reserved_size,
                           std::shared_ptr<MemorySpace> space)
    : base_(base), reserved_size_(reserved_size), space_(std::move(space)) {}

MemoryRegion::~MemoryRegion() { space_->GiveBack(allocated_size_); }

std::shared_ptr<MemoryRegion> MemoryRegion::Copy(
    std::shared_ptr<MemorySpace> space) const {
  std::shared_ptr<MemoryRegion> copy = Create(reserved_size_, std::move(space));
  if (copy == nullptr) return nullptr;
  if (size_ > 0) std::memcpy(copy->base_.get(), base_.get(), size_);
  copy->size_ = size_.load();
  copy->allocated_size_ = allocated_size_;
  copy->is_backed_ = is_backed_;
  copy->space_->used += allocated_size_;
  return copy;
}

int MemoryRegion::Grow(uint64_t size) {
  if (!space_->Take(size - size_)) return ENOSPC;
  is_backed_.resize(size / kSharedMemoryBlock, true);
  allocated_size_ += size - size_;
  size_ = size;
  return 0;
}

void MemoryRegion::Release(uint64_t position, uint64_t size) {
  std::memset(base_.get() + position, 0, size);
  for (uint64_t at = position; at < position + size; at += kSharedMemoryBlock) {
    if (!is_backed_[at / kSharedMemoryBlock]) continue;
    is_backed_[at / kSharedMemoryBlock] = false;
    allocated_size_ -= kSharedMemoryBlock;
    space_->GiveBack(kSharedMemoryBlock);
  }
}

int MemoryRegion::Reserve(uint64_t position, uint64_t size) {
  const auto begin = is_backed_.begin() +
                     static_cast<ptrdiff_t>(position / kSharedMemoryBlock);
  const auto end = begin + static_cast<ptrdiff_t>(size / kSharedMemoryBlock);
  const uint64_t missing =
      static_cast<uint64_t>(std::count(begin, end, false)) * kSharedMemoryBlock;
  if (!space_->Take(missing)) return ENOSPC;
  std::fill(begin, end, true);
  allocated_size_ += missing;
  return 0;
}

size_t MemoryRegion::Read(uint64_t position, std::span<std::byte> out) const {
  if (position >= size_ || out.empty()) return 0;
  const size_t count =
      static_cast<size_t>(std::min<uint64_t>(out.size(), size_ - position));
  std::memcpy(out.data(), base_.get() + position, count);
  return count;
}

int MemoryRegion::Write(uint64_t position, std::span<const std::byte> bytes) {
  if (position > size_ || bytes.size() > size_ - position) return EOPNOTSUPP;
  if (!bytes.empty()) {
    std::memcpy(base_.get() + position, bytes.data(), bytes.size());
  }
  return 0;
}

void MemoryRegion::Clear() {
  if (size_ > 0) std::memset(base_.get(), 0, size_);
}

}  // namespace v0
}  // namespace tidemark
