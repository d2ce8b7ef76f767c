#ifndef TIDEMARK_LIB_BASE_ENDIAN_H_
#define TIDEMARK_LIB_BASE_ENDIAN_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

// Little-endian load and store of fixed-width integers at any alignment.
namespace tidemark {
inline namespace v0 {

template <typename T>
constexpr T ByteSwap(T value) {
  static_assert(sizeof(T) == 2 || sizeof(T) == 4 || sizeof(T) == 8);
  if constexpr (sizeof(T) == 2) {
    return static_cast<T>(__builtin_bswap16(value));
  } else if constexpr (sizeof(T) == 4) {
    return static_cast<T>(__builtin_bswap32(value));
  } else {
    return static_cast<T>(__builtin_bswap64(value));
  }
}

template <typename T>
inline T LoadLittle(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  if constexpr (std::endian::native == std::endian::big) {
    value = ByteSwap(value);
  }
  return value;
}

template <typename T>
inline void StoreLittle(std::byte* to, T value) {
  if constexpr (std::endian::native == std::endian::big) {
    value = ByteSwap(value);
  }
  std::memcpy(to, &value, sizeof(value));
}

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_BASE_ENDIAN_H_
