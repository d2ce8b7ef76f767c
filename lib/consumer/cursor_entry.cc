#include "consumer/cursor_entry.h"

namespace tidemark {
inline namespace v0 {

CursorEntry::CursorEntry(const std::array<CursorBytes, 2>& bytes,
                         const std::array<CursorSlot, 2>& slots)
    : bytes_(bytes), slots_(slots) {
  // Two valid slots that contradict each other are no state that a write
  // leaves.
  if (IsValid(0) && IsValid(1) &&
      (slots_[0].key != slots_[1].key ||
       slots_[0].sequence == slots_[1].sequence)) {
    bytes_ = {CursorBytes::kDamaged, CursorBytes::kDamaged};
  }
}

CursorEntry::State CursorEntry::state() const {
  if (!IsValid(0) && !IsValid(1)) {
    const bool has_blank =
        bytes_[0] == CursorBytes::kBlank || bytes_[1] == CursorBytes::kBlank;
    return has_blank ? State::kFree : State::kDamaged;
  }
  if (newest().is_commit) return State::kCommitted;
  // Claims are written into slot 0 and then into slot 1, the first commit into
  // slot 0. So what is unreadable in slot 0 was a commit, in slot 1 a claim.
  return IsValid(0) ? State::kClaimed : State::kLost;
}

int CursorEntry::newest_copy() const {
  if (!IsValid(0)) return 1;
  if (!IsValid(1)) return 0;
  return slots_[1].sequence > slots_[0].sequence ? 1 : 0;
}

int CursorEntry::NextCopy() const {
  if (!IsValid(0)) return 0;
  if (!IsValid(1)) return 1;
  const int newest = newest_copy();
  const bool is_protected =
      !HoldsDiskCommit(newest) && HoldsDiskCommit(1 - newest);
  return is_protected ? newest : 1 - newest;
}

uint64_t CursorEntry::NextSequence() const {
  return IsValid(0) || IsValid(1) ? newest().sequence + 1 : 1;
}

bool CursorEntry::IsHalfClaimed() const {
  return IsValid(0) && !IsValid(1) && !slots_[0].is_commit;
}

bool CursorEntry::NeedsSettling() const {
  return !is_settled_ && HoldsDiskCommit(newest_copy());
}

void CursorEntry::NoteWritten(int copy, const CursorSlot& slot) {
  bytes_[copy] = CursorBytes::kValid;
  slots_[copy] = slot;
  is_settled_ = false;
}

bool CursorEntry::IsDurable() const {
  return is_settled_ && HoldsDiskCommit(newest_copy());
}

}  // namespace v0
}  // namespace tidemark
