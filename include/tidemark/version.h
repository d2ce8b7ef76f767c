#ifndef TIDEMARK_VERSION_H_
#define TIDEMARK_VERSION_H_

#include <string_view>

// The version of the headers a host compiles with. The build reads it from
// here.
namespace tidemark {
inline namespace v0 {

inline constexpr int kVersionMajor = 0;
inline constexpr int kVersionMinor = 1;
inline constexpr int kVersionPatch = 0;
inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_VERSION_H_
