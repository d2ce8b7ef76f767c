#ifndef TIDEMARK_CONSUMER_CURSOR_H_
#define TIDEMARK_CONSUMER_CURSOR_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tidemark/cursor_options.h"
#include "tidemark/positions.h"
#include "tidemark/records.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

class CursorEngine;
class Store;

// How far a cursor is behind in one partition.
struct PartitionLag {
  TopicPartition partition;
  // Offsets between the position and the end of what the cursor may see; the
  // number of records unless some of them were compacted away.
  uint64_t records = 0;
  // The bytes of these as they stand in the log, within 64 KiB.
  uint64_t bytes = 0;

  friend bool operator==(const PartitionLag&, const PartitionLag&) = default;
};

// Reads partitions in order and knows where it stands.
//
// A position moves in two ways: by a Poll that returned the records before it,
// and by Seek. When the log no longer has what a position asks for, Poll says
// so and the position stays: nothing is skipped in silence.
//
// One thread at a time; Wake may be called by any thread. Move-only; a cursor
// that was moved from may only be assigned to or destroyed. It may outlive its
// store: every call then returns FailedPrecondition (IsClosed). The destructor
// closes it. No error makes it unusable; what an error changed is said at each
// function, and without a word it changed nothing.
//
// Errors that every call can return: FailedPrecondition when cursor or store
// are closed (IsClosed) or the process was forked, ResourceExhausted without
// memory or descriptors.
class ConsumerCursor {
 public:
  // Opens what `options` names, and with it every partition: those at their
  // first use are recovered. A named cursor of a writable store creates the
  // name's file, if need be, and takes its places in it, so that commits need
  // no space later.
  //
  // Errors: InvalidArgument for options out of range; NotFound for a topic or a
  // partition; FailedPrecondition with kStoreInUse when another cursor of that
  // name has one of the partitions; DataLoss when the name's file is no cursor
  // file in both of its headers; any error of opening a partition or of reading
  // and writing the file. A position that cannot be read on from, or that the
  // file lost, is not one of them: the first Poll reports it.
  static absl::StatusOr<ConsumerCursor> Open(Store& store,
                                             const CursorOptions& options);

  ConsumerCursor(ConsumerCursor&&) noexcept;
  ConsumerCursor& operator=(ConsumerCursor&&) noexcept;
  ConsumerCursor(const ConsumerCursor&) = delete;
  ConsumerCursor& operator=(const ConsumerCursor&) = delete;
  ~ConsumerCursor();

  // Returns the next records. It returns as soon as one of these holds, checked
  // in this order, and for no other reason:
  //
  //  1. The options are out of range: InvalidArgument.
  //  2. The cursor or the store was closed before the call:
  //     FailedPrecondition (IsClosed).
  //  3. A record is visible at the position of a partition that is not paused:
  //     OK with at least one record and at most what the limits allow.
  //  4. A partition that is not paused cannot be read at its position:
  //      - OutOfRange, IsTrimmed: the gap's `to` is the oldest record kept;
  //      - OutOfRange, IsTruncatedPastCursor: a crash cut away records that the
  //        position lies behind; the gap's `from` is the safe position;
  //      - DataLoss, IsDamaged: the records of the gap are damaged, its `to`
  //        can be read; without a gap, the commit that the position should have
  //        come from is damaged;
  //      - OutOfRange without a reason: the position was set behind the end;
  //      - FailedPrecondition: the topic was deleted;
  //      - any other error of reading.
  //     Positions stay as they are. The next Poll begins with another
  //     partition, so the others go on; this one reports again each time its
  //     turn comes, until Seek, or Pause.
  //  5. Wake was called since the last return: OK and empty.
  //  6. The timeout is over: OK and empty.
  //  7. The store was closed during the wait: Cancelled (IsClosed).
  //
  // Records of one partition come in ascending order of offsets. Partitions
  // take turns: each Poll begins behind the one where the last one ended, and
  // gives each partition the same share of the bytes before it gives more to
  // those that have more. In a store without threads Poll also does the writes
  // and syncs that are due.
  //
  // In a read-only store Poll looks at the files for what the process that
  // writes has handed to the system: when it begins, and every 5 ms while it
  // waits. It looks for new partitions every 100 ms.
  absl::StatusOr<Records> Poll(const PollOptions& options);
  absl::StatusOr<Records> Poll();  // with CursorOptions::poll

  // Commits positions(), or `positions`, under the cursor's name, at
  // CursorOptions::commit_level. Partitions whose commit would not change cost
  // nothing.
  //
  // A commit at kDisk first makes the records below it durable; one at kProcess
  // first hands them to the system if that is what the level rests on. So no
  // commit points past what its level keeps. A position that a loss of power
  // cut away nevertheless, under a commit at kProcess, is reported at the next
  // Open and Poll (IsTruncatedPastCursor).
  //
  // Errors: FailedPrecondition without a name, in a read-only store (kReadOnly)
  // or after an earlier error of writing or syncing the file (IsPoisoned) until
  // the cursor is opened again; InvalidArgument for a partition that the cursor
  // does not read; OutOfRange for a position behind the end; any error of
  // making the records safe, of writing or of syncing. Each partition is
  // committed or not; after an error some may be, and an error at kDisk says
  // that it is not known what a loss of power leaves.
  absl::Status Commit();
  absl::Status Commit(const Positions& positions);

  // What is committed under the cursor's name for its partitions; those without
  // a commit are missing. FailedPrecondition without a name; DataLoss that
  // names the first partition whose commit is damaged.
  absl::StatusOr<Positions> committed() const;

  // Moves all partitions, or one. Either all of them move or, after an error,
  // none. InvalidArgument when `start` does not fit the cursor; NotFound for a
  // partition that the cursor does not read; any error of finding the place.
  absl::Status Seek(const Start& start);
  absl::Status Seek(const TopicPartition& partition, const Start& start);

  // Where the cursor stands, in all partitions but those whose place is unknown
  // because their commit is damaged. Changes with the next Poll or Seek; copy
  // it to keep it.
  const Positions& positions() const;

  // Leaves partitions out of Poll and of the event descriptor, or takes them in
  // again. NotFound, with nothing changed, for one that the cursor does not
  // read. Positions stay.
  absl::Status Pause(std::span<const TopicPartition> partitions);
  absl::Status Resume(std::span<const TopicPartition> partitions);

  // How far the cursor is behind in each of its partitions, in their order.
  // Zero everywhere exactly when Poll has returned everything.
  absl::StatusOr<std::vector<PartitionLag>> Lag() const;

  // Makes the Poll that is waiting, or else the next one, return at once with
  // what is there. Any thread, at any time but during a move or the
  // destructor. Does not block and cannot fail.
  void Wake();

  // A descriptor for poll(2) or epoll, owned by the cursor; -1 when the process
  // has none left. Level-triggered: it is readable while Poll would return at
  // once for the reasons 2, 3, 4 or 5, and may be readable once without one.
  // Poll alone clears it, when it has returned everything that is there; Seek,
  // Pause and Resume set it anew. Do not read from it. A host whose loop waits
  // for it should call Poll once behind event_fd().
  //
  // A partition that a topic gets later makes it readable by its first record
  // only after a Poll has found the partition. What another process appends
  // makes it readable only when a Poll has seen it: a host that reads beside a
  // writer polls by time.
  int event_fd();

  // The partitions that the cursor reads, ascending. May grow with the next
  // Poll.
  const std::vector<TopicPartition>& partitions() const;
  std::string_view name() const;

  // Gives up the name and the partitions. Does not commit. Returns the error of
  // closing the name's file; the cursor is closed even then.
  absl::Status Close();

 private:
  friend class Subscriber;
  explicit ConsumerCursor(std::unique_ptr<CursorEngine> engine);

  std::unique_ptr<CursorEngine> engine_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_CONSUMER_CURSOR_H_
