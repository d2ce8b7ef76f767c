#include "base/checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tidemark {
inline namespace v0 {

uint64_t Checksum(ByteSpan bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
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
