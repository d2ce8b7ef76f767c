#include <cstdint>

#include "store/store_fixture.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "tidemark/recovery_report.h"
#include "tidemark/store.h"
#include "tidemark/testing/fault_env.h"

// A process that dies between any two calls to the system: what is written
// stays, and with it the memory that is to outlive the process.
namespace tidemark::test {
namespace {

// Opens, appends and closes, and counts what was acknowledged. A call that
// fails is where the process died.
uint64_t Live(const StoreOptions& options) {
  auto store = Store::Open(kStorePath, options);
  if (!store.ok()) return 0;
  auto topic = store->OpenTopic("t");
  if (!topic.ok()) topic = store->CreateTopic("t");
  if (!topic.ok()) return 0;
  uint64_t acknowledged = 0;
  for (int i = 0; i < 3; ++i) {
    if (!topic->Append(ValueRecord("v"), Ack::kProcess).ok()) break;
    ++acknowledged;
  }
  store->Close().IgnoreError();  // it may die in here as well
  return acknowledged;
}

void CheckNextOwner(const StoreOptions& options, uint64_t acknowledged) {
  REQUIRE_OK_AND_ASSIGN(Store store, Store::Open(kStorePath, options));
  CHECK(store.recovery().arena != ArenaOutcome::kMissing);
  CHECK_OK(store.health().status);
  if (acknowledged > 0) {
    REQUIRE_OK_AND_ASSIGN(const Topic topic, store.OpenTopic("t"));
    REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(topic));
    CHECK(values.size() >= acknowledged);
  }
  REQUIRE_OK(store.Close());
}

// Lives `lives` times, the last of them only up to its call `index`; false when
// it has no such call.
bool DieAtCall(ProcessDurability durability, int lives, uint64_t index) {
  Machine machine;
  FaultEnv env(machine.env);
  StoreOptions options = StoreOptions::Test(env, machine.clock);
  options.process_durability = durability;
  uint64_t acknowledged = 0;
  for (int i = 1; i < lives; ++i) acknowledged += Live(options);
  env.ForgetCalls();
  bool is_dead = false;
  env.SetObserver([&](const EnvCallRecord& call) {
    if (call.index != index) return;
    is_dead = true;
    machine.env.AbandonLocks();
  });
  acknowledged += Live(options);
  env.SetObserver(nullptr);
  CheckNextOwner(options, acknowledged);
  CHECK(NamesIn(machine.env, "/dev/shm").empty());
  return is_dead;
}

TEST_CASE("A death at any call loses nothing and is no damage", "[store]") {
  for (const ProcessDurability durability :
       {ProcessDurability::kSharedMemory, ProcessDurability::kStoreFile,
        ProcessDurability::kWriteThrough}) {
    for (const int lives : {1, 2}) {
      for (uint64_t index = 0;; ++index) {
        INFO(static_cast<int>(durability)
             << ", life " << lives << ", dies at call " << index);
        if (!DieAtCall(durability, lives, index)) break;
      }
    }
  }
}

}  // namespace
}  // namespace tidemark::test
