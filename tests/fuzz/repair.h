#ifndef TIDEMARK_TESTS_FUZZ_REPAIR_H_
#define TIDEMARK_TESTS_FUZZ_REPAIR_H_

#include <string>

// Makes the checksums of damaged bytes right, so that mutations get past them.
// What a structure is is told by its magic number; what is not recognized stays
// as it is.
namespace tidemark::test {

// Any file of a store, or Positions.
void RepairFile(std::string* content);

// Of a segment: headers, batches, index block and trailer. The secret is that
// of the first header with a magic number.
void RepairSegment(std::string* content);

// One batch that stands at `at` of `content` and at `position` of a file.
// `is_fitting` makes the sizes and counts of the header those of the payload.
void RepairBatch(std::string* content, size_t at, uint64_t position,
                 const std::string& secret, bool is_fitting);

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_FUZZ_REPAIR_H_
