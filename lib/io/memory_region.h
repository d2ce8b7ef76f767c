#ifndef TIDEMARK_LIB_IO_MEMORY_REGION_H_
#define TIDEMARK_LIB_IO_MEMORY_REGION_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "io/memory_content.h"

namespace tidemark {
inline namespace v0 {

// The bytes of a file in memory that is mapped: at one address for ever.
//
// Blocks of 4 KiB below size() are backed, and then taken from the space, or
// released; released ones are zero.
//
// Thread-compatible, except that bytes() and size() may run beside Grow; what
// bytes() refers to is the caller's to synchronize.
// Errors are error numbers, after which nothing is changed.
class MemoryRegion {
 public:
  // Null when there is no memory for it.
  static std::shared_ptr<MemoryRegion> Create(
      uint64_t reserved_size, std::shared_ptr<MemorySpace> space);
  ~MemoryRegion();
  MemoryRegion(const MemoryRegion&) = delete;
  MemoryRegion& operator=(const MemoryRegion&) = delete;

  // A region of its own with the same bytes.
  std::shared_ptr<MemoryRegion> Copy(std::shared_ptr<MemorySpace> space) const;

  int Grow(uint64_t size);
  void Release(uint64_t position, uint64_t size);
  int Reserve(uint64_t position, uint64_t size);
  size_t Read(uint64_t position, std::span<std::byte> out) const;
  // Writes within size(), else EOPNOTSUPP.
  int Write(uint64_t position, std::span<const std::byte> bytes);
  // What a loss of power leaves of a mapped file: its size.
  void Clear();

  std::span<std::byte> bytes() {
    return {base_.get(), static_cast<size_t>(size_)};
  }
  uint64_t size() const { return size_; }
  uint64_t reserved_size() const { return reserved_size_; }
  uint64_t allocated_size() const { return allocated_size_; }

 private:
  struct Free {
    void operator()(std::byte* base) const { std::free(base); }
  };

  MemoryRegion(std::byte* base, uint64_t reserved_size,
               std::shared_ptr<MemorySpace> space);

  const std::unique_ptr<std::byte[], Free> base_;
  const uint64_t reserved_size_;
  const std::shared_ptr<MemorySpace> space_;
  std::atomic<uint64_t> size_ = 0;
  uint64_t allocated_size_ = 0;
  std::vector<bool> is_backed_;  // one for each block below size_
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_MEMORY_REGION_H_
