#include "rows.h"

#include <charconv>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "fmt/core.h"

namespace gateway {
namespace {

// The part of a line of commas, counted from 0.
std::string_view Column(std::string_view text, int number) {
  for (; number > 0; --number) {
    const size_t comma = text.find(',');
    if (comma == std::string_view::npos) return {};
    text.remove_prefix(comma + 1);
  }
  return text.substr(0, text.find(','));
}

// The value of a name in a flat object of JSON without escapes.
std::string_view Member(std::string_view json, std::string_view name) {
  const std::string quoted = fmt::format("\"{}\":", name);
  const size_t at = json.find(quoted);
  if (at == std::string_view::npos) return {};
  json.remove_prefix(at + quoted.size());
  if (json.starts_with('"')) {
    json.remove_prefix(1);
    return json.substr(0, json.find('"'));
  }
  return json.substr(0, json.find_first_of(",}"));
}

template <typename Number>
bool ParseNumber(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  return result.ec == std::errc() && result.ptr == end;
}

std::optional<Row> FlightRow(std::string line) {
  const std::optional<Flight> flight = ParseFlight(line);
  if (!flight.has_value()) return std::nullopt;
  Row row;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d %H:%M", std::string(Column(line, 0)),
                       &row.time, &error)) {
    return std::nullopt;
  }
  row.key = flight->origin;
  row.text = std::move(line);
  return row;
}

std::optional<Row> QuakeRow(std::string line) {
  const std::optional<Quake> quake = ParseQuake(line);
  int64_t updated_millis = 0;
  if (!quake.has_value() ||
      !ParseNumber(Member(line, "updated"), updated_millis)) {
    return std::nullopt;
  }
  Row row;
  row.key = quake->network;
  row.time = absl::FromUnixMillis(updated_millis);
  row.text = std::move(line);
  return row;
}

absl::StatusOr<Recording> ReadRecording(
    const std::string& path, std::string topic, int lines_to_skip,
    const std::function<std::optional<Row>(std::string)>& parse) {
  Recording recording{.topic = std::move(topic)};
  std::ifstream file(path);
  std::string line;
  int number = 0;
  while (std::getline(file, line)) {
    if (++number <= lines_to_skip) continue;
    std::optional<Row> row = parse(std::move(line));
    if (!row.has_value()) {
      return absl::InvalidArgumentError(
          fmt::format("{}:{}: not a row", path, number));
    }
    recording.rows.push_back(*std::move(row));
  }
  if (recording.rows.empty()) {
    return absl::NotFoundError(fmt::format("{}: no rows", path));
  }
  return recording;
}

}  // namespace

absl::StatusOr<std::vector<Recording>> ReadRecordings(
    const std::string& directory) {
  std::vector<Recording> recordings;
  auto flights = ReadRecording(directory + "/flights.csv", kFlights,
                               /*lines_to_skip=*/1, FlightRow);
  if (!flights.ok()) return flights.status();
  recordings.push_back(*std::move(flights));
  auto quakes = ReadRecording(directory + "/earthquakes.ndjson", kQuakes,
                              /*lines_to_skip=*/0, QuakeRow);
  if (!quakes.ok()) return quakes.status();
  recordings.push_back(*std::move(quakes));
  return recordings;
}

std::optional<Flight> ParseFlight(std::string_view text) {
  Flight flight{.origin = Column(text, 1)};
  if (flight.origin.empty() ||
      !ParseNumber(Column(text, 4), flight.delay_minutes)) {
    return std::nullopt;
  }
  return flight;
}

std::optional<Quake> ParseQuake(std::string_view text) {
  Quake quake{.network = Member(text, "net"), .place = Member(text, "place")};
  if (quake.network.empty() ||
      !ParseNumber(Member(text, "mag"), quake.magnitude)) {
    return std::nullopt;
  }
  return quake;
}

}  // namespace gateway
