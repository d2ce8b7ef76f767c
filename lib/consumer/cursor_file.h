#ifndef TIDEMARK_LIB_CONSUMER_CURSOR_FILE_H_
#define TIDEMARK_LIB_CONSUMER_CURSOR_FILE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "consumer/cursor_entry.h"
#include "consumer/cursor_pages.h"
#include "consumer/cursor_slot.h"
#include "tidemark/env.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// What a cursor file knows about one partition.
struct CommittedPosition {
  enum class State : uint8_t {
    kNone,       // nothing was ever committed
    kCommitted,  // the other members say what
    kLost,       // something may have been committed, and it cannot be read
  };
  State state = State::kNone;
  Offset offset = 0;
  Incarnation incarnation = 0;

  friend bool operator==(const CommittedPosition&,
                         const CommittedPosition&) = default;
};

// A position to commit.
struct CursorCommit {
  CursorKey key;
  Offset offset = 0;
  Incarnation incarnation = 0;
};

// The file of a cursor's name: the last commit of each partition.
//
// An entry is written only by the holder of its partition's lock, which this
// object takes and keeps until it is closed; so what it remembers of its own
// entries is what stands in the file. Entries are claimed, and the space for
// them is written, before they are needed: a commit of a taken partition needs
// no space.
//
// An entry that cannot be read does not say whose it was. While there is one,
// partitions without an entry count as lost, and no entry is claimed for them
// before a commit says where they are; that commit takes the damaged one over.
//
// Not thread-safe; any number of objects, in any number of threads, may have
// the same file open. Keeps a pointer to nothing but what it owns. After an
// error of writing see CursorPages; what is committed can still be read.
class CursorFile {
 public:
  // Opens the file of `name` for committing; creates it, durably, if there is
  // none. Errors as CursorPages::Open and Create.
  static absl::StatusOr<std::unique_ptr<CursorFile>> Open(
      Directory& root, Env& env, const Id128& store_id, std::string_view name);

  // The same for reading alone; null when there is no such file.
  static absl::StatusOr<std::unique_ptr<CursorFile>> OpenToRead(
      Directory& root, const Id128& store_id, std::string_view name);

  CursorFile(const CursorFile&) = delete;
  CursorFile& operator=(const CursorFile&) = delete;

  // Takes the partitions that are not taken yet: locks them, reads their
  // entries and claims new ones. FailedPrecondition with kStoreInUse when
  // another object holds one. After any error none of them is taken.
  absl::Status Take(std::span<const CursorKey> keys);

  // Reads the entries of these partitions without taking them.
  absl::Status Read(std::span<const CursorKey> keys);

  // As of the last Take, Read or Write. `key` was given to one of them.
  CommittedPosition Find(const CursorKey& key) const;

  // Whether this is what is committed, at `level` or a higher one.
  bool Holds(const CursorCommit& commit, Ack level) const;

  // Whether the file has a commit of any partition of the topic.
  bool HasCommitsOf(const Id128& topic_id) const {
    return topics_.contains(topic_id);
  }

  // Commits positions of taken partitions, those that differ from what is
  // committed. With `level` kDisk they are durable when it returns OK. `time`
  // is kept for people: microseconds of wall time.
  absl::Status Write(std::span<const CursorCommit> commits, Ack level,
                     int64_t time);

  // Gives up the locks and closes.
  absl::Status Close() { return pages_->Close(); }

 private:
  struct Place {
    uint32_t number = 0;  // of the entry in the file
    CursorEntry entry;
  };
  using Keys = std::vector<CursorKey>;

  explicit CursorFile(std::unique_ptr<CursorPages> pages);

  absl::Status Lock(std::span<const CursorKey> keys, Keys* locked);
  void Unlock(const Keys& keys);
  absl::Status ReadAndClaim(std::span<const CursorKey> keys,
                            bool is_replacing_damaged);
  absl::Status Scan(std::span<const CursorKey> keys);
  static void KeepNewer(uint32_t number, const CursorEntry& entry,
                        std::map<CursorKey, Place>* places);
  absl::Status ClaimMissing(std::span<const CursorKey> keys);
  absl::Status FinishClaims(std::span<const CursorKey> keys);
  absl::Status WriteClaim(const CursorKey& key, Place& place);
  absl::Status ClaimFor(std::span<const CursorCommit> commits);
  absl::Status Settle(std::span<const CursorCommit> commits);
  absl::Status WriteSlot(Place& place, int copy, const CursorSlot& slot);

  const std::unique_ptr<CursorPages> pages_;

  std::set<CursorKey> taken_;
  std::map<CursorKey, Place> places_;  // entries that can be read
  std::set<Id128> topics_;             // that have a commit
  // As of the last scan.
  std::vector<uint32_t> damaged_;  // entries that do not tell whose they are
  std::vector<uint32_t> free_;     // as many as could be needed
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_CONSUMER_CURSOR_FILE_H_
