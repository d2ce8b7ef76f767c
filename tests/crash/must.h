#ifndef TIDEMARK_TESTS_CRASH_MUST_H_
#define TIDEMARK_TESTS_CRASH_MUST_H_

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// For the explorer itself, which runs in several threads, where Catch2 cannot
// assert: what fails here is the test, not the library.
namespace tidemark::test {

inline void MustBeOk(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "the test itself failed: %s\n",
               status.ToString().c_str());
  std::abort();
}

template <typename T>
T Must(absl::StatusOr<T> result) {
  MustBeOk(result.status());
  return *std::move(result);
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_CRASH_MUST_H_
