#ifndef TIDEMARK_TESTS_CRASH_STATE_ENUMERATOR_H_
#define TIDEMARK_TESTS_CRASH_STATE_ENUMERATOR_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "crash/disk_journal.h"
#include "support/dice.h"

namespace tidemark::test {

// What a sector holds that was never durable and did not reach the disk.
enum class Fill : uint8_t {
  kZeros,
  kOnes,    // 0xff
  kRandom,  // the same bytes each time for the same sector
  kStale,   // those of another sector of the store
  kMixed,   // each sector one of the others, or torn within
};

// How much to enumerate at one place.
struct EnumerationLimits {
  size_t exhaustive_units = 12;   // up to so many: every subset
  size_t random_states = 10'000;  // for more of them
  size_t pairs_max = 2'000;       // of two that are missing
  size_t places_max = SIZE_MAX;   // prefixes, suffixes, single ones missing
};

// The states that a loss of power can leave where `journal` stands.
//
// The changes that are not durable are taken by sectors of 512 bytes and, in a
// second pass, by pages of 4 KiB. Few of them: every subset with every fill.
// Many: none, all, each prefix and suffix, each one and each two missing, and
// random subsets with sizes in between and torn sectors.
class StateEnumerator {
 public:
  StateEnumerator(const DiskJournal& journal, const EnumerationLimits& limits,
                  uint64_t seed);

  // Calls `visit` for each state; the same state may come more than once.
  // Returns early when it returns false.
  void ForEach(absl::FunctionRef<bool(DiskImage)> visit);

  // A random one of them.
  DiskImage Any();

 private:
  using Units = std::vector<std::vector<size_t>>;  // indexes of atoms
  using Choice = std::vector<bool>;                // per atom: it is there

  Units UnitsOf(size_t sectors_per_unit) const;
  Choice ChoiceOf(const Units& units,
                  absl::FunctionRef<bool(size_t)> has) const;
  bool Exhaust(const Units& units, absl::FunctionRef<bool(DiskImage)> visit);
  bool Sample(const Units& units, absl::FunctionRef<bool(DiskImage)> visit);
  DiskImage Random(const Units& units);
  DiskImage Make(const Choice& choice, Fill fill);
  bool IsFillable(const Atom& atom) const;
  SectorRef FillFor(const Atom& atom, Fill fill);
  void VarySizes(const Choice& choice, DiskImage* image);

  const DiskJournal& journal_;
  const EnumerationLimits limits_;
  Dice dice_;
  std::vector<SectorRef> stale_;  // every sector that is durable
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_CRASH_STATE_ENUMERATOR_H_
