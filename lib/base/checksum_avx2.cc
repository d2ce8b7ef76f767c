#include "base/checksum_kernels.h"

// Compiled with AVX2, whatever the rest of the build is compiled for.
#if defined(TIDEMARK_HAVE_AVX2_KERNEL)

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tidemark {
inline namespace v0 {

uint64_t ChecksumAvx2(const void* bytes, size_t size) {
  return XXH3_64bits(bytes, size);
}

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_HAVE_AVX2_KERNEL
