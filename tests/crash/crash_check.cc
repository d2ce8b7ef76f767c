#include "crash/crash_check.h"

#include <string>
#include <vector>

#include "base/status_macros.h"
#include "crash/recording_env.h"
#include "tidemark/store.h"
#include "tidemark/testing/manual_clock.h"

namespace tidemark::test {
namespace {

absl::Status OpenAndClose(MemoryEnv& machine, Clock& clock,
                          const MakeOptions& make_options) {
  absl::StatusOr<Store> store =
      Store::Open(kStorePath, make_options(machine, clock));
  TIDEMARK_RETURN_IF_ERROR(Explain("I8", "open", store.status()));
  const absl::StatusOr<std::vector<std::string>> names = store->ListTopics();
  TIDEMARK_RETURN_IF_ERROR(Explain("I8", "list", names.status()));
  for (const std::string& name : *names) {
    absl::StatusOr<Topic> topic = store->OpenTopic(name);
    TIDEMARK_RETURN_IF_ERROR(Explain("I8", "topic", topic.status()));
    for (PartitionNumber n = 0; n < topic->partition_count(); ++n) {
      TIDEMARK_RETURN_IF_ERROR(
          Explain("I8", "partition", topic->partition(n).status()));
    }
  }
  return Explain("I8", "close", store->Close());
}

// I8: what a clean close left is left alone but for STORE, which counts.
absl::Status CheckTwoOpens(MemoryEnv& machine, Clock& clock,
                           const MakeOptions& make_options) {
  uint64_t hashes[2];
  for (uint64_t& hash : hashes) {
    TIDEMARK_RETURN_IF_ERROR(OpenAndClose(machine, clock, make_options));
    hash = ReadImage(machine).HashWithout({"STORE", "LOCK"});
  }
  return hashes[0] == hashes[1] ? absl::OkStatus()
                                : Broken("I8: a second opening changed bytes");
}

}  // namespace

absl::Status CheckAfterCrash(MemoryEnv& machine, const Expectation& expected,
                             CrashKind kind, CheckDepth depth,
                             const MakeOptions& make_options) {
  ManualClock clock;
  TIDEMARK_RETURN_IF_ERROR(
      CheckStore(kStorePath, expected, kind, depth != CheckDepth::kRead,
                 [&] { return make_options(machine, clock); }));
  if (depth != CheckDepth::kTwoOpens) return absl::OkStatus();
  return CheckTwoOpens(machine, clock, make_options);
}

}  // namespace tidemark::test
