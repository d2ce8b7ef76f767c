#include "fuzz/fuzz_target.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "fmt/core.h"
#include "fmt/ostream.h"

namespace tidemark::test {
namespace {

// The second is that of a plain build. Sanitizers and the coverage of libFuzzer
// slow the code down; what takes more than a second there is replayed without.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define TIDEMARK_FUZZ_IS_INSTRUMENTED
#endif
#endif
#if defined(TIDEMARK_FUZZ_IS_INSTRUMENTED)
constexpr double kSecondsMax = 5;
#else
constexpr double kSecondsMax = 1;
#endif

double ProcessorSeconds() {
  timespec time = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_nsec) * 1e-9;
}

[[noreturn]] void Fail(std::string_view rule, const char* file, int line) {
  std::fputs(fmt::format("{}:{}: broken: {}\n", file, line, rule).c_str(),
             stderr);
  std::abort();
}

}  // namespace

void Expect(bool holds, std::string_view rule, const char* file, int line) {
  if (!holds) Fail(rule, file, line);
}

void ExpectTyped(const absl::Status& status, const char* file, int line) {
  const bool is_bug = absl::IsInternal(status) || absl::IsUnknown(status) ||
                      (!status.ok() && status.message().empty());
  if (is_bug) Fail(fmt::format("{}", fmt::streamed(status)), file, line);
}

void RunBounded(const FuzzTarget& target, ByteSpan input, FuzzCounts* counts) {
  const double before = ProcessorSeconds();
  target.run(input, counts);
  const double seconds = ProcessorSeconds() - before;
  Expect(seconds <= kSecondsMax,
         fmt::format("{}: {:.2f} s of processor time", target.name, seconds));
}

}  // namespace tidemark::test
