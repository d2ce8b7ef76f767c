#include "base/slack.h"

#include <algorithm>
#include <string>

namespace tidemark {
inline namespace v0 {

void CheckZeros(ByteSpan bytes, uint64_t from, uint64_t to,
                std::string_view file, std::string_view what,
                std::vector<DamagedRange>* damage) {
  const uint64_t end = std::min<uint64_t>(to, bytes.size());
  const auto is_zero = [bytes](uint64_t at) {
    return bytes[at] == std::byte{0};
  };
  uint64_t first = from;
  while (first < end && is_zero(first)) ++first;
  if (first >= end) return;
  uint64_t last = end - 1;
  while (is_zero(last)) --last;
  damage->push_back({.file = std::string(file),
                     .position = first,
                     .size = last - first + 1,
                     .what = std::string(what)});
}

void CheckSize(uint64_t size, uint64_t expected, std::string_view file,
               std::vector<DamagedRange>* damage) {
  if (size == expected) return;
  damage->push_back(
      {.file = std::string(file),
       .position = std::min(size, expected),
       .size = std::max(size, expected) - std::min(size, expected),
       .what = size < expected ? "cut off" : "bytes behind the end"});
}

}  // namespace v0
}  // namespace tidemark
