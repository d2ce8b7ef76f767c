#include "consumer/cursor_check.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "base/slack.h"
#include "base/status_macros.h"
#include "consumer/cursor_entry.h"
#include "consumer/cursor_file_format.h"
#include "consumer/cursor_pages.h"

namespace tidemark {
inline namespace v0 {
namespace {

namespace format = cursor_file_format;

// Two pages, of one pair or of the headers.
using Pair = std::array<std::byte, format::kPairSize>;

class Checker {
 public:
  Checker(const File& file, std::string path)
      : file_(file), path_(std::move(path)) {}

  absl::StatusOr<std::vector<DamagedRange>> Run() {
    TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat, file_.Stat());
    TIDEMARK_RETURN_IF_ERROR(
        Check(0, [this](ByteSpan bytes) { CheckHead(bytes); }));
    const uint64_t used_end =
        format::kFirstPairAt + pair_count_ * format::kPairSize;
    // No file is larger, whatever stands behind; CheckSize says that it does.
    constexpr uint64_t kEndMax =
        format::kFirstPairAt + uint64_t{format::kPairsMax} * format::kPairSize;
    const uint64_t end = std::min(std::max(used_end, stat.size), kEndMax);
    uint64_t position = format::kFirstPairAt;
    for (; position + format::kPairSize <= end; position += format::kPairSize) {
      const bool is_used = position < used_end;
      TIDEMARK_RETURN_IF_ERROR(Check(position, [&](ByteSpan bytes) {
        CheckPair(position, is_used, bytes);
      }));
    }
    const size_t known = damage_.size();
    CheckSize(stat.size, position, path_, &damage_);
    if (damage_.size() > known && stat.size > position) {
      damage_.back().may_be_torn = true;  // a growth that was not finished
    }
    return std::move(damage_);
  }

 private:
  // Reads a pair of pages and has `check` add what is damaged. Once more after
  // damage: a writer may have been at work on it.
  absl::Status Check(uint64_t position,
                     absl::FunctionRef<void(ByteSpan)> check) {
    const size_t known = damage_.size();
    for (int attempt = 1;; ++attempt) {
      TIDEMARK_ASSIGN_OR_RETURN(const size_t size,
                                file_.ReadAt(position, pair_));
      check(ByteSpan(pair_).first(size));
      if (damage_.size() == known || attempt == 2) return absl::OkStatus();
      damage_.resize(known);
    }
  }

  void Add(uint64_t position, uint64_t size, std::string_view what,
           bool may_be_torn) {
    damage_.push_back({.file = path_,
                       .position = position,
                       .size = size,
                       .what = std::string(what),
                       .may_be_torn = may_be_torn});
  }

  static ByteSpan From(ByteSpan bytes, uint64_t at) {
    return bytes.subspan(std::min<uint64_t>(at, bytes.size()));
  }

  void CheckHead(ByteSpan bytes) {
    CursorFileIdentity identities[2];
    bool is_valid[2] = {};
    for (int copy = 0; copy < 2; ++copy) {
      const uint64_t page = static_cast<uint64_t>(copy) * format::kPageSize;
      is_valid[copy] =
          DecodeCursorHeader(From(bytes, page), page, &identities[copy]) ==
          CursorBytes::kValid;
      if (!is_valid[copy]) {
        Add(page, format::header::kSize, "one of two headers damaged", false);
      }
      CheckZeros(bytes, page + format::extent::kAt + format::kSlotSize,
                 page + format::kPageSize, path_, "bytes behind an extent",
                 &damage_);
    }
    if (is_valid[0] && is_valid[1] && identities[0] != identities[1]) {
      Add(format::kPageSize, format::header::kSize, "two headers that differ",
          false);
    }
    identity_ = is_valid[0] ? identities[0] : identities[1];
    pair_count_ = 0;
    for (int copy = 0; copy < 2; ++copy) {
      const uint64_t position = CursorExtentPosition(copy);
      uint32_t count = 0;
      if (DecodeCursorExtent(From(bytes, position), identity_, position,
                             &count) != CursorBytes::kValid) {
        Add(position, format::kSlotSize, "one of two extents damaged", true);
      }
      pair_count_ = std::max(pair_count_, count);
    }
  }

  // Behind the pairs in use stands what a growth wrote that was not finished.
  void CheckPair(uint64_t pair_at, bool is_used, ByteSpan bytes) {
    const auto first =
        static_cast<uint32_t>((pair_at - format::kFirstPairAt) /
                              format::kPairSize * format::kEntriesPerPair);
    for (uint32_t i = 0; i < format::kEntriesPerPair; ++i) {
      CheckEntry(pair_at, first + i, is_used, bytes);
    }
  }

  void CheckEntry(uint64_t pair_at, uint32_t number, bool is_used,
                  ByteSpan bytes) {
    std::array<CursorBytes, 2> found;
    std::array<CursorSlot, 2> slots;
    for (int copy = 0; copy < 2; ++copy) {
      const uint64_t position = CursorSlotPosition(number, copy);
      const ByteSpan slot = From(bytes, position - pair_at);
      // What the file is too short for is told once, for all of it.
      if (slot.size() < format::kSlotSize) return;
      found[copy] = DecodeCursorSlot(slot, identity_, position, &slots[copy]);
    }
    const CursorEntry entry(found, slots);
    const bool is_lost = entry.state() == CursorEntry::State::kLost ||
                         entry.state() == CursorEntry::State::kDamaged;
    const bool is_valid[2] = {found[0] == CursorBytes::kValid,
                              found[1] == CursorBytes::kValid};
    const bool is_contradiction = is_lost && is_valid[0] && is_valid[1];
    for (int copy = 0; copy < 2; ++copy) {
      const bool is_gone = found[copy] == CursorBytes::kBlank &&
                           is_valid[1 - copy] &&
                           !(copy == 1 && entry.IsHalfClaimed());
      if (is_contradiction || is_gone || found[copy] == CursorBytes::kDamaged) {
        Add(CursorSlotPosition(number, copy), format::kSlotSize,
            is_lost ? "slot damaged, and no commit left beside it"
                    : "one of two slots damaged",
            !is_lost || !is_used);
      }
    }
  }

  const File& file_;
  const std::string path_;
  Pair pair_ = {};
  CursorFileIdentity identity_;
  uint32_t pair_count_ = 0;
  std::vector<DamagedRange> damage_;
};

}  // namespace

absl::StatusOr<std::vector<DamagedRange>> CheckCursorFile(
    Directory& root, const Id128& store_id, std::string_view name) {
  TIDEMARK_ASSIGN_OR_RETURN(
      const std::unique_ptr<CursorPages> pages,
      CursorPages::Open(root, store_id, name, FileAccess::kReadOnly));
  TIDEMARK_ASSIGN_OR_RETURN(
      const std::unique_ptr<File> file,
      root.OpenFile(pages->path(), FileAccess::kReadOnly));
  return Checker(*file, pages->path()).Run();
}

}  // namespace v0
}  // namespace tidemark
