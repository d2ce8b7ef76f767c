#ifndef TIDEMARK_TESTS_FUZZ_TREE_MUTATOR_H_
#define TIDEMARK_TESTS_FUZZ_TREE_MUTATOR_H_

#include <cstddef>
#include <cstdint>

#include "fuzz/fuzz_target.h"

namespace tidemark::test {

// Mutates the bytes of a TreeImage: contents, single fields, sizes, names and
// kinds of nodes, whole nodes; then mostly repairs the checksums of all files.
// FuzzTarget::mutate of the targets that take an image.
size_t MutateTree(uint8_t* data, size_t size, size_t size_max, uint32_t seed,
                  ByteMutator mutate_bytes);

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_FUZZ_TREE_MUTATOR_H_
