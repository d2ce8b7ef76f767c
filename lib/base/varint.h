#ifndef TIDEMARK_LIB_BASE_VARINT_H_
#define TIDEMARK_LIB_BASE_VARINT_H_

#include <cstddef>
#include <cstdint>

// Unsigned integers in base 128, least significant group first, and the
// zig-zag mapping for signed ones.
namespace tidemark {
inline namespace v0 {

constexpr size_t kVarintSizeMax = 10;

constexpr uint64_t ZigZagEncode(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^
         static_cast<uint64_t>(value >> 63);
}
constexpr int64_t ZigZagDecode(uint64_t value) {
  return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

constexpr size_t VarintSize(uint64_t value) {
  size_t size = 1;
  while (value >= 0x80) {
    value >>= 7;
    ++size;
  }
  return size;
}

// Writes `value` at `to`, which has room for kVarintSizeMax bytes, and returns
// the position behind it.
inline std::byte* EncodeVarint(std::byte* to, uint64_t value) {
  while (value >= 0x80) {
    *to++ = static_cast<std::byte>(value | 0x80);
    value >>= 7;
  }
  *to++ = static_cast<std::byte>(value);
  return to;
}

// The path of DecodeVarint for more than one byte.
const std::byte* DecodeLongVarint(const std::byte* from, const std::byte* end,
                                  uint64_t* value);

// Reads a varint from [from, end). Returns the position behind it, or null when
// it is cut off, longer than ten bytes, above 64 bits or not the shortest form.
inline const std::byte* DecodeVarint(const std::byte* from,
                                     const std::byte* end, uint64_t* value) {
  if (from < end && static_cast<uint8_t>(*from) < 0x80) {
    *value = static_cast<uint8_t>(*from);
    return from + 1;
  }
  return DecodeLongVarint(from, end, value);
}

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_BASE_VARINT_H_
