#ifndef TIDEMARK_TESTS_PROCESS_KILLED_STORE_H_
#define TIDEMARK_TESTS_PROCESS_KILLED_STORE_H_

#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstdint>
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
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/store.h"

namespace tidemark::test {

inline constexpr char kArenaPrefix[] = "tidemark-arena-";

// The names in a directory that begin with `prefix`.
inline std::vector<std::string> NamesOf(const std::string& directory,
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
  // `durability` is what the writers ask for; `random` outlives this object.
  KilledStore(std::string durability, std::mt19937_64& random)
      : durability_(std::move(durability)), random_(random) {}

  // Starts a writer in a mode of helper_writer.
  std::unique_ptr<WriterProcess> Start(const std::string& mode = "write") {
    return std::make_unique<WriterProcess>(mode, directory_ / "store",
                                           durability_, ++session_, random_());
  }

  // Notes what a writer says until so many more of its appends are
  // acknowledged, it ends, or the time is over.
  void Follow(WriterProcess& writer, uint64_t count,
              std::chrono::milliseconds time = std::chrono::minutes(1)) {
    const uint64_t enough = submissions_.acknowledged_count() + count;
    const auto deadline = std::chrono::steady_clock::now() + time;
    while (submissions_.acknowledged_count() < enough) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(
          deadline - std::chrono::steady_clock::now());
      if (left <= std::chrono::milliseconds(0)) break;
      const auto message = writer.Read(left);
      if (!message.has_value()) break;
      submissions_.Note(*message);
    }
  }

  // Notes what a writer that is stopped or dead has said.
  void NoteRest(WriterProcess& writer) {
    while (const auto message = writer.Read(std::chrono::milliseconds(0))) {
      submissions_.Note(*message);
    }
  }

  void Kill(WriterProcess& writer) {
    const int status = writer.Kill();
    INFO("waitpid says " << status);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(WTERMSIG(status) == SIGKILL);
    NoteRest(writer);
  }

  // Lets a writer run and kills it after some acknowledgements or some time.
  void RunAndKill() {
    const auto writer = Start();
    if (random_() % 2 == 0) {
      Follow(*writer, 1 + random_() % 400);
    } else {
      Follow(*writer, UINT32_MAX, std::chrono::milliseconds(random_() % 40));
    }
    Kill(*writer);
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

  const std::string& directory() const { return directory_.path(); }
  Submissions& submissions() { return submissions_; }

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

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_PROCESS_KILLED_STORE_H_
