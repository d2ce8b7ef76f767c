#ifndef TIDEMARK_LIB_CODEC_ZSTD_CODEC_H_
#define TIDEMARK_LIB_CODEC_ZSTD_CODEC_H_

#include <cstddef>

#include "tidemark/codec.h"

namespace tidemark {
inline namespace v0 {

// The most contexts that stay allocated while no call uses them, of each kind.
// One for compressing holds about 300 KiB after a batch of 64 KiB, one for
// decompressing about 100 KiB.
constexpr size_t kIdleZstdContextsMax = 2;

// One Zstandard frame that declares its content size and uses no dictionary.
// Null in a build without Zstandard.
const Codec* ZstdCodec();

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_CODEC_ZSTD_CODEC_H_
