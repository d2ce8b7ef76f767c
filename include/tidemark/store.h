#ifndef TIDEMARK_STORE_H_
#define TIDEMARK_STORE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tidemark/export.h"
#include "tidemark/health.h"
#include "tidemark/recovery_report.h"
#include "tidemark/store_options.h"
#include "tidemark/topic.h"
#include "tidemark/topic_options.h"

namespace tidemark {
inline namespace v0 {

class StoreEngine;

// One directory with topics, owned by one process at a time.
//
// Thread-safe, except that moving, assigning and destroying must not run beside
// another call; move-only. Handles to topics, partitions and cursors share its
// engine and may outlive it. The destructor closes the store and drops the
// status. Every call after Close, and on a store that was moved from, returns
// FailedPrecondition (IsClosed). A child of fork() inherits nothing: calls
// return FailedPrecondition there, destroying does nothing, and the child may
// open stores of its own.
class TIDEMARK_EXPORT Store {
 public:
  // Opens the store in `directory`, creating it if the options allow. Reads the
  // list of topics; partitions are recovered at their first use, except those
  // of which a dead owner left records in memory.
  //
  // Errors: InvalidArgument for options out of range; NotFound without a store
  // and create_if_missing; FailedPrecondition when it is locked by another
  // process or by this one (IsLocked), when the directory holds something else
  // (IsNotAStore), or when directory or files belong to somebody else or may be
  // written by others; Unimplemented for a newer format (IsNewerFormat);
  // PermissionDenied, ResourceExhausted and Internal from the file system;
  // DataLoss when the store's own file is damaged in both of its slots, or
  // missing beside topics. After any of them nothing is half open, and the next
  // call finishes what this one began.
  static absl::StatusOr<Store> Open(std::string_view directory,
                                    const StoreOptions& options = {});

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // Creates a topic by Kafka's name rules: 1 to 249 of [A-Za-z0-9._-], not "."
  // or "..", not beginning with a dot, not ending in .log, .idx or .tmp. The
  // topic is durable when the call returns; a crash before leaves all of it or
  // nothing. AlreadyExists, InvalidArgument, Unimplemented for a compression
  // that is not built in, FailedPrecondition in a read-only store.
  absl::StatusOr<Topic> CreateTopic(std::string_view name,
                                    const TopicOptions& options = {});

  // Opens an existing topic. NotFound names the topics there are.
  // FailedPrecondition (kPartitionerMismatch) when `custom_partitioner` is not
  // the one that the topic was made with, by its name. Without it a topic of a
  // host's own partitioner opens, but Topic::Append fails. The first one given
  // is kept as long as the store is open. DataLoss when the topic's own file is
  // damaged; other topics stay as they are.
  absl::StatusOr<Topic> OpenTopic(
      std::string_view name,
      std::shared_ptr<Partitioner> custom_partitioner = nullptr);

  // Opens the topic, whatever its options, or creates it with `options`.
  absl::StatusOr<Topic> OpenOrCreateTopic(std::string_view name,
                                          const TopicOptions& options = {});

  // The names of all topics in ascending order.
  absl::StatusOr<std::vector<std::string>> ListTopics() const;

  // Deletes a topic with all of its records. Its handles and cursors fail from
  // then on (IsClosed). The deletion is durable when the call returns OK; after
  // an error it may have happened, and calling again finishes it. NotFound.
  absl::Status DeleteTopic(std::string_view name);

  // Makes everything that was appended before the call durable. Blocks for the
  // device. FailedPrecondition in a read-only store.
  absl::Status Sync();

  // What opening found, with the partitions that were recovered so far.
  RecoveryReport recovery() const;

  StoreHealth health() const;

  // What Ack::kProcess rests on at present.
  ProcessDurability Durability() const;

  // Writes out, syncs, marks, rolls and deletes whatever is due at `now` (wall
  // time, for the ages of retention), and reports deliveries of producers. A
  // store without background threads needs it; with them it is allowed and does
  // the same work now. While the store's clock is in doubt, because it did not
  // run along with its monotonic time, nothing is deleted by age; a `now` that
  // is an hour or more away from that clock is the host's own word and is
  // believed. Returns the first error, but does the rest nonetheless.
  absl::Status RunMaintenance(absl::Time now);

  // Writes and syncs everything, marks the partitions clean, ends blocked calls
  // with Cancelled and releases the lock. Returns the first error; the store is
  // closed even then. Calling it again returns OK. Waits for calls that open,
  // create or delete; must not be called from a callback.
  absl::Status Close();

  // For the modules on top of the store.
  const std::shared_ptr<StoreEngine>& engine() const { return engine_; }

 private:
  explicit Store(std::shared_ptr<StoreEngine> engine);
  std::shared_ptr<StoreEngine> engine_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_STORE_H_
