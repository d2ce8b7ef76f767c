#ifndef TIDEMARK_LIB_STORE_STORE_FILE_H_
#define TIDEMARK_LIB_STORE_STORE_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "base/mutex.h"
#include "partition/arena_place.h"
#include "segment/identity.h"
#include "tidemark/damage.h"
#include "tidemark/env.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// What STORE says.
struct StoreRecord {
  Id128 store_id;
  Incarnation incarnation = 0;  // opens for writing so far
  int64_t create_micros = 0;
  bool is_clean = false;  // the last owner closed the store
  ArenaPlace arena;
  // One of which nothing is needed any more, but which may still have to be
  // unlinked.
  ArenaPlace previous_arena;

  friend bool operator==(const StoreRecord&, const StoreRecord&) = default;
};

// What one slot of STORE holds.
enum class StoreSlotState : uint8_t {
  kValid,
  kBlank,    // nothing but zeros
  kDamaged,  // torn, rotten or foreign
  kNewer,    // of a later version of the format
};
struct StoreSlot {
  StoreSlotState state = StoreSlotState::kDamaged;
  uint32_t version = 0;   // when newer
  uint64_t sequence = 0;  // when valid
  StoreRecord record;     // when valid
};

// The kSlotSize bytes of slot 0 or 1. The page of the one does not pass as that
// of the other.
std::string EncodeStoreSlot(const StoreRecord& record, uint64_t sequence,
                            size_t slot);
StoreSlot DecodeStoreSlot(ByteSpan page, size_t slot);

// The STORE file: two slots in pages of their own, written in turn, so that a
// torn write spoils only the slot that was obsolete anyway.
//
// record() is what the disk holds. Thread-safe; a write and its sync run under
// the lock, since they must not overlap. Owns its descriptor, not the
// Directory. After the first failed write or sync it refuses all further ones
// with that error: the disk may hold the old or the new record.
class StoreFile {
 public:
  // Writes a new STORE with both slots and makes it durable; it appears as a
  // whole or not at all. The caller has checked that there is none.
  static absl::Status Create(Directory& directory, const StoreRecord& record);

  // Reads STORE. NotFound without one; Unimplemented (newer format); DataLoss
  // when both slots are damaged. With kReadOnly every write is refused.
  static absl::StatusOr<std::unique_ptr<StoreFile>> Open(Directory& directory,
                                                         FileAccess access);

  StoreFile(const StoreFile&) = delete;
  StoreFile& operator=(const StoreFile&) = delete;

  // Calls `change` with a copy of the record, writes the copy to the older slot
  // and syncs. Durable when it returns OK; without a change nothing is written.
  absl::Status Update(absl::FunctionRef<void(StoreRecord&)> change);

  StoreRecord record() const;

  // One slot is damaged: a write was cut short by a crash, or the medium lost
  // it. Then it may have been the newer one, so the record is one write old:
  // the count of opens may be one behind, and `is_clean` and the arenas prove
  // nothing.
  bool is_one_slot_damaged() const { return is_one_slot_damaged_; }

  // What Open found that is not as Update leaves it, slots included.
  const std::vector<DamagedRange>& damage() const { return damage_; }

 private:
  StoreFile(std::unique_ptr<File> file, StoreSlot newest, size_t newest_slot,
            bool is_one_slot_damaged, bool is_short,
            std::vector<DamagedRange> damage);

  const std::unique_ptr<File> file_;
  const bool is_one_slot_damaged_;
  const bool is_short_;  // was cut in its second page
  const std::vector<DamagedRange> damage_;

  mutable Mutex mutex_;
  StoreRecord record_ ABSL_GUARDED_BY(mutex_);
  uint64_t sequence_ ABSL_GUARDED_BY(mutex_);
  size_t newest_slot_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_STORE_FILE_H_
