#ifndef TIDEMARK_LIB_STORE_OPTION_ROWS_H_
#define TIDEMARK_LIB_STORE_OPTION_ROWS_H_

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/bytes.h"
#include "store/option_table.h"

// How the rows of the option tables are made: one function for each kind of
// value, which knows how to show it, what is allowed, and how to say that.
namespace tidemark {
inline namespace v0 {

// The sentences of a row.
struct OptionText {
  std::string_view name;
  std::string_view what;
  std::string_view when;
  std::string_view cost;
};

// "64 KiB" for whole units, else "1025".
inline std::string ShowBytes(uint64_t bytes) {
  constexpr std::pair<uint64_t, std::string_view> kUnits[] = {
      {1024 * kGiB, "TiB"}, {kGiB, "GiB"}, {kMiB, "MiB"}, {kKiB, "KiB"}};
  for (const auto& [size, unit] : kUnits) {
    if (bytes >= size && bytes % size == 0) {
      return fmt::format("{} {}", bytes / size, unit);
    }
  }
  return fmt::format("{}", bytes);
}

inline std::string ShowCount(uint64_t count) {
  return fmt::format("{}", count);
}

inline std::string ShowDuration(absl::Duration duration) {
  return duration == absl::InfiniteDuration() ? "infinite"
                                              : absl::FormatDuration(duration);
}

enum class ZeroMeans : uint8_t { kANumber, kOff };

// A number from `min` to `max`; with kOff also 0.
template <typename Options, typename Value>
OptionRow<Options> NumberRow(const OptionText& text, Value Options::*field,
                             uint64_t min, uint64_t max, ZeroMeans zero,
                             std::string (*show)(uint64_t)) {
  const auto number = [field](const Options& options) {
    return static_cast<uint64_t>(
        std::max<std::common_type_t<Value, int64_t>>(options.*field, 0));
  };
  const bool is_zero_off = zero == ZeroMeans::kOff;
  return {.name = text.name,
          .what = text.what,
          .when = text.when,
          .cost = text.cost,
          .range = fmt::format("{}{} to {}", is_zero_off ? "0, or " : "",
                               show(min), show(max)),
          .show =
              [field, show](const Options& options) {
                return std::is_signed_v<Value>
                           ? fmt::format("{}", options.*field)
                           : show(static_cast<uint64_t>(options.*field));
              },
          .is_in_range =
              [=](const Options& options) {
                const uint64_t value = number(options);
                return (is_zero_off && value == 0) ||
                       (value >= min && value <= max);
              }};
}

// A duration from `min` on; `max` may be infinite.
template <typename Options>
OptionRow<Options> DurationRow(const OptionText& text,
                               absl::Duration Options::*field,
                               absl::Duration min, absl::Duration max,
                               ZeroMeans zero = ZeroMeans::kANumber) {
  const bool is_zero_allowed = zero == ZeroMeans::kOff;
  return {.name = text.name,
          .what = text.what,
          .when = text.when,
          .cost = text.cost,
          .range = fmt::format("{}{} to {}", is_zero_allowed ? "0, or " : "",
                               ShowDuration(min), ShowDuration(max)),
          .show = [field](const Options& o) { return ShowDuration(o.*field); },
          .is_in_range =
              [=](const Options& options) {
                const absl::Duration value = options.*field;
                return (is_zero_allowed && value == absl::ZeroDuration()) ||
                       (value >= min && value <= max);
              }};
}

// A value that has no name.
template <typename Value>
std::string ShowNumber(Value value) {
  return fmt::format("{}", static_cast<int64_t>(value));
}

// One of a few values with names.
template <typename Options, typename Value>
OptionRow<Options> ChoiceRow(
    const OptionText& text, Value Options::*field,
    std::vector<std::pair<Value, std::string_view>> choices) {
  std::string range;
  for (const auto& choice : choices) {
    if (!range.empty()) range += ", ";
    range += choice.second;
  }
  const auto find = [field, choices](const Options& options) {
    return std::find_if(
               choices.begin(), choices.end(),
               [&](const auto& one) { return one.first == options.*field; }) -
           choices.begin();
  };
  const auto count = static_cast<std::ptrdiff_t>(choices.size());
  return {.name = text.name,
          .what = text.what,
          .when = text.when,
          .cost = text.cost,
          .range = std::move(range),
          .show =
              [=](const Options& options) {
                const std::ptrdiff_t at = find(options);
                return at < count ? std::string(choices[at].second)
                                  : ShowNumber(options.*field);
              },
          .is_in_range =
              [=](const Options& options) { return find(options) < count; }};
}

// A value that is shown and not checked here.
template <typename Options>
OptionRow<Options> FreeRow(const OptionText& text, const std::string& range,
                           std::function<std::string(const Options&)> show) {
  return {.name = text.name,
          .what = text.what,
          .when = text.when,
          .cost = text.cost,
          .range = range,
          .show = std::move(show),
          .is_in_range = nullptr};
}

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_OPTION_ROWS_H_
