#ifndef TIDEMARK_BENCHMARKS_WORKLOAD_SETTINGS_H_
#define TIDEMARK_BENCHMARKS_WORKLOAD_SETTINGS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace bench {

// What the command line asks for.
struct Settings {
  // The name of a run, as docs/benchmarks.md lists them.
  std::string workload;

  // Where the log goes; it is made, and must be empty or missing.
  std::string directory;

  // Multiplies counts, bytes and times. 1 is the workload as it is defined;
  // less is for a try.
  double scale = 1;

  uint64_t Scaled(uint64_t count) const {
    const auto scaled =
        static_cast<uint64_t>(static_cast<double>(count) * scale);
    return scaled == 0 ? 1 : scaled;
  }
};

// Reads --workload NAME --dir PATH [--scale F]. InvalidArgument says what is
// wrong, or what the usage is.
absl::StatusOr<Settings> ParseSettings(int argc, char** argv);

}  // namespace bench

#endif  // TIDEMARK_BENCHMARKS_WORKLOAD_SETTINGS_H_
