#include "dashboard.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "fmt/core.h"
#include "rows.h"
#include "text_file.h"
#include "tidemark/record.h"

namespace gateway {
namespace {

constexpr size_t kAirportsShown = 8;
constexpr absl::Duration kFrameInterval = absl::Milliseconds(100);

using NamedAirport = std::pair<std::string, Totals::Airport>;

std::vector<NamedAirport> BusiestAirports(const Totals& totals) {
  std::vector<NamedAirport> airports(totals.airports.begin(),
                                     totals.airports.end());
  const size_t count = std::min(kAirportsShown, airports.size());
  std::partial_sort(
      airports.begin(), airports.begin() + static_cast<std::ptrdiff_t>(count),
      airports.end(), [](const NamedAirport& a, const NamedAirport& b) {
        return a.second.flights > b.second.flights;
      });
  airports.resize(count);
  return airports;
}

std::string DelayText(const Screen& screen, double minutes) {
  const std::string text = fmt::format("{:>10.1f} min", minutes);
  if (minutes < 6) return screen.Green(text);
  return minutes < 10 ? screen.Yellow(text) : screen.Red(text);
}

}  // namespace

absl::StatusOr<Dashboard> Dashboard::Open(tidemark::Store& store,
                                          uint64_t rows_expected) {
  auto cursor = tidemark::ConsumerCursor::Open(
      store,
      {.topics = {kFlights, kQuakes}, .start = tidemark::Start::Begin()});
  if (!cursor.ok()) return cursor.status();
  return Dashboard(*std::move(cursor), rows_expected);
}

absl::Status Dashboard::Run(const std::atomic<bool>& is_finished,
                            const std::atomic<uint64_t>& archived,
                            Screen& screen) {
  while (true) {
    // Read before the poll: what was appended before the flag was set is seen.
    const bool is_last = is_finished.load();
    const auto records = cursor_.Poll(
        {.timeout = is_last ? absl::ZeroDuration() : kFrameInterval});
    if (!records.ok()) return records.status();
    absl::Status status = Count(*records);
    if (!status.ok()) return status;
    if (records->empty() && is_last) break;
    if (!IsFrameDue(screen)) continue;
    status = screen.ShowFrame(Frame(screen, archived.load()));
    if (!status.ok()) return status;
  }
  return screen.ShowFrame(Frame(screen, archived.load()));
}

absl::Status Dashboard::Count(const tidemark::Records& records) {
  for (const tidemark::RecordView& record : records) {
    absl::Status status =
        totals_.Add(record.topic(), record.value().value_or(""));
    if (!status.ok()) return status;
    if (record.topic() == kFlights) {
      recorded_time_ = std::max(recorded_time_, record.create_time());
    }
  }
  return absl::OkStatus();
}

double Dashboard::Progress() const {
  return static_cast<double>(totals_.flight_count + totals_.quake_count) /
         static_cast<double>(rows_expected_);
}

bool Dashboard::IsFrameDue(const Screen& screen) {
  if (screen.is_terminal()) {
    const absl::Time now = absl::Now();
    if (now - shown_at_ < kFrameInterval) return false;
    shown_at_ = now;
    return true;
  }
  // The last quarter is shown at the end.
  const int quarter = std::min(static_cast<int>(Progress() * 4), 3);
  return std::exchange(shown_quarter_, quarter) < quarter;
}

std::vector<std::string> Dashboard::Frame(const Screen& screen,
                                          uint64_t archived) const {
  constexpr int kBarColumns = 30;
  std::vector<std::string> lines;
  lines.push_back("");
  lines.push_back(
      fmt::format("  {}  {} {:3.0f} %",
                  screen.Bold(absl::FormatTime("%Y-%m-%d %H:%M", recorded_time_,
                                               absl::UTCTimeZone())),
                  screen.Gauge(Progress(), 40), Progress() * 100));
  lines.push_back(screen.Dim(
      fmt::format("  {:8}{:>8}{:>14}", "airport", "flights", "mean delay")));
  const std::vector<NamedAirport> airports = BusiestAirports(totals_);
  for (const auto& [name, airport] : airports) {
    const double part = static_cast<double>(airport.flights) /
                        static_cast<double>(airports.front().second.flights);
    lines.push_back(fmt::format(
        "  {:8}{:>8}{}  {}", name, Grouped(airport.flights),
        DelayText(screen, airport.MeanDelay()), screen.Bar(part, kBarColumns)));
  }
  for (size_t i = airports.size(); i < kAirportsShown; ++i) lines.push_back("");
  lines.push_back(fmt::format("  {:8}{:>8}    strongest {:.1f}, {:.40}",
                              "quakes", Grouped(totals_.quake_count),
                              totals_.strongest_magnitude,
                              totals_.strongest_place));
  const uint64_t counted = totals_.flight_count + totals_.quake_count;
  lines.push_back(
      fmt::format("  {:8}{:>8}    {} rows behind", "archive", Grouped(archived),
                  Grouped(counted > archived ? counted - archived : 0)));
  return lines;
}

}  // namespace gateway
