#ifndef TIDEMARK_BENCHMARKS_CRC32C_H_
#define TIDEMARK_BENCHMARKS_CRC32C_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace bench {

// The CRC-32C of `size` bytes: by the instruction of SSE4.2, which every x86
// processor since 2008 has; elsewhere bit by bit, which is too slow to compare
// anything with.
#if defined(__x86_64__)
__attribute__((target("sse4.2"))) inline uint32_t Crc32c(const char* data,
                                                         size_t size) {
  uint64_t crc = 0xffffffff;
  for (; size >= 8; size -= 8, data += 8) {
    uint64_t word;
    std::memcpy(&word, data, 8);
    crc = _mm_crc32_u64(crc, word);
  }
  auto low = static_cast<uint32_t>(crc);
  for (; size > 0; --size, ++data) {
    low = _mm_crc32_u8(low, static_cast<unsigned char>(*data));
  }
  return ~low;
}
#else
inline uint32_t Crc32c(const char* data, size_t size) {
  constexpr uint32_t kReversedPolynomial = 0x82f63b78;
  uint32_t crc = 0xffffffff;
  for (size_t i = 0; i < size; ++i) {
    crc ^= static_cast<unsigned char>(data[i]);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? kReversedPolynomial : 0);
    }
  }
  return ~crc;
}
#endif

}  // namespace bench

#endif  // TIDEMARK_BENCHMARKS_CRC32C_H_
