#ifndef TIDEMARK_LIB_SEGMENT_TAIL_VERDICT_H_
#define TIDEMARK_LIB_SEGMENT_TAIL_VERDICT_H_

#include <cstdint>

#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// What a walk over the end of a log saw.
struct TailEvidence {
  Offset start = 0;        // offsets below it are gone on purpose
  Offset recorded = 0;     // W: the highest recorded durable mark
  Offset contiguous = 0;   // E: the next offset expected where the walk broke
  bool is_broken = false;  // the walk met bytes that are not the next batch
  // Something that may have told of a higher mark could not be looked at: the
  // search behind the damage ran out of budget, or META is damaged.
  bool is_incomplete = false;
};

enum class TailVerdict : uint8_t {
  kWhole,  // nothing behind the log: append to it
  kTorn,   // a crash left unsynced bytes: cut them
  kRot,    // bytes that were durable are damaged: touch nothing
};

// Tells a torn tail from rot, by order alone: what was recorded as durable
// before the damage was written cannot have been torn by a crash. Incomplete
// evidence never leads to a cut.
TailVerdict JudgeTail(const TailEvidence& evidence);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_SEGMENT_TAIL_VERDICT_H_
