#ifndef TIDEMARK_LIB_BASE_BYTE_WRITER_H_
#define TIDEMARK_LIB_BASE_BYTE_WRITER_H_

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/endian.h"
#include "base/varint.h"

namespace tidemark {
inline namespace v0 {

// Appends little-endian values to a string that it borrows. Not thread-safe.
class ByteWriter {
 public:
  explicit ByteWriter(std::string* target) : target_(*target) {}

  void U8(uint8_t value) { target_.push_back(static_cast<char>(value)); }
  void U16(uint16_t value) { Fixed(value); }
  void U32(uint32_t value) { Fixed(value); }
  void U64(uint64_t value) { Fixed(value); }
  void I64(int64_t value) { Fixed(static_cast<uint64_t>(value)); }

  void Varint(uint64_t value) {
    std::byte buffer[kVarintSizeMax];
    const std::byte* const end = EncodeVarint(buffer, value);
    target_.append(reinterpret_cast<const char*>(buffer),
                   static_cast<size_t>(end - buffer));
  }
  void Text(std::string_view text) { target_.append(text); }
  void Bytes(ByteSpan bytes) { target_.append(AsText(bytes)); }
  void Zeros(size_t count) { target_.append(count, '\0'); }

 private:
  template <typename T>
  void Fixed(T value) {
    std::byte buffer[sizeof(T)];
    StoreLittle(buffer, value);
    target_.append(reinterpret_cast<const char*>(buffer), sizeof(T));
  }

  std::string& target_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_BASE_BYTE_WRITER_H_
