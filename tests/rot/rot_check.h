#ifndef TIDEMARK_TESTS_ROT_ROT_CHECK_H_
#define TIDEMARK_TESTS_ROT_ROT_CHECK_H_

#include <cstdint>

#include "absl/status/status.h"
#include "rot/damage.h"
#include "rot/golden_store.h"

namespace tidemark::test {

// How far the check of one damage goes.
struct CheckDepth {
  // Read everything, with a cursor as well, and see what `tidemark verify`
  // says; else only what the damage touches.
  bool is_full = true;
  // Append to everything, close, open and read again; for full checks.
  bool with_use = false;
};

// What came of the damages that were checked.
struct RotTally {
  uint64_t refused = 0;    // a store or topic did not open, and said so
  uint64_t lost = 0;       // a reader was told what it cannot have
  uint64_t cut = 0;        // a torn tail was cut, with a report
  uint64_t traceless = 0;  // a tail that was never durable left no trace
  uint64_t emptied = 0;    // no file of a log was left, and a report said so
  uint64_t harmless = 0;   // every record was there
  uint64_t verified = 0;   // verify ran
  uint64_t found = 0;      // and named the place
  uint64_t used = 0;       // appended to, closed and opened again

  void Add(const RotTally& other);
};

// Damages the store on `machine`, which is a copy of that of `golden` and is
// spoiled, and checks every promise about it. Returns the first one that does
// not hold.
absl::Status CheckRot(const GoldenStore& golden, const Damage& damage,
                      CheckDepth depth, MemoryEnv& machine, RotTally* tally);

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_ROT_ROT_CHECK_H_
