// How a host tests its own code: a store in memory, a disk that fails on
// request, and a clock that the test moves.
//
// usage: 060_unit_test_of_a_host

#include <cerrno>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "fmt/core.h"
#include "tidemark/error.h"
#include "tidemark/store.h"
#include "tidemark/testing/fault_env.h"
#include "tidemark/testing/manual_clock.h"
#include "tidemark/testing/memory_env.h"

namespace {

using tidemark::Store;
using tidemark::StoreOptions;

// The code under test: keeps a reading, for sure, and says whether it could.
bool KeepReading(tidemark::Topic& topic, std::string_view reading) {
  return topic.Append({.value = reading}, tidemark::Ack::kDisk).ok();
}

int failures = 0;
void Expect(bool is_true, std::string_view what) {
  fmt::print("{}: {}\n", is_true ? "ok" : "FAILED", what);
  failures += is_true ? 0 : 1;
}

absl::StatusOr<tidemark::Topic> OpenReadings(absl::StatusOr<Store>& store) {
  if (!store.ok()) return store.status();
  return store->OpenOrCreateTopic("readings");
}

tidemark::Offset End(tidemark::Topic& topic) {
  const absl::StatusOr<tidemark::Partition> partition = topic.partition(0);
  return partition.ok() ? partition->marks().end : -1;
}

}  // namespace

int main() {
  tidemark::MemoryEnv machine;
  tidemark::FaultEnv disk(machine);
  tidemark::ManualClock clock(absl::FromUnixSeconds(0));

  {
    auto store = Store::Open("/gateway", StoreOptions::Test(disk, clock));
    auto topic = OpenReadings(store);
    Expect(topic.ok(), "a store in memory opens");
    if (!topic.ok()) return 1;
    Expect(KeepReading(*topic, "one"), "a reading is kept");

    clock.Advance(absl::Hours(1));
    Expect(KeepReading(*topic, "two"), "one is kept an hour later");

    disk.FailKind(tidemark::EnvCall::kSync, EIO);
    Expect(!KeepReading(*topic, "three"), "a failing sync is reported");
    disk.ClearFaults();
    const auto refused = topic->Append({.value = "four"});
    Expect(tidemark::IsPoisoned(refused.status()),
           "and nothing more is accepted until the store is opened again");
    machine.DropUnsynced();  // somebody pulls the plug
  }

  auto store = Store::Open("/gateway", StoreOptions::Test(disk, clock));
  auto topic = OpenReadings(store);
  Expect(topic.ok(), "the store opens after the loss of power");
  if (!topic.ok()) return 1;
  Expect(End(*topic) == 2, "the two readings that were kept are there");
  Expect(KeepReading(*topic, "five"), "and it goes on");
  Expect(store->Close().ok(), "the store closes");
  return failures == 0 ? 0 : 1;
}
