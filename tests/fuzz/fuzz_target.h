#ifndef TIDEMARK_TESTS_FUZZ_FUZZ_TARGET_H_
#define TIDEMARK_TESTS_FUZZ_FUZZ_TARGET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "base/bytes.h"

// What a fuzz target is. Each <name>_fuzz.cc defines one; it becomes a program
// of libFuzzer, and all of them are replayed over the corpora by fuzz_tests.
namespace tidemark::test {

// How far an input came, so that a corpus that no longer gets anywhere is seen.
struct FuzzCounts {
  uint64_t accepted = 0;  // structures that passed their checks
  uint64_t refused = 0;   // those that did not
  uint64_t records = 0;   // read from them
};

// Changes the `size` bytes at `data` in place, up to `size_max`, and returns
// the new size. libFuzzer's own is LLVMFuzzerMutate.
using ByteMutator = size_t (*)(uint8_t* data, size_t size, size_t size_max);

struct FuzzTarget {
  std::string_view name;
  // Ends the program when a rule is broken. Any bytes are allowed.
  void (*run)(ByteSpan input, FuzzCounts* counts);
  // Mutates within the structure of the input and repairs checksums; null where
  // bytes have no structure.
  size_t (*mutate)(uint8_t* data, size_t size, size_t size_max, uint32_t seed,
                   ByteMutator mutate_bytes) = nullptr;
};

extern const FuzzTarget kApiTarget;
extern const FuzzTarget kBatchTarget;
extern const FuzzTarget kCodecTarget;
extern const FuzzTarget kDirectoryTarget;
extern const FuzzTarget kIndexTarget;
extern const FuzzTarget kNamesTarget;
extern const FuzzTarget kSegmentTarget;
extern const FuzzTarget kStateTarget;
extern const FuzzTarget kTreeTarget;

// Ends the program unless `holds`.
void Expect(bool holds, std::string_view rule,
            const char* file = __builtin_FILE(), int line = __builtin_LINE());

// Ends the program unless the status is OK or an error that bytes can cause:
// Internal and Unknown are bugs of the library.
void ExpectTyped(const absl::Status& status,
                 const char* file = __builtin_FILE(),
                 int line = __builtin_LINE());

// Runs the target. Ends the program when it takes more than a second of
// processor time, whatever else the machine does; more than five in a build
// with sanitizers.
void RunBounded(const FuzzTarget& target, ByteSpan input, FuzzCounts* counts);

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_FUZZ_FUZZ_TARGET_H_
