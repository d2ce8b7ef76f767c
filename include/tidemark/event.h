#ifndef TIDEMARK_EVENT_H_
#define TIDEMARK_EVENT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "tidemark/export.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

enum class EventKind : uint8_t {
  kWriteFailed,          // a write-out failed; status says why
  kSyncFailed,           // a sync failed; the partition is poisoned
  kSyncPutOff,           // a sync could not begin; it is tried again
  kDiskFull,             // a write-out waits for space
  kDiskSpaceReturned,    // the waiting write-out went through
  kSegmentRolled,        // a segment was closed and another one opened
  kSegmentsDeleted,      // retention or a trim removed segments
  kDamageFound,          // bytes on disk fail their checks
  kTailCut,              // recovery cut a torn tail
  kFileSetAside,         // a strange file got a name that is in nobody's way
  kTakeOver,             // records of a dead owner were taken over
  kProcessLevelChanged,  // kProcess rests on something else from now on
  kClockJumped,          // retention by age is skipped because of the clock
  kCallbackFailed,       // a callback of the host threw or failed
};

// Something that happened in the background.
struct Event {
  EventKind kind;
  std::string topic;  // empty when it concerns the whole store
  PartitionNumber partition = -1;
  absl::Status status;
  std::string text;  // one sentence for a log
};

// The name of a kind as the documentation spells it: "write_failed".
TIDEMARK_EXPORT const char* EventKindName(EventKind kind);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_EVENT_H_
