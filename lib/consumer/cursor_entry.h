#ifndef TIDEMARK_LIB_CONSUMER_CURSOR_ENTRY_H_
#define TIDEMARK_LIB_CONSUMER_CURSOR_ENTRY_H_

#include <array>
#include <cstdint>

#include "consumer/cursor_slot.h"

namespace tidemark {
inline namespace v0 {

// The two slots of one entry of a cursor file: what they say together, and
// which of them the next write may overwrite.
//
// A write goes to the older slot, so that a torn one leaves the state before
// it. But as long as one slot holds the newest commit at Ack::kDisk, every
// write goes to the other one, the same one several times if need be: else two
// commits that a loss of power both tears would take a durable one with them.
//
// A value without I/O; the caller reports what it has written.
class CursorEntry {
 public:
  enum class State : uint8_t {
    kFree,       // nobody's; at most a claim that was never finished
    kClaimed,    // of a partition without a commit
    kCommitted,  // newest() is the last commit that can be read
    kLost,       // of a partition whose only commit cannot be read
    kDamaged,    // of a partition that it no longer tells
  };

  // Entries begin free.
  CursorEntry() = default;

  // Judges what stands in the two slots. `slots` are used where `bytes` is
  // kValid.
  CursorEntry(const std::array<CursorBytes, 2>& bytes,
              const std::array<CursorSlot, 2>& slots);

  State state() const;

  // The valid slot of the higher sequence. Not of kFree and kDamaged entries.
  const CursorSlot& newest() const { return slots_[newest_copy()]; }
  const CursorKey& key() const { return newest().key; }
  int newest_copy() const;

  // Which slot the next write goes to, and with which sequence.
  int NextCopy() const;
  uint64_t NextSequence() const;

  // The second slot of a claim was never written, or is damaged: a claim with
  // the next sequence belongs there.
  bool IsHalfClaimed() const;

  // True when the newest slot may have been written without the sync that its
  // level asks for. The file has to be synced before the entry is written.
  bool NeedsSettling() const;

  // Records that `slot` was written into `copy`, that a write there failed, or
  // that the file was synced since.
  void NoteWritten(int copy, const CursorSlot& slot);
  void NoteFailed(int copy) { bytes_[copy] = CursorBytes::kDamaged; }
  void NoteSynced() { is_settled_ = true; }

  // True when the newest commit is at Ack::kDisk and synced.
  bool IsDurable() const;

 private:
  bool IsValid(int copy) const { return bytes_[copy] == CursorBytes::kValid; }
  bool HoldsDiskCommit(int copy) const {
    return IsValid(copy) && slots_[copy].is_commit &&
           slots_[copy].level == Ack::kDisk;
  }

  std::array<CursorBytes, 2> bytes_ = {CursorBytes::kBlank,
                                       CursorBytes::kBlank};
  std::array<CursorSlot, 2> slots_;
  bool is_settled_ = false;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_CONSUMER_CURSOR_ENTRY_H_
