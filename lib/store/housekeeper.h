#ifndef TIDEMARK_LIB_STORE_HOUSEKEEPER_H_
#define TIDEMARK_LIB_STORE_HOUSEKEEPER_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/worker.h"
#include "partition/clock_watch.h"
#include "store/open_partitions.h"
#include "store/topic_catalog.h"
#include "tidemark/clock.h"
#include "tidemark/health.h"

namespace tidemark {
inline namespace v0 {

// The maintenance thread of a store: rolls segments by age, applies retention,
// removes the rest of deleted topics.
//
// Looks at every open partition once in a round, some at a time, so that a
// store of many partitions does not keep a processor from its appenders. What
// fails is a background error of the store's health and tried again in the next
// round. Thread-safe. Borrows what it works on.
class Housekeeper {
 public:
  static constexpr absl::Duration kRound = absl::Seconds(1);
  static constexpr absl::Duration kPause = absl::Milliseconds(1);
  static constexpr size_t kSliceCount = 64;

  Housekeeper(OpenPartitions& partitions, TopicCatalog& catalog)
      : partitions_(partitions),
        catalog_(catalog),
        watch_(clock().Now(), clock().Monotonic()) {}
  ~Housekeeper() { Stop(); }

  Housekeeper(const Housekeeper&) = delete;
  Housekeeper& operator=(const Housekeeper&) = delete;

  // Starts the thread. ResourceExhausted when the system gives none.
  absl::Status Start();
  // Ends the thread behind the slice that it is at.
  void Stop();

  // Does a whole round now, for hosts without threads, at wall time `now`. What
  // the clock says is believed if it runs along with its monotonic time; a time
  // that is an hour or more away from the clock's is the host's own, and
  // believed. Returns the first error, but goes on behind it.
  absl::Status RunRound(absl::Time now);

  // Adds a warning while the clock is in doubt.
  void AddTo(StoreHealth* health) const;

 private:
  absl::Duration RunSlice();
  // Reports a jump.
  ClockTrust LookAtClock(absl::Time now);
  absl::Status MaintainAll(
      const std::vector<std::shared_ptr<PartitionLog>>& logs, absl::Time now,
      const ClockTrust& trust);
  Clock& clock() const { return *partitions_.shared().clock; }

  OpenPartitions& partitions_;
  TopicCatalog& catalog_;
  ClockWatch watch_;
  // Used by the thread alone.
  size_t next_ = 0;
  absl::Duration round_since_ = absl::ZeroDuration();

  std::unique_ptr<Worker> worker_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_HOUSEKEEPER_H_
