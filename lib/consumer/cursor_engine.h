#ifndef TIDEMARK_LIB_CONSUMER_CURSOR_ENGINE_H_
#define TIDEMARK_LIB_CONSUMER_CURSOR_ENGINE_H_

#include <atomic>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "consumer/commit_level.h"
#include "consumer/cursor_file.h"
#include "consumer/fetcher.h"
#include "consumer/partition_set.h"
#include "consumer/start_resolver.h"
#include "partition/append_waiter.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/cursor_options.h"
#include "tidemark/positions.h"
#include "tidemark/records.h"

namespace tidemark {
inline namespace v0 {

struct LogShared;

// What stands behind a ConsumerCursor; see there for the contracts.
//
// positions() says where every partition of the set stands whose place is
// known, at any moment. One thread at a time, but for Wake. Keeps the logs, and
// through them what the store's partitions share, alive. May let std::bad_alloc
// through; then positions are as before.
class CursorEngine {
 public:
  static absl::StatusOr<std::unique_ptr<CursorEngine>> Open(
      Store& store, const CursorOptions& options);
  ~CursorEngine();

  CursorEngine(const CursorEngine&) = delete;
  CursorEngine& operator=(const CursorEngine&) = delete;

  absl::StatusOr<Records> Poll(const PollOptions& options);
  absl::Status Commit();
  absl::Status Commit(const Positions& positions);
  absl::StatusOr<Positions> committed();
  absl::Status Seek(const Start& start);
  absl::Status Seek(const TopicPartition& partition, const Start& start);
  absl::Status SetPaused(std::span<const TopicPartition> partitions,
                         bool is_paused);
  absl::StatusOr<std::vector<PartitionLag>> Lag();
  void Wake();
  int event_fd();
  absl::Status Close();

  const Positions& positions() const { return positions_; }
  const std::vector<TopicPartition>& partitions() const {
    return partitions_->names();
  }
  const CursorOptions& options() const { return options_; }
  LogShared& shared() const { return partitions_->all().front().log->shared(); }

 private:
  CursorEngine(const CursorOptions& options,
               std::unique_ptr<PartitionSet> partitions);

  // FailedPrecondition when cursor or store are closed, or in a forked child.
  absl::Status Usable() const;

  absl::Status OpenFile();
  absl::Status TakeKeys(std::span<const CursorKey> keys);
  absl::Status RereadFile();
  StartResolver resolver() const { return {options_.visibility, file_.get()}; }

  // Makes `positions` say that `partition` stands at `place`.
  static void NotePlace(const CursorPartition& partition,
                        const CursorPlace& place, Positions* positions);

  absl::StatusOr<Records> PollUntil(const PollOptions& options);
  // In a read-only store: looks for what the process that writes has added.
  absl::Status Follow();
  absl::Status TakeNewPartitions();
  // Brings positions() up to the last fetch.
  void MoveTouched();
  // Whether Wake was called since the last time. Cheap when it was not, for
  // hosts that poll in a loop.
  bool TakeWake() { return is_woken_.load() && is_woken_.exchange(false); }
  // Sleeps until something may be there. `*is_over`: the deadline has come.
  absl::Status Wait(absl::Duration deadline, bool* is_over);
  // Arms the waiter everywhere. Returns false when a Poll would return at once.
  bool ArmAll();
  void UpdateEventDescriptor();

  absl::Status CheckCanCommit() const;
  absl::Status WriteCommits(const std::vector<CommitTarget>& targets,
                            const std::vector<CursorCommit>& commits);

  const CursorOptions options_;
  const std::unique_ptr<PartitionSet> partitions_;  // before what borrows it
  std::unique_ptr<CursorFile> file_;
  Fetcher fetcher_;
  Positions positions_;
  bool is_closed_ = false;
  bool has_event_descriptor_ = false;
  absl::Duration next_look_ = -absl::InfiniteDuration();  // at the topics

  const std::shared_ptr<AppendWaiter> waiter_;
  std::atomic<bool> is_woken_{false};
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_CONSUMER_CURSOR_ENGINE_H_
