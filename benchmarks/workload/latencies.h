#ifndef TIDEMARK_BENCHMARKS_WORKLOAD_LATENCIES_H_
#define TIDEMARK_BENCHMARKS_WORKLOAD_LATENCIES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "result_line.h"

namespace bench {

// Latencies in nanoseconds, in the order in which they were taken. Adding
// touches no new memory.
class Latencies {
 public:
  explicit Latencies(size_t capacity);

  void Add(uint64_t nanos) {
    if (count_ < nanos_.size()) nanos_[count_] = nanos;
    ++count_;
  }
  size_t count() const { return count_; }

  // Adds the quantiles in microseconds, without the first tenth.
  void Describe(ResultLine& line) const;

 private:
  std::vector<uint64_t> nanos_;
  size_t count_ = 0;
};

}  // namespace bench

#endif  // TIDEMARK_BENCHMARKS_WORKLOAD_LATENCIES_H_
