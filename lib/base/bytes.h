#ifndef TIDEMARK_LIB_BASE_BYTES_H_
#define TIDEMARK_LIB_BASE_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "absl/strings/string_view.h"

namespace tidemark {
inline namespace v0 {

using ByteSpan = std::span<const std::byte>;
using MutableByteSpan = std::span<std::byte>;

constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMiB = 1024 * kKiB;
constexpr uint64_t kGiB = 1024 * kMiB;

inline ByteSpan AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view AsText(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Abseil's string view is a type of its own in some builds.
inline absl::string_view ToAbsl(std::string_view text) {
  return {text.data(), text.size()};
}
inline std::string_view FromAbsl(absl::string_view text) {
  return {text.data(), text.size()};
}

// The next multiple of `alignment`, a power of two, at or above `value`.
constexpr uint64_t AlignUp(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_BASE_BYTES_H_
