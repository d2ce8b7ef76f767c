#ifndef TIDEMARK_EXAMPLES_GATEWAY_DASHBOARD_H_
#define TIDEMARK_EXAMPLES_GATEWAY_DASHBOARD_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "screen.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/store.h"
#include "totals.h"

namespace gateway {

// Counts everything that is in the log and shows it as it grows.
//
// It keeps nothing: a cursor without a name begins at the oldest record each
// time, and the log gives the same totals again. One thread at a time, except
// Wake.
class Dashboard {
 public:
  static absl::StatusOr<Dashboard> Open(tidemark::Store& store,
                                        uint64_t rows_expected);

  // Counts and shows until `is_finished` is set and everything is counted.
  // `archived` is shown along with it.
  absl::Status Run(const std::atomic<bool>& is_finished,
                   const std::atomic<uint64_t>& archived, Screen& screen);

  void Wake() { cursor_.Wake(); }

  const Totals& totals() const { return totals_; }

 private:
  Dashboard(tidemark::ConsumerCursor cursor, uint64_t rows_expected)
      : cursor_(std::move(cursor)), rows_expected_(rows_expected) {}

  absl::Status Count(const tidemark::Records& records);
  double Progress() const;
  bool IsFrameDue(const Screen& screen);
  std::vector<std::string> Frame(const Screen& screen, uint64_t archived) const;

  tidemark::ConsumerCursor cursor_;
  const uint64_t rows_expected_;
  Totals totals_;
  absl::Time recorded_time_;  // of the newest flight
  absl::Time shown_at_ = absl::InfinitePast();
  int shown_quarter_ = 0;
};

}  // namespace gateway

#endif  // TIDEMARK_EXAMPLES_GATEWAY_DASHBOARD_H_
