#include "totals.h"

#include <optional>
#include <string>
#include <string_view>

#include "fmt/core.h"
#include "rows.h"

namespace gateway {

absl::Status Totals::Add(std::string_view topic, std::string_view text) {
  if (topic == kFlights) {
    if (const std::optional<Flight> flight = ParseFlight(text)) {
      Airport& airport = airports[std::string(flight->origin)];
      ++airport.flights;
      airport.delay_minutes += flight->delay_minutes;
      ++flight_count;
      return absl::OkStatus();
    }
  } else if (topic == kQuakes) {
    if (const std::optional<Quake> quake = ParseQuake(text)) {
      ++quakes_by_network[std::string(quake->network)];
      ++quake_count;
      if (quake->magnitude > strongest_magnitude) {
        strongest_magnitude = quake->magnitude;
        strongest_place = quake->place;
      }
      return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError(fmt::format("{}: no row: {}", topic, text));
}

std::string Totals::ToText() const {
  std::string text;
  for (const auto& [name, airport] : airports) {
    text += fmt::format("flights {} {} {}\n", name, airport.flights,
                        airport.delay_minutes);
  }
  for (const auto& [name, count] : quakes_by_network) {
    text += fmt::format("quakes {} {}\n", name, count);
  }
  text += fmt::format("strongest {}\n", strongest_magnitude);
  return text;
}

}  // namespace gateway
