#ifndef TIDEMARK_LIB_BASE_BYTE_READER_H_
#define TIDEMARK_LIB_BASE_BYTE_READER_H_

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/endian.h"
#include "base/varint.h"

namespace tidemark {
inline namespace v0 {

// A bounds-checked cursor over bytes that nobody has vouched for.
//
// A read past the end, or of a varint that is malformed, returns zero and makes
// ok() false for ever; check it once behind a group of reads, and before any
// value is used as a size. Not thread-safe. Borrows the bytes.
class ByteReader {
 public:
  explicit ByteReader(ByteSpan bytes)
      : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ok() const { return ok_; }
  size_t remaining() const { return static_cast<size_t>(end_ - next_); }
  const std::byte* next() const { return next_; }

  uint8_t U8() { return Fixed<uint8_t, false>(); }
  uint16_t U16() { return Fixed<uint16_t, true>(); }
  uint32_t U32() { return Fixed<uint32_t, true>(); }
  uint64_t U64() { return Fixed<uint64_t, true>(); }
  int64_t I64() { return static_cast<int64_t>(U64()); }

  uint64_t Varint() {
    uint64_t value = 0;
    const std::byte* const behind = DecodeVarint(next_, end_, &value);
    if (behind == nullptr) {
      Fail();
      return 0;
    }
    next_ = behind;
    return value;
  }
  int64_t ZigZag() { return ZigZagDecode(Varint()); }

  // The next `size` bytes, empty when there are fewer.
  ByteSpan Bytes(uint64_t size) {
    if (size > remaining()) {
      Fail();
      return {};
    }
    const ByteSpan bytes(next_, static_cast<size_t>(size));
    next_ += size;
    return bytes;
  }

  void Fail() {
    ok_ = false;
    next_ = end_;
  }

 private:
  template <typename T, bool kSwap>
  T Fixed() {
    if (sizeof(T) > remaining()) {
      Fail();
      return 0;
    }
    T value;
    if constexpr (kSwap) {
      value = LoadLittle<T>(next_);
    } else {
      value = static_cast<T>(*next_);
    }
    next_ += sizeof(T);
    return value;
  }

  const std::byte* next_;
  const std::byte* end_;
  bool ok_ = true;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_BASE_BYTE_READER_H_
