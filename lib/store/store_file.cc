#include "store/store_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/checksum.h"
#include "base/endian.h"
#include "base/slack.h"
#include "base/status_macros.h"
#include "segment/retrying_read.h"
#include "store/atomic_file.h"
#include "store/layout.h"
#include "store/store_format.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

using namespace store_format;

bool IsZero(ByteSpan bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](std::byte byte) { return byte == std::byte{0}; });
}

void EncodeArena(const ArenaPlace& arena, ByteWriter* writer) {
  writer->U16(static_cast<uint16_t>(arena.kind));
  writer->U16(static_cast<uint16_t>(arena.name.size()));
  writer->U16(static_cast<uint16_t>(arena.directory.size()));
  writer->Zeros(kArenaBootAt - kArenaReservedAt);
  writer->U64(arena.boot);
  writer->Text(arena.name);
  writer->Zeros(kArenaNameMax - arena.name.size());
  writer->Text(arena.directory);
  writer->Zeros(kArenaDirectoryMax - arena.directory.size());
}

// A text that fills `size` bytes of a field of `room` bytes and zeros behind.
bool DecodeText(ByteReader* reader, uint16_t size, size_t room,
                std::string* text) {
  const ByteSpan field = reader->Bytes(room);
  if (!reader->ok() || size > room || !IsZero(field.subspan(size))) {
    return false;
  }
  *text = AsText(field.first(size));
  return text->find('\0') == std::string::npos;
}

bool DecodeArena(ByteReader* reader, ArenaPlace* arena) {
  const uint16_t kind = reader->U16();
  const uint16_t name_size = reader->U16();
  const uint16_t directory_size = reader->U16();
  const uint16_t reserved = reader->U16();
  arena->boot = reader->U64();
  if (!DecodeText(reader, name_size, kArenaNameMax, &arena->name) ||
      !DecodeText(reader, directory_size, kArenaDirectoryMax,
                  &arena->directory)) {
    return false;
  }
  if (kind > static_cast<uint16_t>(ArenaKind::kStoreFile)) return false;
  arena->kind = static_cast<ArenaKind>(kind);
  const bool has_name = !arena->name.empty();
  return reserved == 0 && has_name == (arena->kind != ArenaKind::kNone) &&
         arena->name.find('/') == std::string::npos;
}

absl::Status CheckArena(const ArenaPlace& arena) {
  if (arena.name.size() > kArenaNameMax ||
      arena.directory.size() > kArenaDirectoryMax) {
    return absl::InvalidArgumentError(fmt::format(
        "arena {} in {}: {} and {} bytes, at most {} and {} can be recorded",
        arena.name, arena.directory, arena.name.size(), arena.directory.size(),
        kArenaNameMax, kArenaDirectoryMax));
  }
  return absl::OkStatus();
}

// Over the slot's position in the file and the slot without its checksum.
uint64_t SlotChecksum(size_t slot, ByteSpan bytes) {
  std::byte position[8];
  StoreLittle(position, uint64_t{slot * kPageSize});
  return Checksum(position, bytes);
}

// The version of the slot in `page`, of kPageSize bytes, if it is valid by the
// rules that hold for every version; else 0.
uint32_t VersionOfSoundSlot(ByteSpan page, size_t slot) {
  if (LoadLittle<uint64_t>(page.data() + kMagicAt) != kMagic) return 0;
  const uint32_t size = LoadLittle<uint32_t>(page.data() + kSlotSizeAt);
  if (size < kSequenceAt + 8 || size > kPageSize) return 0;
  const auto expected = LoadLittle<uint64_t>(page.data() + size - 8);
  if (SlotChecksum(slot, page.first(size - 8)) != expected) return 0;
  return LoadLittle<uint32_t>(page.data() + kVersionAt);
}

using Slots = std::array<StoreSlot, kSlotCount>;

Slots DecodeSlots(ByteSpan bytes) {
  Slots slots;
  for (size_t i = 0; i < kSlotCount; ++i) {
    const size_t from = std::min(i * kPageSize, bytes.size());
    const size_t to = std::min(from + kPageSize, bytes.size());
    slots[i] = DecodeStoreSlot(bytes.subspan(from, to - from), i);
  }
  return slots;
}

bool HasState(const Slots& slots, StoreSlotState state) {
  return slots[0].state == state || slots[1].state == state;
}

// What is not as Update leaves it. One slot is valid.
std::vector<DamagedRange> FindDamage(ByteSpan bytes, uint64_t file_size,
                                     const Slots& slots) {
  std::vector<DamagedRange> damage;
  for (size_t i = 0; i < kSlotCount; ++i) {
    if (slots[i].state != StoreSlotState::kValid) {
      // Of a store that says that it was closed, a crash can have torn it only
      // in the first write of the next opening.
      damage.push_back({.file = std::string(kStoreFileName),
                        .position = i * kPageSize,
                        .size = kSlotSize,
                        .what = "slot damaged",
                        .may_be_torn = !slots[1 - i].record.is_clean});
    }
    CheckZeros(bytes, i * kPageSize + kSlotSize, (i + 1) * kPageSize,
               kStoreFileName, "bytes behind a slot", &damage);
  }
  CheckSize(file_size, kFileSize, kStoreFileName, &damage);
  return damage;
}

}  // namespace

std::string EncodeStoreSlot(const StoreRecord& record, uint64_t sequence,
                            size_t slot) {
  std::string bytes;
  bytes.reserve(kSlotSize);
  ByteWriter writer(&bytes);
  writer.U64(kMagic);
  writer.U32(kVersion);
  writer.U32(kSlotSize);
  writer.U64(sequence);
  writer.Bytes(record.store_id.bytes);
  writer.U64(record.incarnation);
  writer.I64(record.create_micros);
  writer.U32(record.is_clean ? kFlagClean : 0);
  writer.Zeros(kArenaAt - kReservedAt);
  EncodeArena(record.arena, &writer);
  EncodeArena(record.previous_arena, &writer);
  writer.Zeros(kChecksumAt - kReservedTailAt);
  writer.U64(SlotChecksum(slot, AsBytes(bytes)));
  return bytes;
}

StoreSlot DecodeStoreSlot(ByteSpan page, size_t slot) {
  StoreSlot result;
  if (page.size() < kPageSize) return result;
  page = page.first(kPageSize);
  const uint32_t version = VersionOfSoundSlot(page, slot);
  if (version != kVersion) {
    if (IsZero(page)) result.state = StoreSlotState::kBlank;
    if (version > kVersion) {
      result.state = StoreSlotState::kNewer;
      result.version = version;
    }
    return result;
  }
  StoreRecord& record = result.record;
  ByteReader reader(page.first(kChecksumAt));
  reader.Bytes(kSlotSizeAt);
  const uint32_t size = reader.U32();
  result.sequence = reader.U64();
  const ByteSpan store_id = reader.Bytes(record.store_id.bytes.size());
  record.incarnation = reader.U64();
  record.create_micros = reader.I64();
  const uint32_t flags = reader.U32();
  const uint32_t reserved = reader.U32();
  const bool are_arenas_valid = DecodeArena(&reader, &record.arena) &&
                                DecodeArena(&reader, &record.previous_arena);
  if (size != kSlotSize || !are_arenas_valid || !reader.ok() ||
      (flags & ~kFlagClean) != 0 || reserved != 0 ||
      !IsZero(reader.Bytes(reader.remaining()))) {
    return result;
  }
  std::copy(store_id.begin(), store_id.end(), record.store_id.bytes.begin());
  record.is_clean = (flags & kFlagClean) != 0;
  result.state = StoreSlotState::kValid;
  return result;
}

absl::Status StoreFile::Create(Directory& directory,
                               const StoreRecord& record) {
  std::string bytes;
  for (size_t slot = 0; slot < kSlotCount; ++slot) {
    bytes += EncodeStoreSlot(record, slot + 1, slot);
    bytes.resize((slot + 1) * kPageSize, '\0');
  }
  return ReplaceFile(directory, std::string(kStoreFileName), AsBytes(bytes));
}

absl::StatusOr<std::unique_ptr<StoreFile>> StoreFile::Open(Directory& directory,
                                                           FileAccess access) {
  TIDEMARK_ASSIGN_OR_RETURN(std::unique_ptr<File> file,
                            directory.OpenFile(kStoreFileName, access));
  // One more than a file has that is as long as it should be.
  std::array<std::byte, kFileSize + 1> bytes = {};
  TIDEMARK_ASSIGN_OR_RETURN(size_t size, ReadRetrying(*file, 0, bytes));
  Slots slots = DecodeSlots(ByteSpan(bytes).first(size));
  if (HasState(slots, StoreSlotState::kDamaged)) {
    // An owner may have been at work on it.
    TIDEMARK_ASSIGN_OR_RETURN(size, ReadRetrying(*file, 0, bytes));
    slots = DecodeSlots(ByteSpan(bytes).first(size));
  }
  if (HasState(slots, StoreSlotState::kNewer)) {
    return WithReason(
        absl::UnimplementedError(fmt::format(
            "{}/{}: format {} is of a newer version of the library, this one "
            "reads format {}",
            directory.path(), kStoreFileName,
            std::max(slots[0].version, slots[1].version), kVersion)),
        ErrorReason::kNewerFormat);
  }
  const bool is_valid[kSlotCount] = {slots[0].state == StoreSlotState::kValid,
                                     slots[1].state == StoreSlotState::kValid};
  if (!is_valid[0] && !is_valid[1]) {
    return WithReason(
        absl::DataLossError(fmt::format("{}/{}: both slots are damaged",
                                        directory.path(), kStoreFileName)),
        ErrorReason::kDamaged);
  }
  size_t newest = is_valid[1] ? 1 : 0;
  if (is_valid[0] && is_valid[1]) {
    newest = slots[1].sequence > slots[0].sequence ? 1 : 0;
  }
  uint64_t file_size = size;
  if (size > kFileSize) {
    TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat, file->Stat());
    file_size = stat.size;
  }
  std::vector<DamagedRange> damage =
      FindDamage(ByteSpan(bytes).first(size), file_size, slots);
  return std::unique_ptr<StoreFile>(new StoreFile(
      std::move(file), std::move(slots[newest]), newest, !is_valid[1 - newest],
      size < kFileSize, std::move(damage)));
}

StoreFile::StoreFile(std::unique_ptr<File> file, StoreSlot newest,
                     size_t newest_slot, bool is_one_slot_damaged,
                     bool is_short, std::vector<DamagedRange> damage)
    : file_(std::move(file)),
      is_one_slot_damaged_(is_one_slot_damaged),
      is_short_(is_short),
      damage_(std::move(damage)),
      record_(std::move(newest.record)),
      sequence_(newest.sequence),
      newest_slot_(newest_slot) {}

absl::Status StoreFile::Update(absl::FunctionRef<void(StoreRecord&)> change) {
  const MutexLock lock(mutex_);
  if (!failure_.ok()) return failure_;
  StoreRecord record = record_;
  change(record);
  if (record == record_) return absl::OkStatus();
  TIDEMARK_RETURN_IF_ERROR(CheckArena(record.arena));
  TIDEMARK_RETURN_IF_ERROR(CheckArena(record.previous_arena));
  if (sequence_ == std::numeric_limits<uint64_t>::max()) {
    // No writer comes so far. A higher number cannot be written, and what is
    // written with a lower one would not count.
    return WithReason(absl::DataLossError(fmt::format(
                          "{}: no sequence number is left", kStoreFileName)),
                      ErrorReason::kDamaged);
  }
  const size_t slot = 1 - newest_slot_;
  std::string bytes = EncodeStoreSlot(record, sequence_ + 1, slot);
  // A slot counts only with its whole page, which a file lacks that was cut.
  if (is_short_) bytes.resize(kPageSize, '\0');
  absl::Status status = file_->WriteAt(slot * kPageSize, AsBytes(bytes));
  if (status.ok()) status = file_->Sync();
  if (!status.ok()) {
    failure_ = status;
    // S4: the system may go on to show a slot that is not on the disk. The next
    // opening must not believe it and overwrite the other one.
    const std::string zeros(bytes.size(), '\0');
    file_->WriteAt(slot * kPageSize, AsBytes(zeros)).IgnoreError();
    return status;
  }
  record_ = std::move(record);
  ++sequence_;
  newest_slot_ = slot;
  return absl::OkStatus();
}

StoreRecord StoreFile::record() const {
  const MutexLock lock(mutex_);
  return record_;
}

}  // namespace v0
}  // namespace tidemark
