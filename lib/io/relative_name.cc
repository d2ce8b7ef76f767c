#include "io/relative_name.h"

#include <fmt/core.h>

#include <cstddef>
#include <string_view>

namespace tidemark {
inline namespace v0 {
namespace {

constexpr size_t kMaxComponentBytes = 255;
constexpr size_t kMaxNameBytes = 4000;  // PATH_MAX is 4096 with the NUL

absl::Status NameError(std::string_view name, std::string_view cause) {
  // A hostile name may be long and hold anything; the message shows its start.
  return absl::InvalidArgumentError(fmt::format(
      "name '{}' of {} bytes: {}", name.substr(0, 64), name.size(), cause));
}

}  // namespace

absl::Status CheckRelativeName(std::string_view name) {
  if (name.empty()) return NameError(name, "empty");
  if (name.size() > kMaxNameBytes) return NameError(name, "too long");
  if (name.find('\0') != std::string_view::npos) {
    return NameError(name.substr(0, name.find('\0')), "holds a NUL");
  }
  for (std::string_view rest = name;;) {
    const size_t slash = rest.find('/');
    const std::string_view component = rest.substr(0, slash);
    if (component.empty()) return NameError(name, "empty component");
    if (component == "." || component == "..") {
      return NameError(name, "component '.' or '..'");
    }
    if (component.size() > kMaxComponentBytes) {
      return NameError(name, "component longer than 255 bytes");
    }
    if (slash == std::string_view::npos) return absl::OkStatus();
    rest.remove_prefix(slash + 1);
  }
}

absl::Status CheckDirectoryName(std::string_view name) {
  return name.empty() ? absl::OkStatus() : CheckRelativeName(name);
}

SplitName SplitRelativeName(std::string_view name) {
  const size_t slash = name.rfind('/');
  if (slash == std::string_view::npos) return {{}, name};
  return {name.substr(0, slash), name.substr(slash + 1)};
}

}  // namespace v0
}  // namespace tidemark
