#include "latencies.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

Latencies::Latencies(size_t capacity) : nanos_(capacity) {}

void Latencies::Describe(ResultLine& line) const {
  const size_t taken = std::min(count_, nanos_.size());
  const auto first = nanos_.begin() + static_cast<std::ptrdiff_t>(taken / 10);
  std::vector<uint64_t> sorted(
      first, nanos_.begin() + static_cast<std::ptrdiff_t>(taken));
  if (sorted.empty()) return;
  std::sort(sorted.begin(), sorted.end());
  const auto micros = [&sorted](double quantile) {
    const auto at =
        static_cast<size_t>(quantile * static_cast<double>(sorted.size() - 1));
    return static_cast<double>(sorted[at]) / 1000;
  };
  line.AddNumber("p50_us", micros(0.5));
  line.AddNumber("p90_us", micros(0.9));
  line.AddNumber("p99_us", micros(0.99));
  line.AddNumber("p999_us", micros(0.999));
  line.AddNumber("max_us", micros(1));
}

}  // namespace bench
