#ifndef TIDEMARK_TESTS_CRASH_EXPLORER_H_
#define TIDEMARK_TESTS_CRASH_EXPLORER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "crash/crash_check.h"
#include "crash/disk_image.h"
#include "crash/recording_env.h"
#include "crash/state_enumerator.h"
#include "support/expectation.h"

namespace tidemark::test {

// What a run of the explorer saw.
struct ExplorerCounts {
  uint64_t boundaries = 0;       // places at which power was cut
  uint64_t states = 0;           // distinct by content, checked
  uint64_t kills = 0;            // states a dead process left, checked
  uint64_t recovery_states = 0;  // left by a crash of the recovery, checked
  std::vector<std::string> violations;  // the first ones
  uint64_t violation_count = 0;

  void Add(const ExplorerCounts& other);
};

struct ExplorerLimits {
  // Before a sync, where the most is pending. At the other calls fewer random
  // ones will do: most of their states come again there.
  EnumerationLimits before_sync;
  EnumerationLimits elsewhere = {.random_states = 100, .pairs_max = 100};
  uint64_t states_max = 150'000;  // per scenario
  // One state of so many is also appended to, opened twice, or has its recovery
  // crashed.
  uint64_t use_one_in = 4;
  uint64_t two_opens_one_in = 16;
  uint64_t deep_one_in = 64;
  uint64_t deep_states_max = 50;  // of one recovery
};

// Looks at every state that a crash may leave at one place after the other.
class Explorer {
 public:
  Explorer(std::string scenario, MakeOptions make_options,
           const ExplorerLimits& limits, uint64_t seed)
      : scenario_(std::move(scenario)),
        make_options_(std::move(make_options)),
        limits_(limits),
        seed_(seed) {}

  // The program stands before a call: what if it never happens? Remembers the
  // place for Explore, since the library is at work and holds its locks.
  void Visit(const DiskJournal& journal, MemoryEnv& machine,
             const Expectation& expected, bool is_before_sync);
  // Looks at the places that were visited since the last call.
  void Explore();

  const ExplorerCounts& counts() const { return counts_; }
  void NoteViolation(std::string_view where, const absl::Status& status);

 private:
  struct Place {
    uint64_t number = 0;
    bool is_before_sync = false;
    DiskJournal journal;
    std::unique_ptr<MemoryEnv> killed;
    Expectation expected;
  };

  void ExplorePlace(const Place& place);
  void CheckState(const DiskImage& image, uint64_t hash,
                  const Expectation& expected);
  void CheckRecovery(const DiskImage& image, uint64_t hash,
                     const Expectation& expected);

  const std::string scenario_;
  const MakeOptions make_options_;
  const ExplorerLimits limits_;
  const uint64_t seed_;
  ExplorerCounts counts_;
  std::vector<Place> places_;
  absl::flat_hash_set<uint64_t> contents_;  // hashes of images
  absl::flat_hash_set<uint64_t> checked_;   // with what was expected of them
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_CRASH_EXPLORER_H_
