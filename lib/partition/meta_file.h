#ifndef TIDEMARK_LIB_PARTITION_META_FILE_H_
#define TIDEMARK_LIB_PARTITION_META_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "segment/identity.h"
#include "tidemark/damage.h"
#include "tidemark/env.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// The few facts about a partition that its segments cannot tell.
struct PartitionMeta {
  // The oldest offset kept. Stored before a segment below it is unlinked.
  Offset start = 0;

  // Base offset of the highest segment, -1 before the first. Stored when the
  // header of that segment, its directory entry and everything in the segments
  // before it are durable, and before a record in it counts as durable. So a
  // file of a higher base never held durable records, the file of this base
  // must exist with a valid header, and everything below it was durable.
  Offset highest_segment = -1;

  // The partition's durable mark at some moment; never an offset above it.
  Offset durable_end = 0;

  // The end of the log and the incarnation that closed it, -1 while the
  // partition is open for writing. Stored last at close, when all is durable,
  // and taken back with a Store before the first write of the next owner.
  Offset clean_end = -1;
  Incarnation clean_incarnation = 0;

  // Recovery of `cut_incarnation` cut the log at `cut_offset`: batches there or
  // above from earlier opens do not exist. -1: never cut.
  Offset cut_offset = -1;
  Incarnation cut_incarnation = 0;

  friend bool operator==(const PartitionMeta&, const PartitionMeta&) = default;
};

// What was found in the place of META.
enum class MetaState : uint8_t {
  kMissing,  // no file, or one that was never written: a new partition
  kValid,    // meta() is the newest that was stored completely
  kDamaged,  // no slot is valid, but there is something: meta() is unknown
};

// The META file of one partition: two slots in pages of their own, written in
// turn, so that a torn write spoils only the slot that was obsolete anyway.
//
// meta() is what the disk holds. Between calls no descriptor is open. Not
// thread-safe. Keeps a pointer to the Directory, which must outlive it. After a
// failed sync or an I/O error of a write it refuses all further Stores with
// that error: the disk may hold the old or the new values. A write that found
// no space may be tried again.
class MetaFile {
 public:
  // Reads the META of the partition in `directory`. A file that is missing or
  // damaged is a state, not an error; Unimplemented with kNewerFormat. An EIO
  // is retried once.
  static absl::StatusOr<std::unique_ptr<MetaFile>> Load(
      Directory& root, std::string_view directory,
      const SegmentIdentity& identity);

  MetaFile(const MetaFile&) = delete;
  MetaFile& operator=(const MetaFile&) = delete;

  // Writes `meta` into the older slot with one write and syncs the file. When
  // the file is new, it is written with zeros before, and the directory is
  // synced, too. Durable when it returns OK.
  absl::Status Store(const PartitionMeta& meta);

  MetaState state() const { return state_; }
  const PartitionMeta& meta() const { return meta_; }
  // No slot is valid, but one would be as that of another partition.
  bool is_foreign() const { return is_foreign_; }
  // What Load found that is not as Store leaves it, whatever was stored since.
  const std::vector<DamagedRange>& damage() const { return damage_; }
  const std::string& path() const { return path_; }
  // Why Store refuses; OK until a write or sync has failed.
  const absl::Status& failure() const { return failure_; }

 private:
  MetaFile(Directory& root, std::string_view directory,
           const SegmentIdentity& identity);

  absl::Status ReadSlots();
  absl::Status StoreTo(File& file, const PartitionMeta& meta);
  absl::Status Finish(File& file);

  // Constant after construction.
  Directory& root_;
  const std::string directory_;
  const std::string path_;
  const SegmentIdentity identity_;

  MetaState state_ = MetaState::kMissing;
  PartitionMeta meta_;
  bool is_foreign_ = false;
  std::vector<DamagedRange> damage_;
  bool is_complete_ = false;  // has its full size and a durable entry
  uint64_t sequence_ = 0;     // of the newest valid slot
  size_t newest_slot_ = 1;    // so that slot 0 is written first
  absl::Status failure_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_META_FILE_H_
