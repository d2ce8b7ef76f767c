#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "store/store_fixture.h"

// The opening of a store that is there, by itself and with its partitions,
// while any call of the system fails, or the process dies before it.
namespace tidemark::test {
namespace {

using Strings = std::vector<std::string>;

constexpr PartitionNumber kPartitions = 2;

// How the last owner ended.
enum class Ending : uint8_t { kClose, kKill, kPowerCut };

struct Scenario {
  std::string_view name;
  Ending ending;
  ProcessDurability durability;
};
constexpr Scenario kScenarios[] = {
    {"closed", Ending::kClose, ProcessDurability::kStoreFile},
    {"killed with an arena in shared memory", Ending::kKill,
     ProcessDurability::kSharedMemory},
    {"killed with an arena in its directory", Ending::kKill,
     ProcessDurability::kStoreFile},
    {"killed without an arena", Ending::kKill,
     ProcessDurability::kWriteThrough},
    {"without power", Ending::kPowerCut, ProcessDurability::kStoreFile},
};

// With little memory, which takes time to make and to copy.
StoreOptions SmallOptions(Env& env, ManualClock& clock) {
  StoreOptions options = StoreOptions::Test(env, clock);
  options.arena_bytes = 64 << 10;
  options.arena_block_bytes = 1024;
  return options;
}

// The machine that the last owner left: in both partitions of "t" are "synced",
// acknowledged at kDisk, and "kept", acknowledged at kProcess.
std::unique_ptr<MemoryEnv> Left(const Scenario& scenario, ManualClock& clock) {
  MemoryEnv machine;
  StoreOptions options = SmallOptions(machine, clock);
  options.process_durability = scenario.durability;
  REQUIRE_OK_AND_ASSIGN(Store store, Store::Open(kStorePath, options));
  REQUIRE_OK_AND_ASSIGN(Topic topic,
                        store.CreateTopic("t", WithPartitions(kPartitions)));
  REQUIRE_OK(store.CreateTopic("other"));
  for (PartitionNumber n = 0; n < kPartitions; ++n) {
    REQUIRE_OK_AND_ASSIGN(Partition partition, topic.partition(n));
    REQUIRE_OK(partition.Append(ValueRecord("synced"), Ack::kDisk));
    REQUIRE_OK(partition.Append(ValueRecord("kept"), Ack::kProcess));
  }
  if (scenario.ending == Ending::kClose) REQUIRE_OK(store.Close());
  return scenario.ending == Ending::kPowerCut ? machine.CopyDurable()
                                              : machine.CopyCurrent();
}

// Opens the store and both partitions.
absl::Status OpenAll(Env& env, ManualClock& clock,
                     std::unique_ptr<Store>* store, Topic* topic) {
  StoreOptions options = SmallOptions(env, clock);
  options.process_durability = std::nullopt;
  auto opened = Store::Open(kStorePath, options);
  if (!opened.ok()) return opened.status();
  *store = std::make_unique<Store>(*std::move(opened));
  auto found = (*store)->OpenTopic("t");
  if (!found.ok()) return found.status();
  *topic = *std::move(found);
  for (PartitionNumber n = 0; n < kPartitions; ++n) {
    const absl::Status status = topic->partition(n).status();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Everything that was acknowledged is there, and the store works.
void CheckWhole(Store& store, const Topic& topic, bool has_lost_power) {
  CHECK(topic.partition_count() == kPartitions);
  for (PartitionNumber n = 0; n < kPartitions; ++n) {
    REQUIRE_OK_AND_ASSIGN(auto values, ReadValues(topic, n));
    if (values.size() == 1) values.push_back(has_lost_power ? "kept" : "lost");
    CHECK(values == Strings{"synced", "kept"});
  }
  CHECK_FALSE(store.recovery().has_damage());
  CHECK_OK(store.OpenTopic("other"));
}

void CheckNextOwner(Env& env, ManualClock& clock, bool has_lost_power) {
  std::unique_ptr<Store> store;
  Topic topic;
  REQUIRE_OK(OpenAll(env, clock, &store, &topic));
  CheckWhole(*store, topic, has_lost_power);
  CHECK(store->recovery().arena != ArenaOutcome::kMissing);
  for (PartitionNumber n = 0; n < kPartitions; ++n) {
    REQUIRE_OK_AND_ASSIGN(Partition partition, topic.partition(n));
    CHECK_OK(partition.Append(ValueRecord("new"), Ack::kDisk));
  }
  CHECK_OK(store->Close());
}

struct CallFailure {
  int error = EIO;
  bool takes_effect = false;
  bool is_persistent = false;
};
constexpr CallFailure kCallFailures[] = {
    {EIO},    {EIO, true},           {EIO, false, true},    {EIO, true, true},
    {ENOSPC}, {ENOSPC, false, true}, {EMFILE, false, true}, {EACCES},
    {ENOMEM},
};

// False when the opening has no call `index`.
bool FailAt(const Scenario& scenario, const CallFailure& failure,
            uint64_t index) {
  ManualClock clock;
  const bool has_lost_power = scenario.ending == Ending::kPowerCut;
  const auto machine = Left(scenario, clock);
  FaultEnv env(*machine);
  env.Inject({.index = index,
              .is_persistent = failure.is_persistent,
              .error = failure.error,
              .takes_effect = failure.takes_effect});
  std::unique_ptr<Store> store;
  Topic topic;
  const absl::Status status = OpenAll(env, clock, &store, &topic);
  const bool was_reached = env.injected_count() > 0;
  const std::string call =
      was_reached ? fmt::format("{} {}", EnvCallName(env.calls()[index].kind),
                                env.calls()[index].name)
                  : "none";
  INFO("the call is " << call << ", the result " << status.ToString());
  env.ClearFaults();
  if (!was_reached) REQUIRE_OK(status);
  if (!status.ok()) CHECK_FALSE(status.message().empty());
  if (status.ok()) CheckWhole(*store, topic, has_lost_power);
  for (const bool is_power_cut : {false, true}) {
    INFO((is_power_cut ? "after a power cut" : "after a kill"));
    const auto image =
        is_power_cut ? machine->CopyDurable() : machine->CopyCurrent();
    CheckNextOwner(*image, clock, has_lost_power || is_power_cut);
  }
  // What is open by now goes on, and the store can be closed and opened.
  if (store != nullptr) {
    if (topic.state() == nullptr) {
      REQUIRE_OK_AND_ASSIGN(topic, store->OpenTopic("t"));
    }
    CheckWhole(*store, topic, has_lost_power);
    topic = Topic();
    CHECK_OK(store->Close());
    store.reset();
  }
  CheckNextOwner(env, clock, has_lost_power);
  return was_reached;
}

TEST_CASE("An opening that fails at any call loses nothing and can be repeated",
          "[store]") {
  // I1 to I5, I8, I10
  for (const Scenario& scenario : kScenarios) {
    for (const CallFailure& failure : kCallFailures) {
      for (uint64_t index = 0;; ++index) {
        INFO(scenario.name << ": error " << failure.error
                           << (failure.takes_effect ? " after the effect" : "")
                           << (failure.is_persistent ? " from" : " at")
                           << " call " << index);
        if (!FailAt(scenario, failure, index)) break;
      }
    }
  }
}

TEST_CASE("An opening that dies before any call loses nothing", "[store]") {
  for (const Scenario& scenario : kScenarios) {
    ManualClock clock;
    const auto machine = Left(scenario, clock);
    FaultEnv env(*machine);
    struct Image {
      std::string when;
      std::unique_ptr<MemoryEnv> machine;
      bool has_lost_power = false;
    };
    std::vector<Image> images;
    env.SetObserver([&](const EnvCallRecord& call) {
      for (const bool is_power_cut : {false, true}) {
        images.push_back(
            {fmt::format("{} before call {}: {} {}",
                         is_power_cut ? "power cut" : "kill", call.index,
                         EnvCallName(call.kind), call.name),
             is_power_cut ? machine->CopyDurable() : machine->CopyCurrent(),
             is_power_cut || scenario.ending == Ending::kPowerCut});
      }
    });
    std::unique_ptr<Store> store;
    Topic topic;
    REQUIRE_OK(OpenAll(env, clock, &store, &topic));
    REQUIRE_OK(store->Close());
    env.SetObserver(nullptr);
    for (const Image& image : images) {
      INFO(scenario.name << ": " << image.when);
      // What was taken over is durable before its arena goes.
      CheckNextOwner(*image.machine, clock, image.has_lost_power);
    }
  }
}

}  // namespace
}  // namespace tidemark::test
