#include "consumer/cursor_pages.h"

#include <fmt/core.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "base/endian.h"
#include "base/guard.h"
#include "base/status_macros.h"
#include "consumer/cursor_file_format.h"
#include "store/layout.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

namespace format = cursor_file_format;

std::string PathOf(std::string_view prefix, std::string_view name) {
  return fmt::format("{}/{}{}", kCursorsDirectory, prefix, name);
}

absl::Status Damaged(std::string_view path, std::string_view what) {
  return WithReason(absl::DataLossError(fmt::format("{}: {}", path, what)),
                    ErrorReason::kDamaged);
}

// The bytes of a new file: headers, extents and one pair of blank slots.
std::string NewFile(const CursorFileIdentity& identity) {
  std::string bytes(format::kFirstPairAt + format::kPairSize, '\0');
  std::byte* const to = reinterpret_cast<std::byte*>(bytes.data());
  for (int copy = 0; copy < 2; ++copy) {
    const uint64_t page = static_cast<uint64_t>(copy) * format::kPageSize;
    EncodeCursorHeader(identity, page, to + page);
    const uint64_t extent = CursorExtentPosition(copy);
    EncodeCursorExtent(identity, extent, 1, to + extent);
  }
  return bytes;
}

// Makes the folder of cursor files when it is not there.
absl::Status MakeDirectory(Directory& root) {
  const absl::Status status = root.CreateDirectory(kCursorsDirectory);
  if (absl::IsAlreadyExists(status)) return absl::OkStatus();
  TIDEMARK_RETURN_IF_ERROR(status);
  return root.Sync("");
}

// Creates a file that nobody else looks at; what a crash left is replaced.
absl::StatusOr<std::unique_ptr<File>> CreateUnnamed(Directory& root,
                                                    const std::string& path) {
  absl::StatusOr<std::unique_ptr<File>> file = root.CreateFile(path);
  if (!absl::IsAlreadyExists(file.status())) return file;
  TIDEMARK_RETURN_IF_ERROR(root.RemoveFile(path));
  return root.CreateFile(path);
}

}  // namespace

CursorPages::CursorPages(std::string path, std::unique_ptr<File> file,
                         CursorFileIdentity identity)
    : path_(std::move(path)),
      file_(std::move(file)),
      identity_(std::move(identity)) {}

absl::StatusOr<std::unique_ptr<CursorPages>> CursorPages::Open(
    Directory& root, const Id128& store_id, std::string_view name,
    FileAccess access) {
  std::string path = PathOf("", name);
  TIDEMARK_ASSIGN_OR_RETURN(auto file, root.OpenFile(path, access));
  std::unique_ptr<CursorPages> pages(
      new CursorPages(std::move(path), std::move(file), {}));
  TIDEMARK_RETURN_IF_ERROR(pages->ReadHeader(store_id, name));
  TIDEMARK_RETURN_IF_ERROR(pages->ReadExtent());
  if (access == FileAccess::kReadWrite) {
    TIDEMARK_ASSIGN_OR_RETURN(const bool is_unused, pages->IsUnused());
    // C1: whoever made it may not have come so far as to make its name durable.
    if (is_unused) TIDEMARK_RETURN_IF_ERROR(root.Sync(kCursorsDirectory));
  }
  return pages;
}

absl::StatusOr<std::unique_ptr<CursorPages>> CursorPages::Create(
    Directory& root, Env& env, const Id128& store_id, std::string_view name) {
  CursorFileIdentity identity{store_id, {}, std::string(name)};
  TIDEMARK_RETURN_IF_ERROR(env.FillRandom(identity.file_id.bytes));
  TIDEMARK_RETURN_IF_ERROR(MakeDirectory(root));
  const std::string unnamed = PathOf(format::kNewPrefix, name);
  TIDEMARK_ASSIGN_OR_RETURN(auto file, CreateUnnamed(root, unnamed));
  auto remove = absl::MakeCleanup([&] {
    // The next Create removes it as well.
    Guarded([&] { return root.RemoveFile(unnamed); }).IgnoreError();
  });
  TIDEMARK_RETURN_IF_ERROR(file->WriteAt(0, AsBytes(NewFile(identity))));
  TIDEMARK_RETURN_IF_ERROR(file->SyncAll());
  std::string path = PathOf("", name);
  TIDEMARK_RETURN_IF_ERROR(root.Rename(unnamed, path, /*is_replacing=*/false));
  std::move(remove).Cancel();
  TIDEMARK_RETURN_IF_ERROR(root.Sync(kCursorsDirectory));
  std::unique_ptr<CursorPages> pages(
      new CursorPages(std::move(path), std::move(file), std::move(identity)));
  pages->extents_ = {1, 1};
  pages->pair_count_ = 1;
  return pages;
}

absl::StatusOr<size_t> CursorPages::ReadAt(uint64_t position,
                                           MutableByteSpan out) const {
  absl::StatusOr<size_t> size = file_->ReadAt(position, out);
  if (!size.ok() && IsIoError(size.status())) {
    return file_->ReadAt(position, out);
  }
  return size;
}

absl::Status CursorPages::ReadHeader(const Id128& store_id,
                                     std::string_view name) {
  std::array<std::byte, format::header::kSize> bytes;
  uint32_t newer_version = 0;
  for (int copy = 0; copy < 2; ++copy) {
    const uint64_t position = static_cast<uint64_t>(copy) * format::kPageSize;
    TIDEMARK_ASSIGN_OR_RETURN(const size_t size, ReadAt(position, bytes));
    const CursorBytes found =
        DecodeCursorHeader(ByteSpan(bytes).first(size), position, &identity_);
    if (found == CursorBytes::kNewerVersion) {
      newer_version = LoadLittle<uint32_t>(
          ByteSpan(bytes).subspan(format::header::kVersionAt).data());
    }
    if (found != CursorBytes::kValid) continue;
    if (identity_.store_id != store_id) {
      return absl::FailedPreconditionError(
          fmt::format("{}: belongs to another store", path_));
    }
    if (identity_.name == name) return absl::OkStatus();
    return Damaged(path_,
                   fmt::format("is the file of the name '{}'", identity_.name));
  }
  if (newer_version != 0) {
    return WithReason(absl::UnimplementedError(fmt::format(
                          "{}: format {} is of a newer version of the library, "
                          "this one reads format {}",
                          path_, newer_version, format::kVersion)),
                      ErrorReason::kNewerFormat);
  }
  return Damaged(path_, "no valid header in either copy");
}

absl::Status CursorPages::ReadExtent() {
  std::array<std::byte, format::kSlotSize> bytes;
  for (int copy = 0; copy < 2; ++copy) {
    const uint64_t position = CursorExtentPosition(copy);
    TIDEMARK_ASSIGN_OR_RETURN(const size_t size, ReadAt(position, bytes));
    extents_[copy] = 0;
    DecodeCursorExtent(ByteSpan(bytes).first(size), identity_, position,
                       &extents_[copy]);
  }
  pair_count_ = std::max(extents_[0], extents_[1]);
  if (pair_count_ > 0) return absl::OkStatus();
  return Damaged(path_, "no valid extent in either copy");
}

absl::StatusOr<bool> CursorPages::IsUnused() const {
  if (pair_count_ > 1) return false;
  std::vector<std::byte> bytes(format::kPairSize);
  TIDEMARK_RETURN_IF_ERROR(ReadAt(format::kFirstPairAt, bytes).status());
  return std::all_of(bytes.begin(), bytes.end(),
                     [](std::byte byte) { return byte == std::byte{0}; });
}

absl::Status CursorPages::Scan(Visitor visit) {
  // Another holder of the file may have extended it.
  TIDEMARK_RETURN_IF_ERROR(ReadExtent());
  std::vector<std::byte> bytes(format::kPairSize);
  for (uint32_t pair = 0; pair < pair_count_; ++pair) {
    const uint64_t position = format::kFirstPairAt + pair * format::kPairSize;
    TIDEMARK_ASSIGN_OR_RETURN(const size_t size, ReadAt(position, bytes));
    VisitPair(pair, ByteSpan(bytes).first(size), visit);
  }
  return absl::OkStatus();
}

void CursorPages::VisitPair(uint32_t pair, ByteSpan bytes,
                            Visitor visit) const {
  const uint64_t pair_at = format::kFirstPairAt + pair * format::kPairSize;
  for (uint32_t place = 0; place < format::kEntriesPerPair; ++place) {
    const uint32_t number =
        pair * static_cast<uint32_t>(format::kEntriesPerPair) + place;
    std::array<CursorBytes, 2> found;
    std::array<CursorSlot, 2> slots;
    for (int copy = 0; copy < 2; ++copy) {
      const uint64_t position = CursorSlotPosition(number, copy);
      const size_t from =
          std::min(static_cast<size_t>(position - pair_at), bytes.size());
      found[copy] = DecodeCursorSlot(bytes.subspan(from), identity_, position,
                                     &slots[copy]);
    }
    visit(number, CursorEntry(found, slots));
  }
}

absl::Status CursorPages::AddPairs(uint32_t pair_count) {
  if (pair_count > format::kPairsMax) {
    return absl::ResourceExhaustedError(
        fmt::format("{}: {} page pairs are the most a file can have", path_,
                    format::kPairsMax));
  }
  const std::vector<std::byte> zeros(format::kPairSize);
  for (uint32_t pair = pair_count_; pair < pair_count; ++pair) {
    TIDEMARK_RETURN_IF_ERROR(
        WriteAt(format::kFirstPairAt + pair * format::kPairSize, zeros));
  }
  return Sync();
}

absl::Status CursorPages::RaiseExtent(uint32_t pair_count) {
  const int copy = extents_[0] <= extents_[1] ? 0 : 1;
  const uint64_t position = CursorExtentPosition(copy);
  std::array<std::byte, format::kSlotSize> bytes;
  EncodeCursorExtent(identity_, position, pair_count, bytes.data());
  extents_[copy] = 0;
  TIDEMARK_RETURN_IF_ERROR(WriteAt(position, bytes));
  extents_[copy] = pair_count;
  pair_count_ = std::max(extents_[0], extents_[1]);
  return absl::OkStatus();
}

absl::Status CursorPages::WriteSlot(uint32_t entry, int copy,
                                    const CursorSlot& slot) {
  std::array<std::byte, format::kSlotSize> bytes;
  const uint64_t position = CursorSlotPosition(entry, copy);
  EncodeCursorSlot(slot, identity_, position, bytes.data());
  return WriteAt(position, bytes);
}

absl::Status CursorPages::WriteAt(uint64_t position, ByteSpan bytes) {
  TIDEMARK_RETURN_IF_ERROR(failure_);
  absl::Status status = file_->WriteAt(position, bytes);
  if (status.ok() || absl::IsResourceExhausted(status)) return status;
  return Poison(std::move(status));
}

absl::Status CursorPages::Sync() {
  TIDEMARK_RETURN_IF_ERROR(failure_);
  absl::Status status = file_->Sync();
  return status.ok() ? status : Poison(std::move(status));
}

absl::Status CursorPages::Poison(absl::Status cause) {
  failure_ = WithReason(absl::FailedPreconditionError(fmt::format(
                            "{}: refuses writes since an earlier one: {}",
                            path_, fmt::streamed(cause))),
                        ErrorReason::kPoisoned);
  return cause;
}

absl::StatusOr<bool> CursorPages::TryLock(uint64_t position) {
  return file_->TryLock(position, 1);
}

absl::Status CursorPages::Unlock(uint64_t position) {
  return file_->Unlock(position, 1);
}

absl::Status CursorPages::Close() { return file_->Close(); }

}  // namespace v0
}  // namespace tidemark
