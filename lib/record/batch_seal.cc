#include "record/batch_seal.h"

#include <bit>
#include <new>

#include "base/check.h"
#include "base/checksum.h"

namespace tidemark {
inline namespace v0 {
namespace {

using namespace batch_format;

// True when `*scratch` holds `plain` in fewer bytes.
bool CompressInto(std::string* scratch, ByteSpan plain, const Codec* codec) {
  if (codec == nullptr || plain.empty()) return false;
  try {
    return codec->Compress(plain, scratch).ok() &&
           scratch->size() < plain.size();
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace

ByteSpan SealBatch(ByteSpan plain, const SealOptions& options,
                   BatchHeader* header, std::byte* to, std::string* scratch) {
  TIDEMARK_DCHECK(plain.size() <= kBatchSizeCap);
  TIDEMARK_DCHECK(options.position % kAlignment == 0);
  TIDEMARK_DCHECK(options.durable_end <= header->base_offset);
  TIDEMARK_DCHECK(std::has_single_bit(options.padding_to) &&
                  options.padding_to >= kAlignment &&
                  options.padding_to <= kPaddingCap);
  ByteSpan stored = plain;
  header->attributes &= ~kCodecMask;
  if (CompressInto(scratch, plain, options.codec)) {
    stored = AsBytes(*scratch);
    header->attributes |= static_cast<uint32_t>(options.codec->id());
  }
  const uint64_t end = AlignUp(options.position + kHeaderSize + stored.size(),
                               options.padding_to);
  header->size = static_cast<uint32_t>(end - options.position);
  header->payload_size = static_cast<uint32_t>(stored.size());
  header->plain_size = static_cast<uint32_t>(plain.size());
  header->payload_checksum = Checksum(stored);
  header->durable_end = options.durable_end;
  header->incarnation = options.incarnation;
  EncodeBatchHeader(*header, options.secret, options.position, to);
  return stored;
}

}  // namespace v0
}  // namespace tidemark
