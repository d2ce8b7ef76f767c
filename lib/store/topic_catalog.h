#ifndef TIDEMARK_LIB_STORE_TOPIC_CATALOG_H_
#define TIDEMARK_LIB_STORE_TOPIC_CATALOG_H_

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "store/name_locks.h"
#include "store/open_partitions.h"
#include "store/topic_state.h"
#include "tidemark/topic_options.h"

namespace tidemark {
inline namespace v0 {

// The topics of one store by name. TOPIC is read when a topic is opened.
//
// A store that is only read looks at the directory each time, for the process
// that writes may have changed it.
//
// Thread-safe; I/O runs under a lock of the topic's name alone. Topics that it
// handed out outlive it. A creation or deletion that fails can be repeated and
// then finishes what the first one began.
class TopicCatalog {
 public:
  explicit TopicCatalog(std::shared_ptr<OpenPartitions> partitions)
      : partitions_(std::move(partitions)) {}

  TopicCatalog(const TopicCatalog&) = delete;
  TopicCatalog& operator=(const TopicCatalog&) = delete;

  // Reads the names and removes what was left of topics that were being
  // created or deleted. To be called once, before anything else.
  absl::Status Load();

  // See Store for the contracts of these.
  absl::StatusOr<std::shared_ptr<TopicState>> Create(
      std::string_view name, const TopicOptions& options);
  absl::StatusOr<std::shared_ptr<TopicState>> Open(std::string_view name);
  absl::StatusOr<std::vector<std::string>> Names() const;
  absl::Status Delete(std::string_view name);

  // Tries again to remove the rest of deleted topics. Returns the first error.
  absl::Status RemoveRests();

 private:
  using Topics =
      std::map<std::string, std::shared_ptr<TopicState>, std::less<>>;

  absl::Status CheckWritable() const;
  absl::Status NotFound(std::string_view name) const;
  // These are called with the name held.
  absl::StatusOr<std::shared_ptr<TopicState>> Read(std::string_view name);
  // Closes the handles of a topic that another process has deleted.
  void Forget(std::string_view name);
  static void Drop(TopicState& topic);
  absl::Status FinishRemoval(std::string_view name);
  absl::Status RemoveHeld(std::string_view name, TopicState* topic);
  // Whether the directory `path` certainly is where it was, after its removal
  // ended with `removed`.
  bool IsStillThere(const std::string& path, const absl::Status& removed) const;

  LogShared& shared() const { return partitions_->shared(); }

  const std::shared_ptr<OpenPartitions> partitions_;
  NameLocks names_;

  mutable Mutex mutex_;
  // All names that there are; null until the topic is opened.
  Topics topics_ ABSL_GUARDED_BY(mutex_);
  // Names whose directory must go before the name is free: where it is by now.
  std::map<std::string, std::string, std::less<>> removals_
      ABSL_GUARDED_BY(mutex_);
  // Directories of deleted topics that are not yet empty.
  std::list<std::string> rests_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_TOPIC_CATALOG_H_
