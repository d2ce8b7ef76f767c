#ifndef TIDEMARK_LIB_CONSUMER_FETCHER_H_
#define TIDEMARK_LIB_CONSUMER_FETCHER_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "consumer/cursor_partition.h"
#include "record/record_runs.h"
#include "tidemark/cursor_options.h"
#include "tidemark/marks.h"
#include "tidemark/records.h"

namespace tidemark {
inline namespace v0 {

// Reads several partitions in turn, so that none of them starves.
//
// A fetch begins with the partition behind the one where the last fetch ended.
// Each partition that has records gets an equal share of the limits; what is
// left is shared again among those that have more. An error is returned by the
// fetch that begins with its partition, and the next fetch begins behind it.
//
// Not thread-safe. Borrows the partitions for the time of a call and moves
// their places only when it returns records.
class Fetcher {
 public:
  explicit Fetcher(Visibility visibility) : visibility_(visibility) {}

  // Empty when no partition has anything at the moment. `limits.timeout` is not
  // used. Errors as PartitionReader::Read and PartitionLog::CheckPosition, and
  // CursorPlace::lost.
  absl::StatusOr<Records> Fetch(std::vector<CursorPartition>& partitions,
                                const PollOptions& limits);

  // The partitions that the last fetch may have moved.
  const std::vector<size_t>& touched() const { return touched_; }

 private:
  // What is left to give.
  struct Budget {
    size_t records = 0;
    size_t bytes = 0;

    bool is_spent() const { return records == 0 || bytes == 0; }
  };

  // Fills turns_ with who may have something, in the order of their turns.
  void CollectTurns(std::vector<CursorPartition>& partitions);
  // Gives each of turns_ its share, and leaves those that may have more.
  absl::Status Round(std::vector<CursorPartition>& partitions, Budget* budget,
                     RecordRuns* runs);
  absl::Status ReadSome(CursorPartition& partition, const Budget& share,
                        RecordRuns* runs);

  const Visibility visibility_;
  size_t first_ = 0;  // whose turn it is

  // Of one fetch; members to keep their memory.
  std::vector<size_t> turns_;
  std::vector<size_t> hungry_;
  std::vector<size_t> touched_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_CONSUMER_FETCHER_H_
