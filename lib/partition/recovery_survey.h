#ifndef TIDEMARK_LIB_PARTITION_RECOVERY_SURVEY_H_
#define TIDEMARK_LIB_PARTITION_RECOVERY_SURVEY_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "segment/segment_header.h"
#include "segment/segment_index.h"
#include "segment/segment_scanner.h"
#include "segment/segment_trailer.h"
#include "tidemark/env.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// Batches of a segment that follow one another without a fault.
struct SurveyRun {
  Offset from = 0;
  uint64_t position = 0;
  // Of all good batches up to the end of this run.
  SegmentTotals totals;

  Offset to() const { return totals.next_offset; }
};

// Bytes of a segment that are not batches of the log.
struct SurveyHole {
  Offset from = 0;  // expected where it begins
  uint64_t position = 0;
  uint64_t size = 0;  // to the next run or to the end of the file
  BatchFault fault = BatchFault::kNone;
  uint64_t fingerprint = 0;  // of its first bytes
};

// What a walk over one segment saw: a run, a hole, a run, a hole and so on; the
// first run may be empty. As many holes as runs: nothing behind the last hole.
struct SegmentSurvey {
  explicit SegmentSurvey(const SegmentHeader& header) : index(header) {}

  std::vector<SurveyRun> runs;
  std::vector<SurveyHole> holes;
  Offset durable_end = 0;  // the highest in any valid header
  // All records up to the stop offset are there, and something that is neither
  // a batch nor zeros stands behind them.
  bool has_garbage_behind = false;
  // The walk gave up before it saw all of the file.
  bool is_exhausted = false;
  // Position of the first batch whose payload was verified, or of the data end.
  uint64_t verified_from = 0;
  uint64_t bytes_read = 0;
  SegmentIndex index;  // of all runs
};

struct SurveyOptions {
  std::optional<SegmentTrailer> trailer;  // the segment is sealed
  uint64_t file_size = 0;
  // Where the next segment begins: batches from there on do not belong here.
  Offset stop_offset = std::numeric_limits<Offset>::max();
  Offset payloads_from = std::numeric_limits<Offset>::max();
  Offset cut_offset = std::numeric_limits<Offset>::max();
  Incarnation cut_incarnation = 0;
};

// Walks the whole segment. Not OK only when reading fails.
absl::StatusOr<SegmentSurvey> SurveySegment(const File& file,
                                            const SegmentHeader& header,
                                            const SurveyOptions& options);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_RECOVERY_SURVEY_H_
