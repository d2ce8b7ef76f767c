#include "io/memory_content.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

namespace tidemark {
inline namespace v0 {
namespace {

// As on Linux, so that both Envs refuse the same positions.
constexpr uint64_t kMaxMemoryFileSize = std::numeric_limits<int64_t>::max();

bool FitsMemoryFile(uint64_t position, uint64_t size) {
  return position <= kMaxMemoryFileSize &&
         size <= kMaxMemoryFileSize - position;
}

}  // namespace

bool MemorySpace::Take(uint64_t size) {
  uint64_t before = used.load();
  do {
    const uint64_t limit = capacity.load();
    if (before > limit || size > limit - before) return false;
  } while (!used.compare_exchange_weak(before, before + size));
  return true;
}

MemoryContent::MemoryContent(std::shared_ptr<MemorySpace> space)
    : space_(std::move(space)) {}

MemoryContent::~MemoryContent() { space_->GiveBack(allocated_size()); }

void MemoryContent::CopyFrom(MemoryContent& other) {
  for (auto& [number, slot] : other.slots_) slot.is_shared = true;
  size_ = other.size_;
  slots_ = other.slots_;
  durable_size_ = other.durable_size_;
  durable_slots_ = other.durable_slots_;
  dirty_ = other.dirty_;
  space_->used += allocated_size();
}

size_t MemoryContent::Read(uint64_t position, std::span<std::byte> out) const {
  if (position >= size_) return 0;
  const size_t count =
      static_cast<size_t>(std::min<uint64_t>(out.size(), size_ - position));
  for (size_t done = 0; done < count;) {
    const uint64_t number = (position + done) / kPageSize;
    const size_t offset = static_cast<size_t>((position + done) % kPageSize);
    const size_t part = std::min(count - done, kPageSize - offset);
    const auto found = slots_.find(number);
    if (found == slots_.end() || found->second.page == nullptr) {
      std::memset(out.data() + done, 0, part);
    } else {
      std::memcpy(out.data() + done, found->second.page->data() + offset, part);
    }
    done += part;
  }
  return count;
}

int MemoryContent::Write(uint64_t position, std::span<const std::byte> bytes) {
  if (!FitsMemoryFile(position, bytes.size())) return EFBIG;
  for (size_t done = 0; done < bytes.size();) {
    const uint64_t number = (position + done) / kPageSize;
    const size_t offset = static_cast<size_t>((position + done) % kPageSize);
    const size_t part = std::min(bytes.size() - done, kPageSize - offset);
    Page* page = WritablePage(number);
    if (page == nullptr) return ENOSPC;
    std::memcpy(page->data() + offset, bytes.data() + done, part);
    done += part;
    size_ = std::max(size_, position + done);
  }
  return 0;
}

int MemoryContent::Truncate(uint64_t size) {
  if (!FitsMemoryFile(size, 0)) return EFBIG;
  if (size < size_) {
    const uint64_t kept_pages = (size + kPageSize - 1) / kPageSize;
    auto slot = slots_.lower_bound(kept_pages);
    for (auto cut = slot; cut != slots_.end(); ++cut) dirty_.insert(cut->first);
    space_->GiveBack(kPageSize *
                     static_cast<uint64_t>(std::distance(slot, slots_.end())));
    slots_.erase(slot, slots_.end());
    ZeroTail(size);
  }
  size_ = size;
  return 0;
}

int MemoryContent::Allocate(uint64_t position, uint64_t size) {
  if (!FitsMemoryFile(position, size)) return EFBIG;
  const uint64_t begin = position / kPageSize;
  const uint64_t end = (position + size + kPageSize - 1) / kPageSize;
  const uint64_t present = static_cast<uint64_t>(
      std::distance(slots_.lower_bound(begin), slots_.lower_bound(end)));
  if (!space_->Take((end - begin - present) * kPageSize)) return ENOSPC;
  for (uint64_t number = begin; number < end; ++number) {
    if (slots_.try_emplace(number).second) dirty_.insert(number);
  }
  size_ = std::max(size_, position + size);
  return 0;
}

uint64_t MemoryContent::NextData(uint64_t position) const {
  if (position >= size_) return size_;
  for (auto slot = slots_.lower_bound(position / kPageSize);
       slot != slots_.end(); ++slot) {
    const uint64_t begin = slot->first * kPageSize;
    if (begin >= size_) break;
    if (slot->second.page != nullptr) return std::max(begin, position);
  }
  return size_;
}

void MemoryContent::Sync() {
  for (const uint64_t number : dirty_) {
    const auto slot = slots_.find(number);
    if (slot == slots_.end()) {
      durable_slots_.erase(number);
      continue;
    }
    slot->second.is_shared = true;
    durable_slots_[number] = slot->second;
  }
  dirty_.clear();
  durable_size_ = size_;
}

void MemoryContent::DropUnsynced() {
  space_->GiveBack(allocated_size());
  slots_ = durable_slots_;
  size_ = durable_size_;
  dirty_.clear();
  // Durable slots are marked as shared, so the next write copies.
  space_->used += allocated_size();
}

uint64_t MemoryContent::allocated_size() const {
  return slots_.size() * kPageSize;
}

MemoryContent::Page* MemoryContent::WritablePage(uint64_t number) {
  auto found = slots_.find(number);
  if (found == slots_.end()) {
    if (!space_->Take(kPageSize)) return nullptr;
    found = slots_.try_emplace(number).first;
  }
  // First, for what changes must not miss the next sync.
  dirty_.insert(number);
  Slot& slot = found->second;
  if (slot.page == nullptr) {
    slot.page = std::make_shared<Page>();
  } else if (slot.is_shared) {
    slot.page = std::make_shared<Page>(*slot.page);
  }
  slot.is_shared = false;
  return slot.page.get();
}

void MemoryContent::ZeroTail(uint64_t position) {
  const size_t offset = static_cast<size_t>(position % kPageSize);
  const auto found = slots_.find(position / kPageSize);
  if (offset == 0 || found == slots_.end()) return;
  if (found->second.page == nullptr) return;
  Page* page = WritablePage(position / kPageSize);  // present: takes no space
  std::memset(page->data() + offset, 0, kPageSize - offset);
}

}  // namespace v0
}  // namespace tidemark
