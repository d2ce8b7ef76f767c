#ifndef TIDEMARK_LIB_BASE_CHECKSUM_H_
#define TIDEMARK_LIB_BASE_CHECKSUM_H_

#include <cstdint>

#include "base/bytes.h"

// XXH3 with 64 bits, the checksum of every format. It finds damage; it proves
// nothing about who wrote the bytes.
namespace tidemark {
inline namespace v0 {

uint64_t Checksum(ByteSpan bytes);

// The checksum of `first` followed by `second`.
uint64_t Checksum(ByteSpan first, ByteSpan second);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_BASE_CHECKSUM_H_
