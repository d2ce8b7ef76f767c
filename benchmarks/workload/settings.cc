#include "settings.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "absl/status/status.h"
#include "fmt/core.h"

namespace bench {

absl::StatusOr<Settings> ParseSettings(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    if (i + 1 == argc) {
      return absl::InvalidArgumentError(fmt::format("{} needs a value", name));
    }
    const char* value = argv[i + 1];
    if (name == "--workload") {
      settings.workload = value;
    } else if (name == "--dir") {
      settings.directory = value;
    } else if (name == "--scale") {
      settings.scale = std::strtod(value, nullptr);
    } else {
      return absl::InvalidArgumentError(
          fmt::format("no such option: {}", name));
    }
  }
  if (settings.workload.empty() || settings.directory.empty()) {
    return absl::InvalidArgumentError(fmt::format(
        "usage: {} --workload NAME --dir PATH [--scale FACTOR]", argv[0]));
  }
  if (!(settings.scale > 0 && settings.scale <= 1000)) {
    return absl::InvalidArgumentError(
        fmt::format("--scale {} is not within (0, 1000]", settings.scale));
  }
  std::error_code error;
  std::filesystem::create_directories(settings.directory, error);
  if (error) {
    return absl::UnavailableError(
        fmt::format("{}: {}", settings.directory, error.message()));
  }
  if (!std::filesystem::is_empty(settings.directory, error) || error) {
    return absl::InvalidArgumentError(
        fmt::format("{} is not an empty directory", settings.directory));
  }
  return settings;
}

}  // namespace bench
