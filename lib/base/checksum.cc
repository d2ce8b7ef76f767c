#include "base/checksum.h"

#include "base/checksum_kernels.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tidemark {
inline namespace v0 {

uint64_t ChecksumBaseline(const void* bytes, size_t size) {
  return XXH3_64bits(bytes, size);
}

uint64_t Checksum(ByteSpan bytes) {
#if defined(TIDEMARK_HAVE_AVX2_KERNEL)
  // Shorter ones take another path within XXH3, which needs no vectors.
  constexpr size_t kVectorSizeMin = 256;
  if (bytes.size() >= kVectorSizeMin && __builtin_cpu_supports("avx2")) {
    return ChecksumAvx2(bytes.data(), bytes.size());
  }
#endif
  return ChecksumBaseline(bytes.data(), bytes.size());
}

uint64_t Checksum(ByteSpan first, ByteSpan second) {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, first.data(), first.size());
  XXH3_64bits_update(&state, second.data(), second.size());
  return XXH3_64bits_digest(&state);
}

}  // namespace v0
}  // namespace tidemark
