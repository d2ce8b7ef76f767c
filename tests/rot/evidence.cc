#include "rot/evidence.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "base/bytes.h"
#include "base/checksum.h"
#include "base/endian.h"

namespace tidemark::test {
namespace {

// docs/format/partition_meta.md.
constexpr size_t kMetaPage = 4096;
constexpr size_t kMetaSlot = 128;
constexpr size_t kMetaChecksumAt = 120;
constexpr std::string_view kMetaMagic = "TMTMETA1";

// docs/format/segment.md.
constexpr size_t kTrailer = 160;
constexpr size_t kTrailerDurableEndAt = 96;
constexpr uint64_t kHeader = 128;
constexpr uint64_t kHeaderCopyAt = 512;

// docs/format/batch.md.
constexpr uint64_t kBatchHeader = 96;

template <typename T>
T Load(std::string_view bytes, size_t position) {
  return LoadLittle<T>(AsBytes(bytes.substr(position, sizeof(T))).data());
}

// Partition and topic id, by which a slot knows its place.
std::string_view IdentityIn(std::string_view slot) {
  return slot.substr(12, 20);
}

bool IsSlot(std::string_view bytes, size_t slot) {
  const size_t at = slot * kMetaPage;
  if (bytes.size() < at + kMetaSlot) return false;
  const std::string_view content = bytes.substr(at, kMetaSlot);
  std::array<std::byte, 8> position;
  StoreLittle(position.data(), uint64_t{at});
  return content.starts_with(kMetaMagic) &&
         Load<uint64_t>(content, kMetaChecksumAt) ==
             Checksum(position, AsBytes(content.substr(0, kMetaChecksumAt)));
}

// The highest mark in the slot that holds, of those with `identity`.
Offset MarkInMeta(std::string_view bytes, std::string_view identity) {
  uint64_t newest = 0;
  Offset mark = 0;
  for (const size_t slot : {0, 1}) {
    if (!IsSlot(bytes, slot)) continue;
    const std::string_view content = bytes.substr(slot * kMetaPage, kMetaSlot);
    const auto sequence = Load<uint64_t>(content, 32);
    if (IdentityIn(content) != identity || sequence < newest) continue;
    newest = sequence;
    mark = std::max({Load<Offset>(content, 40), Load<Offset>(content, 48),
                     Load<Offset>(content, 56), Load<Offset>(content, 64)});
  }
  return mark;
}

}  // namespace

Evidence::Evidence(const GoldenPartition& golden, const GoldenStore& store,
                   const Damage& damage, const std::string* meta,
                   const std::string& golden_meta)
    : golden_(golden), damage_(damage) {
  const size_t slot = IsSlot(golden_meta, 0) ? 0 : kMetaPage;
  if (meta != nullptr) {
    durable_ = MarkInMeta(
        *meta,
        IdentityIn(std::string_view(golden_meta).substr(slot, kMetaSlot)));
  }
  for (const GoldenSegment& segment : golden.segments) {
    durable_ =
        std::max(durable_, MarkOf(segment, store.files.at(segment.file)));
  }
}

bool Evidence::IsHeaderLost(const GoldenSegment& segment) const {
  return damage_.Hits(segment.file, 0, kHeader) &&
         damage_.Hits(segment.file, kHeaderCopyAt, kHeaderCopyAt + kHeader);
}

Offset Evidence::MarkOf(const GoldenSegment& segment,
                        const std::string& bytes) const {
  if (IsHeaderLost(segment)) return 0;
  Offset mark = 0;
  for (const GoldenBatch& batch : segment.batches) {
    if (batch.durable_end <= mark) continue;
    const bool is_hit = damage_.Hits(segment.file, batch.position,
                                     batch.position + kBatchHeader);
    // A batch whose end is missing is not looked at.
    const bool is_there =
        !damage_.Hits(segment.file, batch.position + batch.size - 1,
                      batch.position + batch.size);
    if (!is_hit && is_there) mark = batch.durable_end;
  }
  const size_t trailer = bytes.size() - kTrailer;
  if (segment.is_sealed &&
      !damage_.Hits(segment.file, trailer,
                    std::numeric_limits<uint64_t>::max())) {
    mark = std::max(mark, Load<Offset>(bytes, trailer + kTrailerDurableEndAt));
  }
  return mark;
}

bool Evidence::IsHit(const GoldenSegment& segment,
                     const GoldenBatch& batch) const {
  return damage_.Hits(segment.file, batch.position,
                      batch.position + batch.size);
}

bool Evidence::IsHit(Offset offset) const {
  for (const GoldenSegment& segment : golden_.segments) {
    if (offset < segment.base_offset || offset >= segment.next_offset) continue;
    if (!damage_.Touches(segment.file)) return false;
    if (IsHeaderLost(segment)) return true;
    for (const GoldenBatch& batch : segment.batches) {
      if (batch.from <= offset && offset < batch.to) {
        return IsHit(segment, batch);
      }
    }
  }
  return false;
}

bool Evidence::MayEndBefore(Offset offset) const {
  for (const GoldenSegment& segment : golden_.segments) {
    if (segment.base_offset > offset || !damage_.Touches(segment.file)) {
      continue;
    }
    if (IsHeaderLost(segment)) return true;
    for (const GoldenBatch& batch : segment.batches) {
      if (batch.from <= offset && IsHit(segment, batch)) return true;
    }
  }
  return false;
}

uint64_t Evidence::DurableSize(const GoldenSegment& segment) const {
  uint64_t size = 0;
  for (const GoldenBatch& batch : segment.batches) {
    if (batch.from < durable_) size = batch.position + batch.size;
  }
  return size;
}

}  // namespace tidemark::test
