#include "segment/file_names.h"

#include <fmt/core.h>

#include <limits>

namespace tidemark {
inline namespace v0 {
namespace {

constexpr size_t kDigits = 20;
constexpr std::string_view kSuffix = ".log";

}  // namespace

std::string SegmentFileName(Offset base_offset) {
  return fmt::format("{:020}{}", base_offset, kSuffix);
}

std::optional<Offset> ParseSegmentFileName(std::string_view name) {
  if (name.size() != kDigits + kSuffix.size() || !name.ends_with(kSuffix)) {
    return std::nullopt;
  }
  constexpr Offset kMax = std::numeric_limits<Offset>::max();
  Offset offset = 0;
  for (const char c : name.substr(0, kDigits)) {
    if (c < '0' || c > '9') return std::nullopt;
    const Offset digit = c - '0';
    if (offset > (kMax - digit) / 10) return std::nullopt;
    offset = offset * 10 + digit;
  }
  return offset;
}

std::string JoinPath(std::string_view directory, std::string_view name) {
  if (directory.empty()) return std::string(name);
  return fmt::format("{}/{}", directory, name);
}

}  // namespace v0
}  // namespace tidemark
