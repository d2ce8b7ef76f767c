#include "fuzz/repair.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/byte_writer.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "base/endian.h"
#include "consumer/cursor_file_format.h"
#include "partition/arena_format.h"
#include "partition/meta_format.h"
#include "record/batch_format.h"
#include "record/record_codec.h"
#include "segment/segment_format.h"
#include "store/store_format.h"
#include "store/topic_format.h"

// The checksums are computed from the pages of the formats once more, and not
// by the library's own functions: those encode what they hold, never what is
// wrong.
namespace tidemark::test {
namespace {

template <typename T>
T Load(std::string_view content, size_t at) {
  return LoadLittle<T>(AsBytes(content).data() + at);
}

template <typename T>
void Put(std::string* content, size_t at, T value) {
  StoreLittle(reinterpret_cast<std::byte*>(content->data()) + at, value);
}

bool Has(std::string_view content, size_t at, size_t size) {
  return at <= content.size() && size <= content.size() - at;
}

bool HasMagic(std::string_view content, size_t at, uint64_t magic) {
  return Has(content, at, 8) && Load<uint64_t>(content, at) == magic;
}

// The checksum of several parts, one behind the other.
uint64_t ChecksumOf(std::initializer_list<std::string_view> parts) {
  std::string bytes;
  for (const std::string_view part : parts) bytes += part;
  return Checksum(AsBytes(bytes));
}

std::string PositionBytes(uint64_t position) {
  std::string bytes;
  ByteWriter(&bytes).U64(position);
  return bytes;
}

void RepairSegmentHeader(std::string* content, size_t at) {
  using namespace segment_format::header;
  const std::string_view header = std::string_view(*content).substr(at);
  Put(content, at + kChecksumAt, ChecksumOf({header.substr(0, kChecksumAt)}));
}

void RepairIndexBlock(std::string* content, size_t at,
                      const std::string& secret) {
  using namespace segment_format::index;
  if (!Has(*content, at, kHeadSize)) return;
  const std::string_view block = std::string_view(*content).substr(at);
  const size_t room = (block.size() - kHeadSize) / kEntrySize;
  const size_t count =
      std::min<size_t>(Load<uint32_t>(block, kEntryCountAt), room);
  Put(content, at + kChecksumAt,
      ChecksumOf({secret, PositionBytes(at), block.substr(0, kChecksumAt),
                  block.substr(kHeadSize, count * kEntrySize)}));
}

void RepairTrailer(std::string* content, const std::string& secret) {
  using namespace segment_format::trailer;
  if (content->size() < kSize) return;
  const size_t at = content->size() - kSize;
  if (!HasMagic(*content, at, kMagic)) return;
  const std::string_view trailer = std::string_view(*content).substr(at);
  Put(content, at + kChecksumAt,
      ChecksumOf({secret, PositionBytes(at), trailer.substr(0, kChecksumAt)}));
}

void RepairStore(std::string* content) {
  using namespace store_format;
  for (size_t slot = 0; slot < kSlotCount; ++slot) {
    const size_t at = slot * kPageSize;
    if (!Has(*content, at, kPageSize) || !HasMagic(*content, at, kMagic)) {
      continue;
    }
    const uint32_t size = Load<uint32_t>(*content, at + kSlotSizeAt);
    if (size < kSequenceAt + 8 || size > kPageSize) continue;
    const std::string_view bytes = std::string_view(*content).substr(at);
    Put(content, at + size - 8,
        ChecksumOf({PositionBytes(at), bytes.substr(0, size - 8)}));
  }
}

void RepairTopic(std::string* content) {
  using namespace topic_format;
  if (content->size() < kNamesAt + kChecksumSize) return;
  const size_t at = content->size() - kChecksumSize;
  Put(content, kFileSizeAt, static_cast<uint32_t>(content->size()));
  Put(content, at, ChecksumOf({std::string_view(*content).substr(0, at)}));
}

void RepairMeta(std::string* content) {
  using namespace meta_format;
  for (size_t slot = 0; slot < kSlotCount; ++slot) {
    const size_t at = slot * kPageSize;
    if (!Has(*content, at, kSlotSize) || !HasMagic(*content, at, kMagic)) {
      continue;
    }
    const std::string_view bytes = std::string_view(*content).substr(at);
    Put(content, at + kChecksumAt,
        ChecksumOf({PositionBytes(at), bytes.substr(0, kChecksumAt)}));
  }
}

// A slot or an extent of a cursor file, unless it is blank.
void RepairCursorSlot(std::string* content, size_t at, std::string_view ids) {
  using namespace cursor_file_format;
  const std::string_view slot =
      std::string_view(*content).substr(at, kSlotSize);
  if (slot.find_first_not_of('\0') == std::string_view::npos) return;
  Put(content, at + slot::kChecksumAt,
      ChecksumOf({ids, PositionBytes(at), slot.substr(0, slot::kChecksumAt)}));
}

void RepairCursor(std::string* content) {
  using namespace cursor_file_format;
  std::string ids;
  for (const size_t at : {size_t{0}, size_t{kPageSize}}) {
    if (!Has(*content, at, header::kSize) || !HasMagic(*content, at, kMagic)) {
      continue;
    }
    const std::string_view bytes = std::string_view(*content).substr(at);
    if (ids.empty()) ids = bytes.substr(header::kStoreIdAt, 32);
    Put(content, at + header::kChecksumAt,
        ChecksumOf({PositionBytes(at), bytes.substr(0, header::kChecksumAt)}));
  }
  for (const size_t page : {size_t{0}, size_t{kPageSize}}) {
    const size_t at = page + extent::kAt;
    if (Has(*content, at, kSlotSize)) RepairCursorSlot(content, at, ids);
  }
  for (size_t at = kFirstPairAt; Has(*content, at, kSlotSize);
       at += kSlotSize) {
    RepairCursorSlot(content, at, ids);
  }
}

void RepairArena(std::string* content) {
  using namespace arena_format;
  if (content->size() < kHeaderSize) return;
  Put(content, kHeaderChecksumAt,
      ChecksumOf({std::string_view(*content).substr(0, kHeaderChecksumAt)}));
  const uint64_t blocks = Load<uint64_t>(*content, kBlockCountAt);
  for (uint64_t block = 0; block < blocks; ++block) {
    const size_t at = kHeaderSize + block * kDescriptorSize;
    if (!Has(*content, at, kDescriptorSize)) break;
    if (Load<uint32_t>(*content, at + kStateAt) != kOpen) continue;
    const std::string_view fields = std::string_view(*content).substr(
        at + kChunkSizeAt, kDescriptorChecksumAt - kChunkSizeAt);
    Put(content, at + kDescriptorChecksumAt, ChecksumOf({fields}));
  }
}

void RepairPositions(std::string* content) {
  using namespace cursor_file_format::positions;
  if (content->size() < kHeaderSize) return;
  const std::string_view bytes = *content;
  Put(content, kChecksumAt,
      ChecksumOf({bytes.substr(0, kChecksumAt), bytes.substr(kTopicCountAt)}));
}

// Sizes, record count and offset span as the plain payload has them.
void FitHeader(std::string* content, size_t at) {
  using namespace batch_format;
  const uint64_t room = content->size() - at - kHeaderSize;
  const uint32_t size = Load<uint32_t>(*content, at + kSizeAt);
  const auto payload_size = static_cast<uint32_t>(
      std::min<uint64_t>(room, Load<uint32_t>(*content, at + kPayloadSizeAt)));
  Put(content, at + kPayloadSizeAt, payload_size);
  if (size < kHeaderSize + payload_size || size > kHeaderSize + room) {
    Put(content, at + kSizeAt,
        static_cast<uint32_t>(AlignUp(kHeaderSize + payload_size, kAlignment)));
  }
  const uint32_t attributes = Load<uint32_t>(*content, at + kAttributesAt);
  if ((attributes & kCodecMask) != 0) return;
  Put(content, at + kPlainSizeAt, payload_size);
  PayloadShape shape;
  const ByteSpan payload =
      AsBytes(*content).subspan(at + kHeaderSize, payload_size);
  if (!MeasurePayload(payload, 0, &shape)) return;
  Put(content, at + kRecordCountAt, shape.record_count);
  if (Load<uint32_t>(*content, at + kOffsetSpanAt) < shape.offset_span) {
    Put(content, at + kOffsetSpanAt, static_cast<uint32_t>(shape.offset_span));
  }
}

}  // namespace

void RepairBatch(std::string* content, size_t at, uint64_t position,
                 const std::string& secret, bool is_fitting) {
  using namespace batch_format;
  if (!Has(*content, at, kHeaderSize)) return;
  Put(content, at + kMagicAt, kMagic);
  if (is_fitting) FitHeader(content, at);
  const std::string_view batch = std::string_view(*content).substr(at);
  const uint32_t payload_size = Load<uint32_t>(batch, kPayloadSizeAt);
  if (Has(batch, kHeaderSize, payload_size)) {
    Put(content, at + kPayloadChecksumAt,
        ChecksumOf({batch.substr(kHeaderSize, payload_size)}));
  }
  Put(content, at + kHeaderChecksumAt,
      ChecksumOf({secret, PositionBytes(position),
                  batch.substr(0, kHeaderChecksumAt),
                  batch.substr(kPayloadChecksumAt,
                               kHeaderSize - kPayloadChecksumAt)}));
}

void RepairSegment(std::string* content) {
  using namespace segment_format;
  std::string secret;
  for (const size_t at : {size_t{0}, size_t{header::kCopyAt}}) {
    if (!Has(*content, at, header::kSize)) continue;
    if (!HasMagic(*content, at, header::kMagic)) continue;
    if (secret.empty()) secret = content->substr(at + header::kSecretAt, 16);
    RepairSegmentHeader(content, at);
  }
  for (size_t at = kDataPosition; Has(*content, at, 8); at += 8) {
    if (Load<uint32_t>(*content, at) == batch_format::kMagic) {
      RepairBatch(content, at, at, secret, /*is_fitting=*/false);
    } else if (HasMagic(*content, at, index::kMagic)) {
      RepairIndexBlock(content, at, secret);
    }
  }
  RepairTrailer(content, secret);
}

void RepairFile(std::string* content) {
  namespace cursor = cursor_file_format;
  const auto is_any = [&](uint64_t magic, size_t second_at) {
    return HasMagic(*content, 0, magic) || HasMagic(*content, second_at, magic);
  };
  if (is_any(segment_format::header::kMagic, segment_format::header::kCopyAt)) {
    RepairSegment(content);
  } else if (is_any(store_format::kMagic, store_format::kPageSize)) {
    RepairStore(content);
  } else if (is_any(meta_format::kMagic, meta_format::kPageSize)) {
    RepairMeta(content);
  } else if (is_any(cursor::kMagic, cursor::kPageSize)) {
    RepairCursor(content);
  } else if (HasMagic(*content, 0, topic_format::kMagic)) {
    RepairTopic(content);
  } else if (HasMagic(*content, 0, arena_format::kMagic)) {
    RepairArena(content);
  } else if (Has(*content, 0, 4) &&
             Load<uint32_t>(*content, 0) == cursor::positions::kMagic) {
    RepairPositions(content);
  }
}

}  // namespace tidemark::test
