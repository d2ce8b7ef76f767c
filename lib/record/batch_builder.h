#ifndef TIDEMARK_LIB_RECORD_BATCH_BUILDER_H_
#define TIDEMARK_LIB_RECORD_BATCH_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "record/batch_header.h"
#include "record/batch_seal.h"
#include "tidemark/record.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// Collects records in memory and makes one batch of them.
//
// Records get dense offsets from `base_offset` on. The batch never grows past
// kBatchSizeCap.
//
// Not thread-safe. Owns its bytes; borrows a record only during Add. After a
// failed Add the builder is as it was before.
class BatchBuilder {
 public:
  // `append_time` is in microseconds.
  BatchBuilder(Offset base_offset, int64_t append_time);

  // Adds `record` with the create time `time` in microseconds.
  // InvalidArgument with kRecordTooLarge when it does not fit, OutOfRange
  // behind the last offset, ResourceExhausted without memory.
  absl::Status Add(const Record& record, int64_t time);

  // Returns the bytes of the batch: header, payload, padding. Without records
  // it is a mark. Call it once, as the last.
  absl::StatusOr<std::string> Seal(const SealOptions& options);

  // The encoded bytes of the records.
  size_t size() const;
  uint32_t record_count() const { return header_.record_count; }
  Offset next_offset() const { return header_.next_offset(); }

 private:
  BatchHeader header_;
  int64_t last_time_ = 0;
  std::string bytes_;  // room for the header, then the records
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_RECORD_BATCH_BUILDER_H_
