#ifndef TIDEMARK_LIB_PARTITION_PARTITION_LOG_H_
#define TIDEMARK_LIB_PARTITION_PARTITION_LOG_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "partition/append_waiter.h"
#include "partition/clock_watch.h"
#include "partition/group_sync.h"
#include "partition/log_segments.h"
#include "partition/log_shared.h"
#include "partition/log_writer.h"
#include "partition/partition_address.h"
#include "partition/tail.h"
#include "tidemark/event.h"
#include "tidemark/marks.h"
#include "tidemark/partition.h"
#include "tidemark/partition_options.h"
#include "tidemark/recovery_report.h"

namespace tidemark {
inline namespace v0 {

struct RetentionPlan;
struct TakenBatch;
struct TailCopy;
struct TailHint;

// The engine behind Partition: one ordered log.
//
// start <= durable <= written <= end holds at every moment. Records from
// `written` on live in the tail, the chain of chunks, and below it in the
// segment files; a record is in one of them at least.
//
// Thread-safe. Lock order: write_mutex_, then append_mutex_, then the arena's.
// append_mutex_ is never held over a system call, a hash or a wait, but for the
// signals to waiters at a failure or the end of the log (WakeAll): then nobody
// appends; the waiter's own lock comes last. No lock of two partitions is ever
// held at once.
//
// Shared by its handles; keeps LogShared alive. After a failed write or any
// failed sync it refuses appends with that cause; reads go on.
class PartitionLog : public std::enable_shared_from_this<PartitionLog> {
 public:
  // Creates the directory and META of a new partition and syncs both; the entry
  // in the parent directory is the caller's to sync.
  static absl::Status Create(LogShared& shared,
                             const PartitionAddress& address);

  struct OpenOptions {
    // The file system was synced since the last owner was there.
    bool is_file_system_synced = false;
    // Batches that a dead owner left will be appended with AppendTaken before
    // anything else, and FinishTakeOver called.
    bool is_taking_over = false;
  };
  // Recovers the partition and opens it.
  static absl::StatusOr<std::shared_ptr<PartitionLog>> Open(
      std::shared_ptr<LogShared> shared, const PartitionAddress& address,
      const PartitionOptions& options, const OpenOptions& open);

  PartitionLog(std::shared_ptr<LogShared> shared,
               const PartitionAddress& address, const PartitionOptions& options,
               RecoveredPartition recovered);
  ~PartitionLog();

  // See Partition for the contracts of these.
  absl::StatusOr<Offset> Append(std::span<const Record> records, Ack ack);
  absl::Status WaitDurable(Offset end, absl::Time deadline);
  absl::Status Sync();
  Marks marks() const;
  absl::StatusOr<Offset> OffsetForTime(absl::Time time);
  absl::Status TrimBefore(Offset offset);
  absl::StatusOr<std::vector<Segment>> Segments();
  absl::StatusOr<uint64_t> BytesBetween(Offset from, Offset to);
  absl::Status failure() const;

  void SetOptions(const PartitionOptions& options);
  PartitionOptions options() const;

  // Rolls by age and deletes what retention says at wall time `now`, by age
  // only if the clock can be believed.
  absl::Status Maintain(absl::Time now, const ClockTrust& trust = {});

  // Checks a position that a cursor kept: OK, IsTrimmed, IsTruncatedPastCursor
  // (the batch that holds offset - 1 has a higher incarnation, or offset lies
  // behind the end), or DataLoss. `incarnation` 0 skips that check.
  absl::Status CheckPosition(Offset offset, Incarnation incarnation);

  // Returns true when a record at or above `from` is visible now, or the log is
  // closed; else arms `waiter`, to be signalled once by the next append (or
  // sync, for kDurable) that makes one visible, or by the close.
  bool ArmWaiter(const std::shared_ptr<AppendWaiter>& waiter, Offset from,
                 Visibility visibility);
  void DisarmWaiter(const AppendWaiter& waiter);

  // Writes and syncs everything, marks the partition clean, wakes all waiters.
  absl::Status Close();
  // Refuses everything from now on with `why` and wakes all waiters: the topic
  // is deleted, or the store left as a crash would. Allocates nothing.
  void Abandon(const absl::Status& why);

  const PartitionAddress& address() const { return address_; }
  const PartitionRecovery& recovery() const { return recovery_; }
  LogShared& shared() const { return *shared_; }
  Incarnation incarnation() const { return shared_->incarnation; }

  // ---- For the flush worker and the group sync ----

  // Writes out every closed batch, and the open one if `is_everything`.
  absl::Status WriteOut(bool is_everything);
  // The same if the write-out lock is free, and gives the memory back; for a
  // thread that holds another partition's. False when nothing was freed.
  bool TryWriteOutForMemory();
  // Writes the mark and gives back what a log does not need that idles.
  void RunIdle(absl::Duration now);
  GroupSync& group_sync() { return sync_; }
  // When the oldest byte that is not durable was appended, as monotonic time;
  // infinite when all is durable.
  absl::Duration unsynced_since() const;
  // Whether all is durable. Then the next append asks for a sync anew: whoever
  // drops one that was due has to call this.
  bool IsClean();

  // The steps of a sync: write out and take what is to be synced; sync it;
  // what follows the sync of the files; tell everybody, which lets no
  // std::bad_alloc through.
  absl::Status PrepareSync(SyncPlan* plan);
  absl::Status ExecuteSync(SyncPlan* plan);
  absl::Status AfterFilesSynced(SyncPlan* plan);
  // Whether `*status`, of one of these two, ends the appends. If so, its code
  // becomes one that invites nobody to try again. If not, what was to be synced
  // is taken by the next PrepareSync; so this comes before any.
  bool IsFinal(const SyncPlan& plan, absl::Status* status);
  void AfterSync(const SyncPlan& plan, const absl::Status& status,
                 bool is_final);

  // Owned by the flush worker: the log is in one of its lists.
  std::atomic<bool> is_holder{false};
  std::atomic<bool> is_write_requested{false};

  // ---- For the reader ----

  // The end of what `visibility` allows; cheap.
  Offset VisibleEnd(Visibility visibility) const {
    return visibility == Visibility::kDurable
               ? sync_.durable()
               : end_.load(std::memory_order_acquire);
  }
  Offset start() const { return start_.load(std::memory_order_acquire); }
  // Pins what holds `from` in the tail; false when it is not there.
  bool PinTail(Offset from, const TailHint& hint, size_t bytes_max,
               TailCopy* copy) const {
    const MutexLock lock(append_mutex_);
    return tail_.Pin(from, hint, bytes_max, copy);
  }
  // A reader found bytes that fail their checks.
  void NoteDamage(const DamagedRange& range);
  std::shared_ptr<const SegmentList> segments() const {
    return writer_.segments();
  }
  absl::Status Usable() const {
    return IsUsable() ? absl::OkStatus() : WhyUnusable();
  }
  // Looks for what another process has written behind the end. Read-only. When
  // that process has deleted the topic, the log refuses from here on.
  absl::Status Follow();
  // Looks at all files anew, for they are not what they were: another process
  // has trimmed or recovered the log, or deleted the topic. Read-only.
  absl::Status Refresh();

  // ---- For the take-over ----

  // Appends a batch that a dead owner left, at its offset or behind it.
  absl::Status AppendTaken(const TakenBatch& batch);
  // Makes what was taken durable, and final against what a later crash may
  // bring back.
  absl::Status FinishTakeOver();

 private:
  friend class GroupSync;

  // Holds write_mutex_ for a scope and then, without it, tells the host what
  // happened in the scope.
  class ABSL_SCOPED_LOCKABLE WriteLock {
   public:
    explicit WriteLock(PartitionLog& log)
        ABSL_EXCLUSIVE_LOCK_FUNCTION(log.write_mutex_)
        : log_(log) {
      log_.write_mutex_.Lock();
    }
    // Takes over the lock that the caller holds.
    WriteLock(PartitionLog& log, std::adopt_lock_t)
        ABSL_EXCLUSIVE_LOCKS_REQUIRED(log.write_mutex_)
        : log_(log) {}
    ~WriteLock() ABSL_UNLOCK_FUNCTION();

    WriteLock(const WriteLock&) = delete;
    WriteLock& operator=(const WriteLock&) = delete;

   private:
    PartitionLog& log_;
  };

  // What came of an append to the tail.
  struct TailAppend {
    Offset base = 0;  // of the first record
    bool is_appended = false;
    bool is_refused = false;        // AppendRefusal says why
    bool is_write_out_due = false;  // closed batches wait to be written
    bool is_newly_dirty = false;    // nothing was unsynced before

    bool has_work() const { return is_write_out_due || is_newly_dirty; }
  };
  // Appends if the tail has room for `bound` bytes.
  TailAppend AppendToTail(std::span<const Record> records, size_t bound);
  // Any append, with all checks.
  absl::StatusOr<Offset> AppendWithCare(std::span<const Record> records,
                                        Ack ack);
  // What is to be done behind `last`, the first try: makes room and tries again
  // until the records are in, and reaches the level.
  absl::StatusOr<Offset> FinishAppend(std::span<const Record> records,
                                      size_t bound, Ack ack, TailAppend last);
  // Whether what is in the tail has the level without more.
  bool IsReachedByTail(Ack ack) const {
    return ack == Ack::kMemory ||
           (ack == Ack::kProcess &&
            shared_->process_durability.load(std::memory_order_relaxed) !=
                ProcessDurability::kWriteThrough);
  }
  bool IsUsable() const {
    return shared_->IsUsable() &&
           !is_abandoned_.load(std::memory_order_acquire);
  }

  // Finds memory for one batch of `bound` bytes of records, writing out and
  // rolling as needed. `*deadline` is set at the first wait.
  absl::Status MakeRoom(size_t bound, absl::Duration* deadline);
  // Gives the appenders a chunk; `*is_memory_full` when the arena has none.
  absl::Status InstallChunk(size_t bound, bool* is_memory_full)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::StatusOr<std::shared_ptr<Chunk>> NewChunk(uint64_t bytes_min,
                                                  uint64_t bytes, Offset end,
                                                  uint64_t outstanding)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  // A chunk came from memory that is gone with the process.
  void NoteHeapMemory() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  uint64_t Outstanding() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  uint64_t tail_memory() const;
  // Gives the appenders their next chunks ahead of need.
  void ProvideSpares() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  // What the next chunk should hold: twice as much as the last one if that was
  // filled quickly.
  uint64_t NextChunkSize(uint64_t needed, absl::Duration now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::StatusOr<Offset> AppendDirect(std::span<const Record> records,
                                      size_t bound);
  absl::Status WriteOutLocked(bool is_everything, bool is_for_sync)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::Status NoteWriteResult(absl::Status status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  // A batch was closed: whether enough of them wait to be written.
  bool IsWriteOutDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(append_mutex_);
  // Passes `status` on. Behind a failed write or sync of META nothing is
  // appended any more.
  absl::Status NoteMetaResult(absl::Status status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  void AfterAppend(bool is_write_out_due, bool is_newly_dirty);
  void NoteWork(bool is_write_out_due, bool is_newly_dirty);
  absl::Status Reach(Ack ack, Offset end);
  // Sets `*bound` to an upper bound of the encoded size of `records`. False for
  // an append that is refused; CheckRecords then says why.
  static bool IsAppendable(std::span<const Record> records,
                           uint64_t record_bytes_max, size_t* bound);
  absl::Status CheckRecords(std::span<const Record> records,
                            uint64_t record_bytes_max) const;
  absl::Status WhyUnusable() const;
  static absl::Status OpenedToRead();
  // DataLoss when the file of a segment has lost its name, and not by a trim:
  // nobody will find what is synced there.
  absl::Status CheckLinks(const SyncPlan& plan) const;
  // The topic is being deleted, by this process or another one.
  bool IsDirectoryGone() const;
  absl::Status TopicDeleted() const;
  // WaitDurable while another process writes: looks what it has synced.
  absl::Status WaitBesideWriter(Offset end, absl::Duration deadline);
  absl::Status WaitForSyncBound();
  // Ends the chunk that appends go to and writes everything, so that the write
  // out lock's holder has the end of the log for itself.
  absl::Status FreezeAndWriteOut() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::Status RollByAge(absl::Time now);
  bool IsBelieved(const ClockTrust& trust, absl::Duration retention_age) const;
  // Tells the host, once until the clock is fine again.
  void NoteClock(const RetentionPlan& plan);
  absl::Status SealByAge(absl::Time now, bool* is_due)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::Status TrimLocked(Offset offset, size_t* deleted)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  enum class Whereabouts : uint8_t { kFollowed, kLeftBehind, kDeleted };
  absl::Status FollowFiles(Whereabouts* whereabouts);
  // Whether the files are gone, or those of another topic, as META says it.
  absl::StatusOr<bool> IsDeleted(const MetaFile& meta) const;
  // Refuses from now on, and returns why.
  absl::Status NoteDeleted();
  absl::Status FollowSegment(LogSegment& segment, Offset* end)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  // Without what is trimmed meanwhile. NotFound when another one is gone.
  absl::StatusOr<std::vector<Segment>> OpenSegments();
  absl::StatusOr<Offset> FirstOffsetOfNewerThan(Incarnation incarnation);
  absl::Status AppendRefusal() const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(append_mutex_);
  void Poison(const absl::Status& cause);
  void Wake(Visibility visibility);
  void WakeAll();
  // Tells the host; with no lock held.
  void Report(EventKind kind, const absl::Status& status,
              std::string text) const;
  // Tells the host of a sync that is tried again, once until one succeeds.
  void NotePutOff(const absl::Status& status);
  // Tells the host at the end of the WriteLock.
  void ReportLater(EventKind kind, const absl::Status& status, std::string text)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);

  // Constant after construction.
  const std::shared_ptr<LogShared> shared_;
  const PartitionAddress address_;
  const bool is_plain_;  // no setting makes an append look twice
  PartitionRecovery recovery_;
  // How old the newest record was when the log was opened; least for none.
  const absl::Duration age_at_open_;

  // The end of the log and the marks; each is stored under the lock named.
  std::atomic<Offset> start_;    // write_mutex_
  std::atomic<Offset> written_;  // write_mutex_
  std::atomic<Offset> end_;      // append_mutex_
  std::atomic<uint64_t> appended_bytes_{0};
  std::atomic<uint64_t> synced_bytes_{0};

  // Options, read by the append path without a lock.
  std::atomic<uint64_t> batch_bytes_;
  std::atomic<uint64_t> record_bytes_max_;
  std::atomic<Ack> default_ack_;
  std::atomic<uint64_t> segment_bytes_;

  GroupSync sync_;

  // Guards the end of the log. Held for an encoding, never for I/O.
  mutable Mutex append_mutex_;
  Tail tail_ ABSL_GUARDED_BY(append_mutex_);

  // Serializes everything that moves bytes to the files.
  mutable Mutex write_mutex_ ABSL_ACQUIRED_BEFORE(append_mutex_);
  LogWriter writer_;
  uint64_t chunk_size_ ABSL_GUARDED_BY(write_mutex_) = 0;
  absl::Duration chunk_since_ ABSL_GUARDED_BY(write_mutex_);
  uint64_t chunk_since_bytes_ ABSL_GUARDED_BY(write_mutex_) = 0;
  size_t spares_wanted_ ABSL_GUARDED_BY(write_mutex_) = 1;
  bool is_waiting_for_space_ ABSL_GUARDED_BY(write_mutex_) = false;
  bool is_closing_ ABSL_GUARDED_BY(write_mutex_) = false;
  bool is_closed_ ABSL_GUARDED_BY(write_mutex_) = false;
  std::vector<Event> late_events_ ABSL_GUARDED_BY(write_mutex_);

  absl::Status failure_ ABSL_GUARDED_BY(append_mutex_);
  bool is_append_closed_ ABSL_GUARDED_BY(append_mutex_) = false;
  // Of appended_bytes_, when the flush worker was asked to write last.
  uint64_t requested_bytes_ ABSL_GUARDED_BY(append_mutex_) = 0;
  bool is_dirty_noted_ ABSL_GUARDED_BY(append_mutex_) = false;
  struct Armed {
    std::shared_ptr<AppendWaiter> waiter;
    Offset from;
    Visibility visibility;
  };
  std::vector<Armed> armed_ ABSL_GUARDED_BY(append_mutex_);
  std::atomic<bool> has_armed_{false};
  // Nanoseconds of monotonic time; INT64_MAX when all is durable.
  std::atomic<int64_t> unsynced_since_{INT64_MAX};
  std::atomic<bool> is_abandoned_{false};
  std::atomic<bool> is_clock_doubt_told_{false};
  std::atomic<bool> is_put_off_told_{false};
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_PARTITION_LOG_H_
