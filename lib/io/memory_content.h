#ifndef TIDEMARK_LIB_IO_MEMORY_CONTENT_H_
#define TIDEMARK_LIB_IO_MEMORY_CONTENT_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"

namespace tidemark {
inline namespace v0 {

// The room of a file system in memory.
//
// `used` may pass `capacity` when the capacity is lowered. Thread-safe.
struct MemorySpace {
  std::atomic<uint64_t> capacity = uint64_t{16} << 30;
  std::atomic<uint64_t> used = 0;

  // Takes `size` bytes, or nothing and returns false.
  bool Take(uint64_t size);
  void GiveBack(uint64_t size) { used -= size; }
};

// The bytes of one file in memory, as they can be read and as they would be
// found after a loss of power.
//
// Pages of 4 KiB that were never written take no memory, so that sparse giants
// are cheap. A page is shared with the durable state, and with copies, until it
// is written to.
//
// Thread-compatible. Shares the space, from which every page of the current
// state is taken. Errors are error numbers; after one a write may have written
// any prefix and nothing else is changed.
class MemoryContent {
 public:
  explicit MemoryContent(std::shared_ptr<MemorySpace> space);
  MemoryContent(const MemoryContent&) = delete;
  MemoryContent& operator=(const MemoryContent&) = delete;
  ~MemoryContent();

  // Makes this one, which is new, a copy of `other` in both states.
  void CopyFrom(MemoryContent& other);

  size_t Read(uint64_t position, std::span<std::byte> out) const;
  int Write(uint64_t position, std::span<const std::byte> bytes);
  int Truncate(uint64_t size);
  int Allocate(uint64_t position, uint64_t size);
  uint64_t NextData(uint64_t position) const;

  // Makes the current state the durable one.
  void Sync();
  // Makes the durable state the current one.
  void DropUnsynced();

  uint64_t size() const { return size_; }
  uint64_t allocated_size() const;

 private:
  static constexpr size_t kPageSize = 4096;
  using Page = std::array<std::byte, kPageSize>;
  struct Slot {
    std::shared_ptr<Page> page;  // null: reserved and not yet written
    bool is_shared = false;      // somebody else may refer to the page
  };
  using Slots = absl::btree_map<uint64_t, Slot>;

  // The page `number` to write to, or null when there is no space for it.
  Page* WritablePage(uint64_t number);
  // Writes zeros from `position` to the end of its page, if that exists.
  void ZeroTail(uint64_t position);

  const std::shared_ptr<MemorySpace> space_;
  uint64_t size_ = 0;
  Slots slots_;
  uint64_t durable_size_ = 0;
  Slots durable_slots_;
  // Numbers of pages in which the two states may differ.
  absl::btree_set<uint64_t> dirty_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_MEMORY_CONTENT_H_
