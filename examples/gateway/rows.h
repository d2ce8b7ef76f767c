#ifndef TIDEMARK_EXAMPLES_GATEWAY_ROWS_H_
#define TIDEMARK_EXAMPLES_GATEWAY_ROWS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gateway {

inline constexpr char kFlights[] = "flights";
inline constexpr char kQuakes[] = "quakes";
inline constexpr int kFlightPartitions = 4;
inline constexpr int kQuakePartitions = 2;

// The header that carries the number of a row within its file, from 0.
inline constexpr char kRowHeader[] = "row";

// One line of an input file.
struct Row {
  std::string key;
  std::string text;
  absl::Time time;
};

// What is recorded for one topic. Times ascend.
struct Recording {
  std::string topic;
  std::vector<Row> rows;
};

// flights.csv, keyed by the airport of origin, and earthquakes.ndjson, keyed by
// the network that reported, in this order.
absl::StatusOr<std::vector<Recording>> ReadRecordings(
    const std::string& directory);

struct Flight {
  std::string_view origin;
  int delay_minutes = 0;
};
std::optional<Flight> ParseFlight(std::string_view text);

struct Quake {
  std::string_view network;
  std::string_view place;
  double magnitude = 0;
};
std::optional<Quake> ParseQuake(std::string_view text);

}  // namespace gateway

#endif  // TIDEMARK_EXAMPLES_GATEWAY_ROWS_H_
