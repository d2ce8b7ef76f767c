#include <chrono>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "partition/log_shared.h"
#include "partition/partition_log.h"
#include "process/submissions.h"
#include "process/writer_process.h"
#include "segment/identity.h"
#include "support/catch.h"
#include "support/seed.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/error.h"
#include "tidemark/store.h"

namespace tidemark::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr char kArenaPrefix[] = "tidemark-arena-";

// The names in a directory that begin with `prefix`.
std::vector<std::string> NamesOf(const std::string& directory,
                                 const std::string& prefix) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix)) names.push_back(name);
  }
  return names;
}

// One store over the deaths of its writers.
class KilledStore {
 public:
  KilledStore(std::string durability, std::mt19937_64& random)
      : durability_(std::move(durability)), random_(random) {}

  // Lets a writer run and kills it after some acknowledgements or some time.
  void RunAndKill() {
    WriterProcess writer("write", directory_ / "store", durability_, ++session_,
                         random_());
    const uint64_t seen = submissions_.acknowledged_count();
    const bool is_counted = random_() % 2 == 0;
    const uint64_t enough = seen + 1 + random_() % 400;
    const auto deadline = steady_clock::now() +
                          milliseconds(is_counted ? 60'000 : random_() % 40);
    while (!is_counted || submissions_.acknowledged_count() < enough) {
      const auto left =
          std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
      if (left <= milliseconds(0)) break;
      const auto message = writer.Read(left);
      if (!message.has_value()) break;
      submissions_.Note(*message);
    }
    const int status = writer.Kill();
    INFO("waitpid says " << status);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(WTERMSIG(status) == SIGKILL);
    while (const auto message = writer.Read()) submissions_.Note(*message);
  }

  // Opens the store in this process, as another incarnation may choose to.
  void Check() {
    REQUIRE_OK_AND_ASSIGN(Store store, Open());
    REQUIRE_OK_AND_ASSIGN(const Topic topic, OpenTopic(store));
    for (PartitionNumber i = 0; i < kPartitions; ++i) {
      REQUIRE_OK_AND_ASSIGN(const Partition partition, topic.partition(i));
      submissions_.CheckLog(i, ReadNumbers(partition));
      AppendOne(partition);
    }
    INFO(ToString(store.recovery()));
    CHECK_FALSE(store.recovery().has_damage());
    CHECK_OK(store.health().status);
    REQUIRE_OK(store.Sync());
    REQUIRE_OK_AND_ASSIGN(const Partition first, topic.partition(0));
    const std::string id = ToHex(first.log()->shared().store_id);
    REQUIRE_OK(store.Close());
    CheckNoArena(id);
    CheckAgain();
    CheckNoArena(id);
  }

 private:
  absl::StatusOr<Store> Open() {
    const std::vector<std::string> choices = {"shared_memory", "store_file",
                                              "write_through", durability_};
    StoreOptions options;
    options.process_durability =
        DurabilityOf(choices[random_() % choices.size()]);
    return Store::Open(directory_ / "store", options);
  }

  // A writer that died early has not made it.
  absl::StatusOr<Topic> OpenTopic(Store& store) {
    TopicOptions options;
    options.partitions = kPartitions;
    return store.OpenOrCreateTopic(kTopicName, options);
  }

  void AppendOne(Partition partition) {
    WriterMessage message;
    message.partition = partition.number();
    message.number = FirstNumber(++session_, 2);
    message.count = 1;
    message.kind = WriterMessage::kSubmitting;
    submissions_.Note(message);
    const std::string value = ValueOf(message.number);
    const auto key = KeyOf(message.number);
    REQUIRE_OK_AND_ASSIGN(message.offset,
                          partition.Append({.key = key, .value = value}));
    message.level = static_cast<uint32_t>(Ack::kDisk);
    message.kind = WriterMessage::kAcknowledged;
    submissions_.Note(message);
  }

  // I8, I10: the same after a clean close, with what was appended.
  void CheckAgain() {
    REQUIRE_OK_AND_ASSIGN(Store store, Open());
    CHECK(store.recovery().is_clean);
    REQUIRE_OK_AND_ASSIGN(const Topic topic, OpenTopic(store));
    for (PartitionNumber i = 0; i < kPartitions; ++i) {
      REQUIRE_OK_AND_ASSIGN(const Partition partition, topic.partition(i));
      submissions_.CheckLog(i, ReadNumbers(partition));
    }
    REQUIRE_OK(store.Close());
  }

  void CheckNoArena(const std::string& id) {
    const std::string prefix = kArenaPrefix + id.substr(0, 16);
    CHECK(NamesOf("/dev/shm", prefix).empty());
    CHECK(NamesOf(directory_ / "store", kArenaPrefix).empty());
  }

  const std::string durability_;
  std::mt19937_64& random_;
  TempDir directory_;
  Submissions submissions_;
  uint64_t session_ = 0;
};

// Kills writers of stores that live for up to eight deaths each. A third of
// the deaths is recovered by the next writer, which may die of it.
void KillManyTimes(const std::string& durability, int kills, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::unique_ptr<KilledStore> store;
  int left = 0;
  for (int kill = 0; kill < kills; ++kill) {
    INFO("kill " << kill << " with " << durability);
    if (left-- == 0) {
      store = std::make_unique<KilledStore>(durability, random);
      left = static_cast<int>(random() % 8);
    }
    store->RunAndKill();
    if (left == 0 || random() % 3 != 0) store->Check();
  }
  store->Check();
}

// G2, G4: kProcess survives the death of the process.
TEST_CASE("A store outlives killed writers with memory that outlives them",
          "[process]") {
  TIDEMARK_TEST_SEED(seed);
  KillManyTimes("shared_memory", 8, seed);
}

TEST_CASE("A store outlives killed writers with an arena file", "[process]") {
  TIDEMARK_TEST_SEED(seed);
  KillManyTimes("store_file", 8, seed);
}

TEST_CASE("A store outlives killed writers that write through", "[process]") {
  TIDEMARK_TEST_SEED(seed);
  KillManyTimes("write_through", 8, seed);
}

TEST_CASE("A store outlives killed writers that choose nothing", "[process]") {
  TIDEMARK_TEST_SEED(seed);
  KillManyTimes("default", 8, seed);
}

TEST_CASE("Stores outlive hundreds of killed writers", "[process][.slow]") {
  TIDEMARK_TEST_SEED(seed);
  for (const char* durability :
       {"shared_memory", "store_file", "write_through", "default"}) {
    KillManyTimes(durability, 75, seed);
  }
}

}  // namespace
}  // namespace tidemark::test
