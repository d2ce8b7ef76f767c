#ifndef TIDEMARK_EXAMPLES_GATEWAY_TOTALS_H_
#define TIDEMARK_EXAMPLES_GATEWAY_TOTALS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace gateway {

// What the dashboard counts. The checker counts the same from the input files.
struct Totals {
  struct Airport {
    uint64_t flights = 0;
    int64_t delay_minutes = 0;  // of all flights

    double MeanDelay() const {
      return static_cast<double>(delay_minutes) / static_cast<double>(flights);
    }
  };

  std::map<std::string, Airport, std::less<>> airports;
  std::map<std::string, uint64_t, std::less<>> quakes_by_network;
  uint64_t flight_count = 0;
  uint64_t quake_count = 0;
  double strongest_magnitude = 0;
  std::string strongest_place;

  // Takes the value of a record. InvalidArgument for another topic or text.
  absl::Status Add(std::string_view topic, std::string_view text);

  // Equal for equal totals.
  std::string ToText() const;
};

}  // namespace gateway

#endif  // TIDEMARK_EXAMPLES_GATEWAY_TOTALS_H_
