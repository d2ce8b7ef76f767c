#ifndef TIDEMARK_EXAMPLES_GATEWAY_OPTIONS_H_
#define TIDEMARK_EXAMPLES_GATEWAY_OPTIONS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gateway {

// What the three programs take: [--dir PATH] [--data PATH] [--seconds N].
struct Options {
  // Holds everything that the story leaves behind.
  std::string directory = "build/gateway";
  // Holds the input files.
  std::string data = "examples/data";
  // How long the recordings play.
  absl::Duration length = absl::Seconds(16);
  // Where the gateway writes what it acknowledged; -1 for nowhere.
  int report_descriptor = -1;

  std::string store() const { return directory + "/store"; }
  std::string archive() const { return directory + "/archive.txt"; }
  std::string totals() const { return directory + "/dashboard.txt"; }
  std::string recovery() const { return directory + "/recovery.txt"; }
};

absl::StatusOr<Options> ParseOptions(int argc, char** argv);

}  // namespace gateway

#endif  // TIDEMARK_EXAMPLES_GATEWAY_OPTIONS_H_
