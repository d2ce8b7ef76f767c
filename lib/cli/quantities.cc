#include "quantities.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <system_error>

namespace tidemark::cli {
namespace {

constexpr std::string_view kUnits = "KMGT";

// The number at the start of `text`, which loses it. One that is too large is
// the largest there is.
bool TakeNumber(std::string_view* text, uint64_t* number) {
  const char* const begin = text->data();
  const auto [end, error] =
      std::from_chars(begin, begin + text->size(), *number);
  if (error == std::errc::result_out_of_range) {
    *number = std::numeric_limits<uint64_t>::max();
  } else if (error != std::errc()) {
    return false;
  }
  text->remove_prefix(static_cast<size_t>(end - begin));
  return true;
}

}  // namespace

absl::StatusOr<uint64_t> ParseBytes(std::string_view text) {
  const absl::Status refusal = absl::InvalidArgumentError(
      "not a size; write bytes, or K, M, G or T behind a number, as in 64M");
  uint64_t number = 0;
  std::string_view unit = text;
  if (!TakeNumber(&unit, &number)) return refusal;
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  if (unit.empty() || unit == "B") return number;
  std::array<char, 1> letter = {unit.front()};
  if (letter[0] >= 'a' && letter[0] <= 'z') {
    letter[0] = static_cast<char>(letter[0] - 'a' + 'A');
  }
  const size_t place = kUnits.find(letter[0]);
  unit.remove_prefix(1);
  if (place == std::string_view::npos || (!unit.empty() && unit != "iB")) {
    return refusal;
  }
  const int shift = 10 * (static_cast<int>(place) + 1);
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  return number > (kMax >> shift) ? kMax : number << shift;
}

std::string RefuseNumber(std::string_view text) {
  if (!text.empty() && text.find_first_not_of("0123456789") == text.npos) {
    return "";
  }
  return fmt::format("{} is not a whole number of at least 0", text);
}

std::string ShowBytes(uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  size_t place = 0;
  uint64_t unit = 1024;
  while (place + 1 < kUnits.size() && bytes / unit >= 1024) {
    unit *= 1024;
    ++place;
  }
  if (bytes % unit == 0) {
    return fmt::format("{} {}iB", bytes / unit, kUnits[place]);
  }
  return fmt::format("{:.1f} {}iB",
                     static_cast<double>(bytes) / static_cast<double>(unit),
                     kUnits[place]);
}

absl::StatusOr<absl::Duration> ParseAge(std::string_view text) {
  absl::Duration age;
  uint64_t days = 0;
  std::string_view rest = text;
  if (TakeNumber(&rest, &days) && rest == "d" && days <= 1000000) {
    return absl::Hours(24) * static_cast<int64_t>(days);
  }
  if (absl::ParseDuration(std::string(text), &age)) return age;
  return absl::InvalidArgumentError(
      "not an age; write a number and s, m, h or d, as in 36h, or inf");
}

std::string ShowAge(absl::Duration age) {
  if (age == absl::InfiniteDuration()) return "inf";
  constexpr absl::Duration kDay = absl::Hours(24);
  if (age >= kDay && age % kDay == absl::ZeroDuration()) {
    return fmt::format("{}d", age / kDay);
  }
  return absl::FormatDuration(age);
}

absl::StatusOr<absl::Time> ParseTime(std::string_view text) {
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, std::string(text), &time, &error)) {
    return time;
  }
  return absl::InvalidArgumentError(
      "not an RFC 3339 time, such as 2025-01-31T13:00:00Z");
}

std::string ShowTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

std::string ShowCount(uint64_t count) {
  std::string digits = fmt::format("{}", count);
  for (size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string ShowCountOf(uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", ShowCount(count), noun, count == 1 ? "" : "s");
}

}  // namespace tidemark::cli
