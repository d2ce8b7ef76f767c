#ifndef TIDEMARK_TESTS_ROT_DAMAGES_H_
#define TIDEMARK_TESTS_ROT_DAMAGES_H_

#include <string>
#include <vector>

#include "rot/damage.h"
#include "rot/golden_store.h"

namespace tidemark::test {

Damage FlipBit(const GoldenStore& golden, const std::string& path,
               uint64_t bit);

// Nothing changes where the byte has this value.
Damage SetByte(const GoldenStore& golden, const std::string& path,
               uint64_t position, char value);

Damage CutFile(const GoldenStore& golden, const std::string& path,
               uint64_t size);

// Every sector of every file: zero, swapped with each other one of the file,
// put in the place of each other one, and as it was before, in the same place
// of another file of the kind, and in the same file of another store.
std::vector<Damage> SectorDamages(const GoldenStore& golden,
                                  const GoldenStore& other);

// Every file: missing, swapped with each other one of its kind, the one of
// another store, and as it was before; directories of partitions swapped, taken
// from another store and missing; files under other names.
std::vector<Damage> FileDamages(const GoldenStore& golden,
                                const GoldenStore& other);

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_ROT_DAMAGES_H_
