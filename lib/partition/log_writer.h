#ifndef TIDEMARK_LIB_PARTITION_LOG_WRITER_H_
#define TIDEMARK_LIB_PARTITION_LOG_WRITER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "partition/log_segments.h"
#include "partition/log_shared.h"
#include "partition/meta_file.h"
#include "partition/partition_address.h"
#include "partition/recovery.h"
#include "partition/tail.h"
#include "record/batch_seal.h"
#include "segment/segment_file.h"
#include "tidemark/partition_options.h"

namespace tidemark {
inline namespace v0 {

// What a sync has to cover, taken at one moment.
struct SyncPlan {
  struct File {
    std::shared_ptr<SegmentFile> file;
    bool is_new = false;  // its directory entry is not durable either
  };
  std::vector<File> files;      // oldest first
  Offset end = 0;               // everything below is in these files or durable
  uint64_t bytes = 0;           // appended when the plan was taken
  Offset highest_segment = -1;  // for META when a file is new, else -1
  // The sync stopped at something that it could not even begin, for want of a
  // descriptor, say. Nothing failed that may not be tried again.
  bool is_undone = false;
};

// Moves batches into the segment files of one partition: creates, fills, seals
// and deletes them, and keeps META.
//
// Segments to write to form a queue: batches go to the first one; later ones
// were created for chunks that are still in memory. A segment is sealed when
// the first batch of the next one comes.
//
// The partition's write-out lock guards every function but segments() and
// StoreHighest. Keeps pointers to LogShared, which outlives it. Keeps no sticky
// error: the partition decides what an error means.
class LogWriter {
 public:
  LogWriter(LogShared& shared, const PartitionAddress& address,
            const PartitionOptions& options, RecoveredPartition recovered);
  ~LogWriter();

  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // The segment that the next chunk belongs to, with storage reserved for
  // `bytes_min` to `bytes_max` bytes of file behind everything that is
  // `outstanding`, the bytes of chunks handed out for it and not yet written.
  // `*limit` is what was reserved. Rolls when the segment is full or old;
  // `end` is then the base offset of the new one. ResourceExhausted changes
  // nothing.
  absl::StatusOr<std::shared_ptr<LogSegment>> RoomFor(uint64_t bytes_min,
                                                      uint64_t bytes_max,
                                                      Offset end,
                                                      uint64_t outstanding,
                                                      uint32_t* limit);

  // Whether `bytes` fit behind `outstanding` without a new segment.
  bool FitsLast(uint64_t bytes, uint64_t outstanding) const;
  // The segment that chunks are handed out for; null before the first.
  const LogSegment* last_segment() const {
    return active_.empty() ? nullptr : active_.back().segment.get();
  }

  // Writes the batches, which follow what was written before, with as few
  // calls as possible. `durable` is the durable mark. The last one is padded if
  // the store pads what a sync closes, `is_for_sync` holds, and there is
  // storage for it beside what is `outstanding`. After an error the same
  // batches may be tried again; those below written() are in the file.
  absl::Status Write(const std::vector<ClaimedBatch>& batches, Offset durable,
                     bool is_for_sync, uint64_t outstanding);

  // Writes one batch of records that were encoded elsewhere; the header's
  // offsets, times and counts are filled. Room was made with RoomFor.
  absl::Status WritePlain(BatchHeader header, ByteSpan plain, Offset durable);
  // The same for records of an earlier incarnation, which header.incarnation
  // names.
  absl::Status WriteTaken(BatchHeader header, ByteSpan plain);

  // Writes a mark batch that says `durable`, if there is a place for it and
  // no batch said so before.
  absl::Status WriteMark(Offset end, Offset durable, uint64_t outstanding);
  bool needs_mark(Offset durable) const { return durable > marked_; }

  // Takes over what has to be synced, marks only if asked. The files stay open
  // with the plan.
  SyncPlan TakeUnsynced(uint64_t bytes, bool is_with_marks);
  // Takes back what `plan` has, for the next plan. If it throws
  // std::bad_alloc, the plan is lost.
  void ReturnUnsynced(const SyncPlan& plan);
  // Stores META for a plan with new files; the files and the directory are
  // synced. Needs no write-out lock.
  absl::Status StoreHighest(const SyncPlan& plan);

  // Everything below is in the files.
  Offset written() const { return written_; }

  // Ends the last segment, so that the next append begins a new one: sealed at
  // once when nothing in memory belongs to it.
  void RequestRoll() { is_roll_requested_ = true; }
  absl::Status SealIdle();
  // When the first batch of the active segment was appended; kNoTime if none.
  int64_t active_since() const;

  // Makes `start` the oldest offset, durably; then the files below it may go.
  absl::Status StoreStart(Offset start);
  absl::Status DeleteBelow(Offset start);

  // Remembers that no batch of an earlier open at or above `end` exists.
  absl::Status StoreCut(Offset end);

  // Cuts what is reserved, stores the clean mark. Everything is durable.
  absl::Status CloseClean(Offset end);
  // Closes the file of a segment that is synced and idle.
  void ReleaseFile();
  // Closes all files, synced or not: nothing is written any more.
  void ReleaseAll();

  // The new name of a strange file that stood in the way of a segment since the
  // last call; empty if none did.
  std::string TakeSetAside() { return std::exchange(set_aside_, {}); }

  void SetOptions(const PartitionOptions& options) { options_ = options; }
  const PartitionOptions& options() const { return options_; }

  // ---- For a log that is only read ----

  // Takes what a new look at the files found.
  void Replace(RecoveredPartition recovered);
  void AddSegment(std::shared_ptr<LogSegment> segment);
  // Forgets segments wholly below `start`; returns them.
  std::vector<std::shared_ptr<LogSegment>> DropBelow(Offset start);

  // Why META takes no more changes; OK while it does. Any thread.
  absl::Status meta_failure() const {
    const MutexLock lock(meta_mutex_);
    return meta_->failure();
  }

  // A snapshot for readers; any thread.
  std::shared_ptr<const SegmentList> segments() const;
  void AddDamage(const DamagedRange& range);

 private:
  // Reserved behind the chunks of a segment, for marks and the seal.
  static constexpr uint64_t kSlack = 8 << 10;

  struct Active {
    std::shared_ptr<LogSegment> segment;
    std::shared_ptr<SegmentFile> file;  // null while closed
    uint64_t position = 0;              // of the next batch
    bool is_dirty = false;              // has records that no sync covers
    bool is_marked = false;             // has a mark that no sync covers
    bool is_new = false;                // its directory entry is not durable
    bool is_cut = false;                // has no reserved storage
  };

  absl::Status BeforeFirstWrite();
  absl::Status CreateSegment(Offset base_offset, uint64_t allocation);
  // Removes what a creation that failed has left. Appends wait for that: behind
  // them the file would stand for a part of the log.
  absl::Status RemoveStray();
  absl::Status OpenFile(Active& active);
  void CloseFile(Active& active);
  absl::Status SealFirst();
  absl::Status AdvanceTo(const LogSegment* segment);
  absl::Status WriteWith(BatchHeader header, ByteSpan plain, Offset durable,
                         Incarnation incarnation);
  SealOptions SealOptionsFor(const Active& active, Offset base,
                             Offset durable) const;
  void NoteBatch(Active& active, const BatchHeader& header);
  void Publish(std::shared_ptr<const SegmentList> list);

  LogShared& shared_;
  const PartitionAddress& address_;
  PartitionOptions options_;

  mutable Mutex meta_mutex_;
  const std::unique_ptr<MetaFile> meta_ ABSL_PT_GUARDED_BY(meta_mutex_);

  std::deque<Active> active_;
  // Sealed, not yet synced.
  std::vector<SyncPlan::File> sealed_unsynced_;
  Offset written_;
  Offset marked_ = 0;  // the highest durable mark in a batch
  bool is_roll_requested_ = false;
  std::optional<Offset> stray_;  // base of a segment whose creation failed
  std::string set_aside_;

  mutable Mutex list_mutex_;
  std::shared_ptr<const SegmentList> list_ ABSL_GUARDED_BY(list_mutex_);
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_LOG_WRITER_H_
