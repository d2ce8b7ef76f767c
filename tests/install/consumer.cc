// The program of a host that found the library in one of three ways: as a
// CMake package, by pkg-config, or as a subdirectory of its own tree.

#include <cstdlib>
#include <iostream>

#include "absl/status/status.h"
#include "tidemark/clock.h"
#include "tidemark/error.h"
#include "tidemark/version.h"

int main() {
  const absl::Status status = tidemark::WithReason(
      absl::NotFoundError("no topic"), tidemark::ErrorReason::kClosed);
  const bool has_reason = tidemark::IsClosed(status);
  const bool has_time = tidemark::Clock::System().CoarseMicros() > 0;
  std::cout << "tidemark " << tidemark::kVersion << "\n";
  return has_reason && has_time ? EXIT_SUCCESS : EXIT_FAILURE;
}
