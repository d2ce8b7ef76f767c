#ifndef TIDEMARK_TESTS_ROT_CAMPAIGN_H_
#define TIDEMARK_TESTS_ROT_CAMPAIGN_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "rot/damage.h"
#include "rot/golden_store.h"
#include "rot/rot_check.h"

namespace tidemark::test {

// How much of each kind of damage is done: one in so many, 1 for all.
struct CampaignOptions {
  std::array<uint64_t, kDamageKinds> one_in = {};
  // Of the damages that are done, one in so many is checked in full, and of
  // these one in so many is followed by appending, closing and opening again.
  // Whole files are always, and of the bits of a byte one is checked in full.
  uint64_t full_one_in = 1;
  uint64_t use_one_in = 1;
  // Which ones are chosen.
  uint64_t seed = 0;
};

struct CampaignCounts {
  std::array<uint64_t, kDamageKinds> damages = {};
  RotTally tally;
  // A read that was wrong or left something out, or a log that was shorter,
  // and nobody said so.
  uint64_t silent = 0;
  uint64_t broken = 0;             // any promise, those included
  std::vector<std::string> first;  // what was broken, the first ones

  uint64_t total() const;
  void Add(const CampaignCounts& other);
};

// Damages the stores in every way, on two threads.
CampaignCounts RunCampaign(const std::vector<GoldenStore>& stores,
                           const CampaignOptions& options);

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_ROT_CAMPAIGN_H_
