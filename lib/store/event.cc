#include "tidemark/event.h"

namespace tidemark {
inline namespace v0 {

const char* EventKindName(EventKind kind) {
  switch (kind) {
    case EventKind::kWriteFailed:
      return "write_failed";
    case EventKind::kSyncFailed:
      return "sync_failed";
    case EventKind::kSyncPutOff:
      return "sync_put_off";
    case EventKind::kDiskFull:
      return "disk_full";
    case EventKind::kDiskSpaceReturned:
      return "disk_space_returned";
    case EventKind::kSegmentRolled:
      return "segment_rolled";
    case EventKind::kSegmentsDeleted:
      return "segments_deleted";
    case EventKind::kDamageFound:
      return "damage_found";
    case EventKind::kTailCut:
      return "tail_cut";
    case EventKind::kFileSetAside:
      return "file_set_aside";
    case EventKind::kTakeOver:
      return "take_over";
    case EventKind::kProcessLevelChanged:
      return "process_level_changed";
    case EventKind::kClockJumped:
      return "clock_jumped";
    case EventKind::kCallbackFailed:
      return "callback_failed";
  }
  return "unknown";
}

}  // namespace v0
}  // namespace tidemark
