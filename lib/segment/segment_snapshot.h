#ifndef TIDEMARK_LIB_SEGMENT_SEGMENT_SNAPSHOT_H_
#define TIDEMARK_LIB_SEGMENT_SEGMENT_SNAPSHOT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "segment/segment_file.h"
#include "segment/segment_header.h"
#include "segment/segment_index.h"

namespace tidemark {
inline namespace v0 {

// What a Segment shows, and how it gets at the file. Immutable.
struct SegmentSnapshot {
  std::string file;  // path within the store
  SegmentHeader header;
  SegmentTotals totals;
  uint64_t file_size = 0;
  bool is_sealed = false;
  // Another thread may be writing behind the data end.
  bool is_live = false;
  // Opens the file; called by any thread. Keeps alive what it needs.
  std::function<absl::StatusOr<std::shared_ptr<const SegmentFile>>()> open;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_SEGMENT_SEGMENT_SNAPSHOT_H_
