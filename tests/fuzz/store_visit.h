#ifndef TIDEMARK_TESTS_FUZZ_STORE_VISIT_H_
#define TIDEMARK_TESTS_FUZZ_STORE_VISIT_H_

#include <cstdint>
#include <string_view>

#include "fuzz/fuzz_target.h"
#include "tidemark/env.h"

namespace tidemark::test {

// What a visit does, from the options of an image.
constexpr uint32_t kVisitReadOnly = 1 << 0;
constexpr uint32_t kVisitStoreArena = 1 << 1;  // arena in the store's directory
constexpr uint32_t kVisitSharedArena = 1 << 2;  // arena in shared memory
constexpr uint32_t kVisitMaintains = 1 << 3;    // retention may delete
constexpr uint32_t kVisitTrims = 1 << 4;
constexpr uint32_t kVisitStrictly = 1 << 5;  // without create_if_missing

// Opens the store in `directory`, whatever is there, and does all that a host
// can do with it: reads everything, checks every file, polls and commits,
// appends, closes, and opens it again.
//
// Expects typed statuses; ascending offsets within the marks; the same records
// in the second opening as in the first one, and behind them what was appended.
void VisitStore(Env& env, std::string_view directory, uint32_t options,
                FuzzCounts* counts);

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_FUZZ_STORE_VISIT_H_
