#ifndef TIDEMARK_LIB_BASE_STRING_MAP_H_
#define TIDEMARK_LIB_BASE_STRING_MAP_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tidemark {
inline namespace v0 {

struct StringViewHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

// A hash map keyed by strings that looks up string views without a copy. It is
// as it was when an insertion throws std::bad_alloc, which absl::flat_hash_map
// does not promise.
template <typename Value>
using StringMap =
    std::unordered_map<std::string, Value, StringViewHash, std::equal_to<>>;

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_BASE_STRING_MAP_H_
