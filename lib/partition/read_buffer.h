#ifndef TIDEMARK_LIB_PARTITION_READ_BUFFER_H_
#define TIDEMARK_LIB_PARTITION_READ_BUFFER_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.h"

namespace tidemark {
inline namespace v0 {

// Memory that a reader fills and the Records it returned keep alive. Not
// initialized.
class ReadBuffer {
 public:
  explicit ReadBuffer(size_t capacity)
      : bytes_(new std::byte[capacity]), capacity_(capacity) {}

  std::byte* data() const { return bytes_.get(); }
  size_t capacity() const { return capacity_; }

 private:
  std::unique_ptr<std::byte[]> bytes_;
  size_t capacity_;
};

// Hands out buffers and uses those again that no Records keeps: fresh memory
// costs a page fault each 4 KiB. One thread at a time.
class ReadBufferPool {
 public:
  // A buffer of at least `size` bytes that nobody else holds.
  std::shared_ptr<ReadBuffer> Get(size_t size) {
    std::shared_ptr<ReadBuffer>* slot = &buffers_.front();
    for (std::shared_ptr<ReadBuffer>& buffer : buffers_) {
      if (buffer == nullptr || buffer.use_count() == 1) {
        slot = &buffer;
        if (buffer != nullptr && buffer->capacity() >= size) {
          // Another thread may have read from it last, and let it go.
          std::atomic_thread_fence(std::memory_order_acquire);
          return buffer;
        }
      }
    }
    // A little more, for the next read may be a little larger.
    auto made = std::make_shared<ReadBuffer>(AlignUp(size + size / 8, kPage));
    *slot = made;
    return made;
  }

 private:
  static constexpr size_t kPage = 4096;

  std::array<std::shared_ptr<ReadBuffer>, 4> buffers_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_READ_BUFFER_H_
