#ifndef TIDEMARK_TESTS_ROT_GOLDEN_STORES_H_
#define TIDEMARK_TESTS_ROT_GOLDEN_STORES_H_

#include <vector>

#include "rot/golden_store.h"

namespace tidemark::test {

// The stores that these tests damage, of 8 to 64 KiB each. Together they have
// all shapes of records, all codecs, sealed segments and tails, marks, cursors,
// topics and partitions, and were closed, killed, or lost their power.
std::vector<GoldenStore> MakeGoldenStores(uint64_t seed);

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_ROT_GOLDEN_STORES_H_
