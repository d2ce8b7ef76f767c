#include "consumer/cursor_slot.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/byte_reader.h"
#include "base/checksum.h"
#include "base/endian.h"
#include "consumer/cursor_file_format.h"

namespace tidemark {
inline namespace v0 {
namespace {

namespace format = cursor_file_format;

bool IsZero(ByteSpan bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](std::byte b) { return b == std::byte{0}; });
}

// The checksum of a slot: ids of store and file, position, the slot's bytes.
uint64_t SlotChecksum(ByteSpan slot, const CursorFileIdentity& identity,
                      uint64_t position) {
  std::array<std::byte, 40> salt;
  std::memcpy(salt.data(), identity.store_id.bytes.data(), 16);
  std::memcpy(salt.data() + 16, identity.file_id.bytes.data(), 16);
  StoreLittle(salt.data() + 32, position);
  return Checksum(salt, slot.first(format::slot::kChecksumAt));
}

uint64_t HeaderChecksum(ByteSpan header, uint64_t position) {
  std::array<std::byte, 8> salt;
  StoreLittle(salt.data(), position);
  return Checksum(salt, header.first(format::header::kChecksumAt));
}

void CopyId(const Id128& id, std::byte* to) {
  std::memcpy(to, id.bytes.data(), id.bytes.size());
}

Id128 LoadId(const std::byte* from) {
  Id128 id;
  std::memcpy(id.bytes.data(), from, id.bytes.size());
  return id;
}

bool FieldsAreValid(const CursorSlot& slot, uint8_t kind, uint8_t level,
                    uint16_t reserved) {
  if (slot.sequence == 0 || slot.key.partition < 0 || reserved != 0) {
    return false;
  }
  if (kind == format::kClaim) {
    return level == 0 && slot.offset == 0 && slot.incarnation == 0 &&
           slot.commit_time == 0;
  }
  return kind == format::kCommit && slot.offset >= 0 &&
         (level == format::kLevelProcess || level == format::kLevelDisk);
}

}  // namespace

void EncodeCursorHeader(const CursorFileIdentity& identity, uint64_t position,
                        std::byte* to) {
  namespace header = format::header;
  std::memset(to, 0, header::kSize);
  StoreLittle(to + header::kMagicAt, format::kMagic);
  StoreLittle(to + header::kVersionAt, format::kVersion);
  CopyId(identity.store_id, to + header::kStoreIdAt);
  CopyId(identity.file_id, to + header::kFileIdAt);
  const size_t size = std::min(identity.name.size(), header::kNameSizeMax);
  StoreLittle(to + header::kNameSizeAt, static_cast<uint32_t>(size));
  std::memcpy(to + header::kNameAt, identity.name.data(), size);
  StoreLittle(to + header::kChecksumAt,
              HeaderChecksum({to, header::kSize}, position));
}

CursorBytes DecodeCursorHeader(ByteSpan bytes, uint64_t position,
                               CursorFileIdentity* identity) {
  namespace header = format::header;
  if (bytes.size() < header::kSize) return CursorBytes::kDamaged;
  const std::byte* const from = bytes.data();
  if (LoadLittle<uint64_t>(from + header::kMagicAt) != format::kMagic ||
      LoadLittle<uint64_t>(from + header::kChecksumAt) !=
          HeaderChecksum(bytes.first(header::kSize), position)) {
    return IsZero(bytes.first(header::kSize)) ? CursorBytes::kBlank
                                              : CursorBytes::kDamaged;
  }
  const uint32_t version = LoadLittle<uint32_t>(from + header::kVersionAt);
  if (version > format::kVersion) return CursorBytes::kNewerVersion;
  const uint32_t size = LoadLittle<uint32_t>(from + header::kNameSizeAt);
  if (version != format::kVersion || size == 0 || size > header::kNameSizeMax ||
      LoadLittle<uint32_t>(from + header::kReservedAt) != 0 ||
      LoadLittle<uint32_t>(from + header::kReserved2At) != 0 ||
      !IsZero({from + header::kNameAt + size, from + header::kChecksumAt})) {
    return CursorBytes::kDamaged;
  }
  identity->store_id = LoadId(from + header::kStoreIdAt);
  identity->file_id = LoadId(from + header::kFileIdAt);
  identity->name = AsText({from + header::kNameAt, size});
  return CursorBytes::kValid;
}

void EncodeCursorExtent(const CursorFileIdentity& identity, uint64_t position,
                        uint32_t pair_count, std::byte* to) {
  namespace at = format::extent;
  std::memset(to, 0, format::kSlotSize);
  StoreLittle(to + at::kPairCountAt, pair_count);
  StoreLittle(to + at::kChecksumAt,
              SlotChecksum({to, format::kSlotSize}, identity, position));
}

CursorBytes DecodeCursorExtent(ByteSpan bytes,
                               const CursorFileIdentity& identity,
                               uint64_t position, uint32_t* pair_count) {
  namespace at = format::extent;
  if (bytes.size() < format::kSlotSize) return CursorBytes::kDamaged;
  const ByteSpan own = bytes.first(format::kSlotSize);
  if (IsZero(own)) return CursorBytes::kBlank;
  const std::byte* const from = own.data();
  const uint32_t count = LoadLittle<uint32_t>(from + at::kPairCountAt);
  if (LoadLittle<uint64_t>(from + at::kChecksumAt) !=
          SlotChecksum(own, identity, position) ||
      count == 0 || count > format::kPairsMax ||
      !IsZero({from + at::kReservedAt, from + at::kChecksumAt})) {
    return CursorBytes::kDamaged;
  }
  *pair_count = count;
  return CursorBytes::kValid;
}

void EncodeCursorSlot(const CursorSlot& slot,
                      const CursorFileIdentity& identity, uint64_t position,
                      std::byte* to) {
  namespace at = format::slot;
  std::memset(to, 0, format::kSlotSize);
  StoreLittle(to + at::kSequenceAt, slot.sequence);
  CopyId(slot.key.topic_id, to + at::kTopicIdAt);
  StoreLittle(to + at::kPartitionAt, static_cast<uint32_t>(slot.key.partition));
  to[at::kKindAt] = std::byte{format::kClaim};
  if (slot.is_commit) {
    to[at::kKindAt] = std::byte{format::kCommit};
    to[at::kLevelAt] = slot.level == Ack::kDisk
                           ? std::byte{format::kLevelDisk}
                           : std::byte{format::kLevelProcess};
    StoreLittle(to + at::kOffsetAt, slot.offset);
    StoreLittle(to + at::kIncarnationAt, slot.incarnation);
    StoreLittle(to + at::kTimeAt, slot.commit_time);
  }
  StoreLittle(to + at::kChecksumAt,
              SlotChecksum({to, format::kSlotSize}, identity, position));
}

CursorBytes DecodeCursorSlot(ByteSpan bytes, const CursorFileIdentity& identity,
                             uint64_t position, CursorSlot* slot) {
  namespace at = format::slot;
  if (bytes.size() < format::kSlotSize) return CursorBytes::kDamaged;
  const ByteSpan own = bytes.first(format::kSlotSize);
  if (IsZero(own)) return CursorBytes::kBlank;
  const std::byte* const from = own.data();
  if (LoadLittle<uint64_t>(from + at::kChecksumAt) !=
      SlotChecksum(own, identity, position)) {
    return CursorBytes::kDamaged;
  }
  const auto kind = static_cast<uint8_t>(from[at::kKindAt]);
  const auto level = static_cast<uint8_t>(from[at::kLevelAt]);
  slot->sequence = LoadLittle<uint64_t>(from + at::kSequenceAt);
  slot->key.topic_id = LoadId(from + at::kTopicIdAt);
  slot->key.partition = static_cast<PartitionNumber>(
      LoadLittle<uint32_t>(from + at::kPartitionAt));
  slot->is_commit = kind == format::kCommit;
  slot->level = static_cast<Ack>(level);
  slot->offset = LoadLittle<int64_t>(from + at::kOffsetAt);
  slot->incarnation = LoadLittle<uint64_t>(from + at::kIncarnationAt);
  slot->commit_time = LoadLittle<int64_t>(from + at::kTimeAt);
  const auto reserved = LoadLittle<uint16_t>(from + at::kReservedAt);
  if (!FieldsAreValid(*slot, kind, level, reserved)) {
    return CursorBytes::kDamaged;
  }
  if (!slot->is_commit) slot->level = Ack::kMemory;
  return CursorBytes::kValid;
}

uint64_t CursorExtentPosition(int copy) {
  return static_cast<uint64_t>(copy) * format::kPageSize + format::extent::kAt;
}

uint64_t CursorSlotPosition(uint32_t entry, int copy) {
  const uint64_t pair = entry / format::kEntriesPerPair;
  const uint64_t place = entry % format::kEntriesPerPair;
  return format::kFirstPairAt + pair * format::kPairSize +
         static_cast<uint64_t>(copy) * format::kPageSize +
         place * format::kSlotSize;
}

uint64_t CursorLockPosition(const CursorKey& key) {
  const uint64_t topic = LoadLittle<uint64_t>(key.topic_id.bytes.data()) &
                         ((uint64_t{1} << format::kLockTopicBits) - 1);
  return format::kLockBase + (topic << format::kLockPartitionBits) +
         static_cast<uint64_t>(key.partition);
}

}  // namespace v0
}  // namespace tidemark
