#ifndef TIDEMARK_LIB_CODEC_LZ4_CODEC_H_
#define TIDEMARK_LIB_CODEC_LZ4_CODEC_H_

#include "tidemark/codec.h"

namespace tidemark {
inline namespace v0 {

// One LZ4 block without a frame. Keeps no memory between calls. Null in a build
// without LZ4.
const Codec* Lz4Codec();

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_CODEC_LZ4_CODEC_H_
