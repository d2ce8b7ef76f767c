#include "partition/meta_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/checksum.h"
#include "base/slack.h"
#include "base/status_macros.h"
#include "io/errno_status.h"
#include "partition/meta_format.h"
#include "partition/recovery_files.h"
#include "segment/file_names.h"
#include "segment/retrying_read.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

using namespace meta_format;

enum class SlotState : uint8_t { kBlank, kValid, kDamaged, kNewerFormat };

struct Slot {
  SlotState state = SlotState::kBlank;
  uint32_t version = 0;
  bool is_foreign = false;  // damaged for no other reason
  uint64_t sequence = 0;
  PartitionMeta meta;
};

bool IsZero(ByteSpan bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](std::byte byte) { return byte == std::byte{0}; });
}

// Over the slot's position in the file and the slot without its checksum, so
// that a slot in the place of the other does not pass.
uint64_t SlotChecksum(size_t slot, ByteSpan bytes) {
  std::array<std::byte, 8> position;
  StoreLittle(position.data(), uint64_t{slot} * kPageSize);
  return Checksum(position, bytes.first(kChecksumAt));
}

std::string EncodeSlot(const PartitionMeta& meta, uint64_t sequence,
                       size_t slot, const SegmentIdentity& identity) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.U64(kMagic);
  writer.U32(kVersion);
  writer.U32(static_cast<uint32_t>(identity.partition));
  writer.Bytes(identity.topic_id.bytes);
  writer.U64(sequence);
  writer.I64(meta.start);
  writer.I64(meta.highest_segment);
  writer.I64(meta.durable_end);
  writer.I64(meta.clean_end);
  writer.U64(meta.clean_incarnation);
  writer.I64(meta.cut_offset);
  writer.U64(meta.cut_incarnation);
  writer.Zeros(kChecksumAt - kReservedAt);
  writer.U64(SlotChecksum(slot, AsBytes(bytes)));
  return bytes;
}

bool FieldsAreValid(const PartitionMeta& meta) {
  return meta.start >= 0 && meta.highest_segment >= -1 &&
         meta.durable_end >= 0 && meta.clean_end >= -1 && meta.cut_offset >= -1;
}

Slot DecodeSlot(ByteSpan bytes, size_t slot, const SegmentIdentity& identity) {
  Slot result;
  if (IsZero(bytes)) return result;
  result.state = SlotState::kDamaged;
  if (bytes.size() < kSlotSize) return result;
  ByteReader reader(bytes.first(kSlotSize));
  if (reader.U64() != kMagic ||
      LoadLittle<uint64_t>(bytes.data() + kChecksumAt) !=
          SlotChecksum(slot, bytes)) {
    return result;
  }
  const uint32_t version = reader.U32();
  result.version = version;
  if (version > kVersion) {
    result.state = SlotState::kNewerFormat;
    return result;
  }
  const uint32_t partition = reader.U32();
  const ByteSpan topic_id = reader.Bytes(identity.topic_id.bytes.size());
  result.sequence = reader.U64();
  result.meta.start = reader.I64();
  result.meta.highest_segment = reader.I64();
  result.meta.durable_end = reader.I64();
  result.meta.clean_end = reader.I64();
  result.meta.clean_incarnation = reader.U64();
  result.meta.cut_offset = reader.I64();
  result.meta.cut_incarnation = reader.U64();
  const ByteSpan reserved = reader.Bytes(kChecksumAt - kReservedAt);
  if (version == kVersion && IsZero(reserved) && FieldsAreValid(result.meta)) {
    result.is_foreign =
        partition != static_cast<uint32_t>(identity.partition) ||
        !std::equal(topic_id.begin(), topic_id.end(),
                    identity.topic_id.bytes.begin());
    if (!result.is_foreign) result.state = SlotState::kValid;
  }
  return result;
}

// One more than a file has that is as long as it should be.
using FileBytes = std::array<std::byte, kFileSize + 1>;
using Slots = std::array<Slot, kSlotCount>;

Slots DecodeSlots(ByteSpan bytes, const SegmentIdentity& identity) {
  Slots slots;
  for (size_t i = 0; i < kSlotCount; ++i) {
    const size_t at = std::min<size_t>(bytes.size(), i * kPageSize);
    const size_t size = std::min<size_t>(bytes.size() - at, kPageSize);
    slots[i] = DecodeSlot(bytes.subspan(at, size), i, identity);
  }
  return slots;
}

bool HasDamagedSlot(const Slots& slots) {
  return std::any_of(slots.begin(), slots.end(), [](const Slot& slot) {
    return slot.state == SlotState::kDamaged;
  });
}

// Adds slot `i` if it is neither valid nor as blank as a file has it that was
// stored only once. The other one is valid.
void CheckSlot(ByteSpan bytes, const Slots& slots, size_t i,
               std::vector<DamagedRange>* damage) {
  if (slots[i].state == SlotState::kValid) return;
  const size_t at = std::min<size_t>(bytes.size(), i * kPageSize);
  const size_t size = std::min(bytes.size() - at, kSlotSize);
  const bool is_blank = IsZero(bytes.subspan(at, size));
  if (is_blank && i == 1 && slots[0].sequence == 1) return;
  damage->push_back({.file = kFileName,
                     .position = i * kPageSize,
                     .size = kSlotSize,
                     .what = is_blank ? "slot lost" : "slot damaged",
                     .may_be_torn = true});
}

}  // namespace

MetaFile::MetaFile(Directory& root, std::string_view directory,
                   const SegmentIdentity& identity)
    : root_(root),
      directory_(directory),
      path_(JoinPath(directory, kFileName)),
      identity_(identity) {}

absl::StatusOr<std::unique_ptr<MetaFile>> MetaFile::Load(
    Directory& root, std::string_view directory,
    const SegmentIdentity& identity) {
  std::unique_ptr<MetaFile> meta(new MetaFile(root, directory, identity));
  TIDEMARK_RETURN_IF_ERROR(meta->ReadSlots());
  if (meta->state_ != MetaState::kValid) {
    const bool is_missing = meta->state_ == MetaState::kMissing;
    meta->damage_ = {{.file = kFileName,
                      .position = 0,
                      .size = kFileSize,
                      .what = is_missing ? "missing" : "no valid slot"}};
  }
  return meta;
}

absl::Status MetaFile::ReadSlots() {
  absl::StatusOr<std::unique_ptr<File>> file =
      root_.OpenFile(path_, FileAccess::kReadOnly);
  if (absl::IsNotFound(file.status())) {
    const absl::Status absent = ConfirmAbsent(root_, path_, file.status());
    return absl::IsNotFound(absent) ? absl::OkStatus() : absent;
  }
  TIDEMARK_RETURN_IF_ERROR(file.status());
  FileBytes bytes;
  TIDEMARK_ASSIGN_OR_RETURN(size_t count, ReadRetrying(**file, 0, bytes));
  Slots slots = DecodeSlots(ByteSpan(bytes).first(count), identity_);
  if (HasDamagedSlot(slots)) {
    // A writer may have been at work on it.
    TIDEMARK_ASSIGN_OR_RETURN(count, ReadRetrying(**file, 0, bytes));
    slots = DecodeSlots(ByteSpan(bytes).first(count), identity_);
  }
  is_complete_ = count >= kFileSize;
  for (size_t i = 0; i < kSlotCount; ++i) {
    const Slot& slot = slots[i];
    if (slot.state == SlotState::kNewerFormat) {
      return WithReason(absl::UnimplementedError(
                            fmt::format("{}: format {}, this version reads {}",
                                        path_, slot.version, kVersion)),
                        ErrorReason::kNewerFormat);
    }
    if (slot.state != SlotState::kValid || slot.sequence <= sequence_) continue;
    state_ = MetaState::kValid;
    meta_ = slot.meta;
    sequence_ = slot.sequence;
    newest_slot_ = i;
  }
  if (state_ != MetaState::kValid) {
    if (HasDamagedSlot(slots)) state_ = MetaState::kDamaged;
    is_foreign_ = std::any_of(slots.begin(), slots.end(),
                              [](const Slot& slot) { return slot.is_foreign; });
    return absl::OkStatus();
  }
  uint64_t file_size = count;
  if (count > kFileSize) {
    TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat, (*file)->Stat());
    file_size = stat.size;
  }
  damage_.clear();
  const ByteSpan whole = ByteSpan(bytes).first(count);
  for (size_t i = 0; i < kSlotCount; ++i) {
    CheckSlot(whole, slots, i, &damage_);
    CheckZeros(whole, i * kPageSize + kSlotSize, (i + 1) * kPageSize, kFileName,
               "bytes behind a slot", &damage_);
  }
  CheckSize(file_size, kFileSize, kFileName, &damage_);
  return absl::OkStatus();
}

absl::Status MetaFile::Store(const PartitionMeta& meta) {
  TIDEMARK_RETURN_IF_ERROR(failure_);
  absl::StatusOr<std::unique_ptr<File>> file =
      root_.OpenFile(path_, FileAccess::kReadWrite);
  if (file.status().code() == absl::StatusCode::kNotFound) {
    file = root_.CreateFile(path_);
    is_complete_ = false;
  }
  // Nothing was written yet: without a descriptor, say, the next try may do.
  TIDEMARK_RETURN_IF_ERROR(file.status());
  const absl::Status status = StoreTo(**file, meta);
  // A slot that was not written for want of space may be written again.
  // So may one behind which the directory was not even opened.
  if (!status.ok() && !IsDiskFull(status) && !IsSyncNotBegun(status)) {
    failure_ = status;
  }
  return status;
}

absl::Status MetaFile::StoreTo(File& file, const PartitionMeta& meta) {
  if (!is_complete_ && state_ == MetaState::kMissing) {
    const std::string zeros(kFileSize, '\0');
    TIDEMARK_RETURN_IF_ERROR(file.WriteAt(0, AsBytes(zeros)));
  }
  const size_t slot = 1 - newest_slot_;
  const std::string bytes = EncodeSlot(meta, sequence_ + 1, slot, identity_);
  TIDEMARK_RETURN_IF_ERROR(file.WriteAt(slot * kPageSize, AsBytes(bytes)));
  TIDEMARK_RETURN_IF_ERROR(Finish(file));
  state_ = MetaState::kValid;
  meta_ = meta;
  ++sequence_;
  newest_slot_ = slot;
  return absl::OkStatus();
}

absl::Status MetaFile::Finish(File& file) {
  absl::Status status = is_complete_ ? file.Sync() : file.SyncAll();
  if (status.ok() && !is_complete_) {
    status = root_.Sync(directory_);
    if (IsSyncNotBegun(status)) return status;
  }
  if (status.ok()) {
    is_complete_ = true;
    return status;
  }
  // Sticky whatever its code: what a failed sync has lost nobody knows. The
  // system may go on to show a slot that is not on the disk; the next owner
  // must not believe it and overwrite the other one.
  failure_ = status;
  const std::string zeros(kSlotSize, '\0');
  file.WriteAt((1 - newest_slot_) * kPageSize, AsBytes(zeros)).IgnoreError();
  return status;
}

}  // namespace v0
}  // namespace tidemark
