#ifndef TIDEMARK_LIB_SEGMENT_SEGMENT_CHECK_H_
#define TIDEMARK_LIB_SEGMENT_SEGMENT_CHECK_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "segment/segment_file.h"
#include "segment/segment_scanner.h"
#include "segment/segment_snapshot.h"
#include "tidemark/damage.h"

namespace tidemark {
inline namespace v0 {

// Checks every byte of the segment that `snapshot` describes; see
// Segment::FindDamage.
using DamageVisitor = absl::FunctionRef<void(const DamagedRange&)>;
absl::Status FindSegmentDamage(const SegmentSnapshot& snapshot,
                               const SegmentFile& file, DamageVisitor visit);

// The same; DataLoss for the first damage. See Segment::Verify.
absl::Status CheckSegment(const SegmentSnapshot& snapshot,
                          const SegmentFile& file);

// A scan of the batches of the snapshot from its first one.
ScanOptions WholeScan(const SegmentSnapshot& snapshot);

// DataLoss for the fault that the scanner has met, with the offsets that it
// concerns as the gap. Moves the scanner to find out how far they go.
absl::Status DescribeFault(const SegmentSnapshot& snapshot,
                           SegmentScanner* scanner);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_SEGMENT_SEGMENT_CHECK_H_
