#ifndef TIDEMARK_LIB_RECORD_RECORD_RUNS_H_
#define TIDEMARK_LIB_RECORD_RECORD_RUNS_H_

#include <memory>
#include <string>

#include "absl/container/inlined_vector.h"
#include "base/bytes.h"
#include "record/record_codec.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// Consecutive records of one partition that share an append time: a batch or a
// part of one. The bytes have been validated.
struct RecordRun {
  const std::string* topic = nullptr;  // kept alive by RecordRuns::topics
  PartitionNumber partition = 0;
  RecordPosition first;  // where the first record of the run begins
  size_t record_count = 0;
  int64_t append_time = 0;
};

// The bytes and the runs behind a Records. Built by a reader, immutable
// afterwards, moved as a whole. A reader that follows the end of a log gets few
// records at a time, and waits for no memory for their lists.
class RecordRuns {
 public:
  absl::InlinedVector<RecordRun, 4> runs;  // none is empty
  size_t record_count = 0;
  size_t byte_size = 0;

  // Memory that the runs point into, and names that they refer to.
  absl::InlinedVector<std::shared_ptr<const void>, 4> owners;
  absl::InlinedVector<std::shared_ptr<const std::string>, 2> topics;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_RECORD_RECORD_RUNS_H_
