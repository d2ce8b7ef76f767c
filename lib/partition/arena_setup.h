#ifndef TIDEMARK_LIB_PARTITION_ARENA_SETUP_H_
#define TIDEMARK_LIB_PARTITION_ARENA_SETUP_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "partition/arena_place.h"
#include "partition/chunk_arena.h"
#include "partition/takeover.h"
#include "segment/identity.h"
#include "tidemark/env.h"
#include "tidemark/health.h"
#include "tidemark/recovery_report.h"
#include "tidemark/types.h"

// Finds, takes and makes the memory that outlives the process.
namespace tidemark {
inline namespace v0 {

// Who owns an arena, apart from the boot.
struct ArenaIdentity {
  Id128 store_id;
  uint64_t lock_device = 0;  // of the store's LOCK
  uint64_t lock_inode = 0;
};

// What the host wants.
struct ArenaWish {
  uint64_t size_max = 16 << 20;
  uint32_t block_size = 4096;
  std::optional<ProcessDurability> durability;
  std::string shared_memory_directory;
};

// What a dead owner left, held by a lock until this object is gone. The batches
// borrow from its mapping.
class DeadArena {
 public:
  // Looks at `place`. What cannot be taken over is an outcome with a sentence
  // in detail(). An error means that this could not be found out: no descriptor
  // is left, or reading fails. Then nothing may be thrown away.
  static absl::StatusOr<std::unique_ptr<DeadArena>> Open(
      Env& env, Directory& root, const ArenaPlace& place,
      const ArenaIdentity& identity);

  ArenaOutcome outcome() const { return outcome_; }
  const std::string& detail() const { return detail_; }
  const std::vector<TakenBatch>& batches() const { return batches_; }

  // Unlinks what was taken over, and an own file of an earlier boot. What
  // belongs to somebody else stays.
  absl::Status Remove();

 private:
  absl::Status Load(Env& env, const ArenaPlace& place,
                    const ArenaIdentity& identity);
  absl::Status OpenFile(Env& env, const ArenaPlace& place);

  explicit DeadArena(Directory& root) : directory_(&root) {}

  std::unique_ptr<Directory> own_directory_;
  Directory* directory_;
  std::string name_;
  std::unique_ptr<File> file_;  // holds the lock
  std::unique_ptr<SharedMemory> memory_;
  bool is_own_ = false;
  ArenaOutcome outcome_ = ArenaOutcome::kNone;
  std::string detail_;
  std::vector<TakenBatch> batches_;
};

// A new arena.
struct ArenaMade {
  std::unique_ptr<ChunkArena> arena;
  std::unique_ptr<File> lock;  // says that the owner lives; null on the heap
  ArenaPlace place;            // kNone for heap memory
  ProcessDurability durability = ProcessDurability::kWriteThrough;
  std::string reason;  // why it is not a better one; empty for the best
};

// Makes the best arena that the wish and the machine allow. Calls `record` with
// each place before anything is created there, so that the file of an owner
// that dies can be found. If that fails, or nothing better can be had, the
// arena is heap memory and appends are written through. The wish for one kind
// is not widened: ResourceExhausted, PermissionDenied or Unimplemented then say
// why it cannot be had.
absl::StatusOr<ArenaMade> MakeArena(
    Env& env, Directory& root, const ArenaWish& wish,
    const ArenaIdentity& identity, Incarnation incarnation,
    absl::FunctionRef<absl::Status(const ArenaPlace&)> record);

// Unlinks the arena of a store that is closed with everything written.
absl::Status RemoveArena(Env& env, Directory& root, const ArenaPlace& place);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_ARENA_SETUP_H_
