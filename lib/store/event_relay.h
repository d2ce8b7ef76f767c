#ifndef TIDEMARK_LIB_STORE_EVENT_RELAY_H_
#define TIDEMARK_LIB_STORE_EVENT_RELAY_H_

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "base/mutex.h"
#include "tidemark/event.h"
#include "tidemark/health.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// Brings the events of a store to the host and remembers of them what health
// reports.
//
// The host's function is called without any lock held and its exceptions end
// here. Thread-safe. Owns the function. An event for which there is no memory
// is counted as a background error and otherwise lost.
class EventRelay {
 public:
  explicit EventRelay(std::function<void(const Event&)> host)
      : host_(std::move(host)) {}

  // Keeps back what the calling thread reports, and delivers it at the end of
  // the scope: for code that calls the partitions with a lock held. To be
  // declared before the lock; scopes nest.
  class Deferral {
   public:
    explicit Deferral(EventRelay& relay);
    ~Deferral();
    Deferral(const Deferral&) = delete;
    Deferral& operator=(const Deferral&) = delete;

   private:
    friend class EventRelay;
    EventRelay& relay_;
    Deferral* const outer_;
    std::vector<Event> events_;
  };

  void Report(const Event& event) noexcept;

  // An error that nobody waits for. OK is ignored.
  void NoteBackgroundError(const absl::Status& status) noexcept;

  // Drops what it remembers of a topic that was deleted.
  void ForgetTopic(std::string_view topic);

  // Adds what it knows to `health`.
  void AddTo(StoreHealth* health) const;

  // Why the process level is what it is.
  void SetProcessDurabilityReason(std::string reason);

 private:
  void Remember(const Event& event);
  void Deliver(const Event& event) noexcept;

  const std::function<void(const Event&)> host_;

  mutable Mutex mutex_;
  absl::Status background_error_ ABSL_GUARDED_BY(mutex_);
  uint64_t background_error_count_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t damaged_ranges_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<TopicPartition> waiting_for_space_ ABSL_GUARDED_BY(mutex_);
  std::string process_durability_reason_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_EVENT_RELAY_H_
