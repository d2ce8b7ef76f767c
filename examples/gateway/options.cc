#include "options.h"

#include <cstdlib>
#include <string_view>

#include "absl/status/status.h"
#include "fmt/core.h"

namespace gateway {

absl::StatusOr<Options> ParseOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* const value = i + 1 < argc ? argv[i + 1] : "";
    if (name == "--dir") {
      options.directory = value;
    } else if (name == "--data") {
      options.data = value;
    } else if (name == "--seconds") {
      options.length = absl::Seconds(std::strtod(value, nullptr));
    } else if (name == "--report-descriptor") {
      options.report_descriptor = std::atoi(value);
    } else {
      return absl::InvalidArgumentError(
          fmt::format("{}: usage: {} [--dir PATH] [--data PATH] [--seconds N]",
                      name, argv[0]));
    }
  }
  if (options.length <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("--seconds must be above 0");
  }
  return options;
}

}  // namespace gateway
