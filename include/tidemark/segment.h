#ifndef TIDEMARK_SEGMENT_H_
#define TIDEMARK_SEGMENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tidemark/damage.h"
#include "tidemark/env.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

struct SegmentSnapshot;

// What the header of one batch says. docs/format/batch.md explains the fields.
struct BatchInfo {
  uint64_t position = 0;  // in the file
  uint64_t size = 0;      // header, payload and padding
  uint64_t payload_size = 0;
  uint64_t plain_size = 0;  // of the records without compression
  uint64_t payload_checksum = 0;
  Offset base_offset = 0;
  Offset next_offset = 0;
  uint64_t record_count = 0;
  uint32_t codec = 0;    // a number of Compression
  bool is_mark = false;  // holds no records, only a durable mark
  absl::Time base_time;  // create time of the first record
  absl::Time max_time;   // the latest create time
  absl::Time append_time;
  Offset durable_end = 0;  // known durable when the batch was written
  Incarnation incarnation = 0;
};

// A read-only inspector of one file of a partition, as it was when the
// inspector was made. Records that were appended since are not in it.
//
// Thread-safe; copies share one snapshot. It keeps no file open between calls.
// One that came from a Partition works while the store is open and the file
// exists; then its calls that read return FailedPrecondition or NotFound.
class Segment {
 public:
  // Opens a file of a store that nobody needs to have open: `file` is its path
  // within `directory`, "topics/orders/0/00000000000000000000.log". Walks the
  // headers of a segment that is not sealed. `env` must outlive the inspector.
  // InvalidArgument if the file does not have the name of a segment, DataLoss
  // if its header is damaged, Unimplemented if it has a newer format.
  static absl::StatusOr<Segment> Open(Env& env, std::string_view directory,
                                      std::string_view file);

  explicit Segment(std::shared_ptr<const SegmentSnapshot> snapshot);

  // Path within the store.
  const std::string& file() const;
  // Random, 32 hexadecimal digits; names the segment for ever.
  std::string id() const;
  PartitionNumber partition() const;
  Incarnation incarnation() const;  // of the open that created it
  absl::Time create_time() const;

  Offset base_offset() const;
  Offset next_offset() const;
  uint64_t record_count() const;
  uint64_t batch_count() const;  // marks included
  // Nothing while there is no record. The least base time of a batch, and the
  // greatest create time of a record.
  std::optional<absl::Time> min_time() const;
  std::optional<absl::Time> max_time() const;

  bool is_sealed() const;
  uint64_t size() const;      // bytes of the file, reserved storage included
  uint64_t data_end() const;  // position behind the last batch

  // Reads and checks every byte: both headers, every batch with its records,
  // index, trailer, and that nothing stands where nothing belongs. Calls
  // `visit` for each damage, in no order; their `file` is file(). Takes as long
  // as reading the file. Not OK when the file could not be read to its end.
  absl::Status FindDamage(
      absl::FunctionRef<void(const DamagedRange&)> visit) const;

  // The same; DataLoss (IsDamaged) names the first damage with file and
  // position, and DamagedGap says which offsets it concerns.
  absl::Status Verify() const;

  // Calls `visit` for every batch in order until it returns false. Looks at
  // headers only. DataLoss at the first damage, behind the batches before it.
  absl::Status ForEachBatch(
      absl::FunctionRef<bool(const BatchInfo&)> visit) const;

 private:
  std::shared_ptr<const SegmentSnapshot> snapshot_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_SEGMENT_H_
