#ifndef TIDEMARK_BENCHMARKS_WORKLOAD_FOOTPRINT_H_
#define TIDEMARK_BENCHMARKS_WORKLOAD_FOOTPRINT_H_

#include <cstdint>
#include <string>

#include "result_line.h"

namespace bench {

// The resident memory of this process in KiB, by kind, from /proc.
struct ResidentMemory {
  uint64_t anonymous_kib = 0;
  uint64_t shared_kib = 0;
  uint64_t file_kib = 0;

  static ResidentMemory Now();
};

// What a directory takes on its disk.
struct DiskUse {
  uint64_t file_bytes = 0;       // sizes of the files
  uint64_t allocated_bytes = 0;  // blocks of the files
  uint64_t file_count = 0;

  static DiskUse Of(const std::string& directory);
};

// What a run added to `before`, and what it has in all.
void AddMemory(const ResidentMemory& before, const ResidentMemory& after,
               ResultLine& line);
void AddDiskUse(const DiskUse& use, uint64_t record_count, ResultLine& line);

}  // namespace bench

#endif  // TIDEMARK_BENCHMARKS_WORKLOAD_FOOTPRINT_H_
