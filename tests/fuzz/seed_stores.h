#ifndef TIDEMARK_TESTS_FUZZ_SEED_STORES_H_
#define TIDEMARK_TESTS_FUZZ_SEED_STORES_H_

#include <map>
#include <string>

#include "fuzz/tree_image.h"

namespace tidemark::test {

// Stores as the library leaves them, and a few that it would not: by name.
std::map<std::string, TreeImage> SeedStores();

// A store with a cursor file of as many pages as there may be, which are a hole
// but for the first ones.
TreeImage GiantCursor();

// Stores with links, FIFOs and files of others in the places of
// their files.
std::map<std::string, TreeImage> SeedTrees();

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_FUZZ_SEED_STORES_H_
