#ifndef TIDEMARK_TESTS_ROT_EVIDENCE_H_
#define TIDEMARK_TESTS_ROT_EVIDENCE_H_

#include <string>

#include "rot/damage.h"
#include "rot/golden_store.h"

namespace tidemark::test {

// What the files of one partition still tell after a damage, by the rules of
// docs/format: a second opinion, for the library has its own.
//
// Borrows the partition and the damage.
class Evidence {
 public:
  // `meta` is META as it is after the damage, null if it is missing;
  // `golden_meta` as it was.
  Evidence(const GoldenPartition& golden, const GoldenStore& store,
           const Damage& damage, const std::string* meta,
           const std::string& golden_meta);

  // Everything below was durable and says so; so damage below it is rot.
  Offset durable() const { return durable_; }

  // Of a segment whose two headers are gone nothing can be read.
  bool IsHeaderLost(const GoldenSegment& segment) const;

  // Whether a record is not what it was: its batch is damaged, or its segment
  // has no header.
  bool IsHit(Offset offset) const;

  // Whether a log of which the durable end is below `offset` may end before
  // it: something is broken there or before.
  bool MayEndBefore(Offset offset) const;

  // Where the durable records end in a segment.
  uint64_t DurableSize(const GoldenSegment& segment) const;

 private:
  bool IsHit(const GoldenSegment& segment, const GoldenBatch& batch) const;
  Offset MarkOf(const GoldenSegment& segment, const std::string& bytes) const;

  const GoldenPartition& golden_;
  const Damage& damage_;
  Offset durable_ = 0;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_ROT_EVIDENCE_H_
