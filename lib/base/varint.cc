#include "base/varint.h"

namespace tidemark {
inline namespace v0 {

const std::byte* DecodeLongVarint(const std::byte* from, const std::byte* end,
                                  uint64_t* value) {
  uint64_t result = 0;
  for (int shift = 0; shift < 70 && from < end; shift += 7) {
    const uint8_t byte = static_cast<uint8_t>(*from++);
    if (shift == 63 && byte > 1) return nullptr;
    result |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (byte == 0 && shift > 0) return nullptr;
      *value = result;
      return from;
    }
  }
  return nullptr;
}

}  // namespace v0
}  // namespace tidemark
