#include "segment/tail_verdict.h"

#include <algorithm>

namespace tidemark {
inline namespace v0 {

TailVerdict JudgeTail(const TailEvidence& evidence) {
  const Offset kept_to = std::max(evidence.contiguous, evidence.start);
  if (kept_to < evidence.recorded) return TailVerdict::kRot;
  if (!evidence.is_broken) return TailVerdict::kWhole;
  return evidence.is_incomplete ? TailVerdict::kRot : TailVerdict::kTorn;
}

}  // namespace v0
}  // namespace tidemark
