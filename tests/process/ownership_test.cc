#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "process/looking_on.h"
#include "process/submissions.h"
#include "process/writer_process.h"
#include "support/catch.h"
#include "support/seed.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/error.h"
#include "tidemark/store.h"

namespace tidemark::test {
namespace {

// I14: never two live writers.
TEST_CASE("Of two processes that race to open a store one is told it is locked",
          "[process]") {
  TIDEMARK_TEST_SEED(seed);
  const TempDir directory;
  for (uint64_t round = 0; round < 10; ++round) {
    std::array<std::unique_ptr<WriterProcess>, 2> racers;
    for (uint64_t i = 0; i < 2; ++i) {
      racers[i] = std::make_unique<WriterProcess>(
          "race", directory / "store", "default", 2 * round + i, seed + i);
    }
    for (auto& racer : racers) racer->SendByte();
    std::array<uint32_t, 2> said = {};
    for (size_t i = 0; i < 2; ++i) {
      const auto message = racers[i]->Read();
      REQUIRE(message.has_value());
      said[i] = message->kind;
    }
    INFO("round " << round << ": " << said[0] << " and " << said[1]);
    const size_t winner = said[0] == WriterMessage::kOpened ? 0 : 1;
    REQUIRE(said[winner] == WriterMessage::kOpened);
    REQUIRE(said[1 - winner] == WriterMessage::kLocked);
    StoreOptions impatient;
    impatient.lock_timeout = absl::ZeroDuration();
    CHECK(IsLocked(Store::Open(directory / "store", impatient).status()));
    // Every other winner dies, so that the next race is one to recover.
    if (round % 2 == 0) {
      racers[winner]->Kill();
    } else {
      racers[winner]->CloseInput();
      while (racers[winner]->Read().has_value()) continue;
      CHECK(racers[winner]->Wait() == 0);
    }
  }
}

// Runs in the child; the line of the first thing that is wrong, 0 if none is.
int UseInherited(Store& store, Topic& topic, Partition& partition,
                 const std::string& elsewhere) {
  const auto is_refused = [](const absl::Status& status) {
    return ReasonOf(status) == ErrorReason::kForked;
  };
  if (!is_refused(partition.Append({.value = "child"}).status())) return 1;
  if (!is_refused(topic.Append({.value = "child"}).status())) return 2;
  if (!is_refused(partition.Read(0).status())) return 3;
  if (!is_refused(store.Sync())) return 4;
  if (!is_refused(store.CreateTopic("child").status())) return 5;
  if (!is_refused(store.OpenTopic(kTopicName).status())) return 6;
  absl::StatusOr<Store> own = Store::Open(elsewhere);
  if (!own.ok()) return 7;
  absl::StatusOr<Topic> created = own->CreateTopic("child");
  if (!created.ok() || !created->Append({.value = "child"}).ok()) return 8;
  return own->Close().ok() ? 0 : 9;
}

// The child starts threads of its own, which the thread sanitizer cannot follow
// behind a fork.
TEST_CASE("A forked child is refused and its parent goes on",
          "[process][no_tsan]") {
  for (const char* durability :
       {"shared_memory", "store_file", "write_through"}) {
    INFO(durability);
    const TempDir directory;
    StoreOptions options;
    options.process_durability = DurabilityOf(durability);
    REQUIRE_OK_AND_ASSIGN(Store store,
                          Store::Open(directory / "store", options));
    REQUIRE_OK_AND_ASSIGN(Topic topic, store.CreateTopic(kTopicName));
    REQUIRE_OK_AND_ASSIGN(Partition partition, topic.partition(0));
    for (int i = 0; i < 100; ++i) REQUIRE_OK(topic.Append({.value = "before"}));
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::_exit(UseInherited(store, topic, partition, directory / "child"));
    }
    for (int i = 0; i < 100; ++i) REQUIRE_OK(topic.Append({.value = "after"}));
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    REQUIRE_OK(partition.Append({.value = "last"}, Ack::kDisk));
    REQUIRE_OK(store.Close());

    REQUIRE_OK_AND_ASSIGN(store, Store::Open(directory / "store", options));
    CHECK(store.recovery().is_clean);
    REQUIRE_OK_AND_ASSIGN(topic, store.OpenTopic(kTopicName));
    REQUIRE_OK_AND_ASSIGN(partition, topic.partition(0));
    REQUIRE_OK_AND_ASSIGN(const Records records, partition.Read(0));
    REQUIRE(records.size() == 201);
    for (const RecordView& record : records) CHECK(record.value() != "child");
  }
}

TEST_CASE("A reader beside a writer sees what was synced and creates nothing",
          "[process]") {
  for (const char* durability :
       {"shared_memory", "store_file", "write_through"}) {
    INFO(durability);
    const TempDir directory;
    WriterProcess writer("hold", directory / "store", durability, 1, 1);
    Submissions submissions;
    for (;;) {
      const auto message = writer.Read();
      REQUIRE(message.has_value());
      if (message->kind == WriterMessage::kWaiting) break;
      submissions.Note(*message);
    }
    const auto before = Listing(directory.path());
    REQUIRE_OK_AND_ASSIGN(Store store, OpenToRead(directory / "store"));
    REQUIRE_OK_AND_ASSIGN(const Topic topic, store.OpenTopic(kTopicName));
    for (PartitionNumber i = 0; i < kPartitions; ++i) {
      REQUIRE_OK_AND_ASSIGN(Partition partition, topic.partition(i));
      const NumberLog log = ReadNumbers(partition);
      submissions.CheckAllowed(i, log);
      CHECK(log.size() >= 5);
      CHECK(ReasonOf(partition.Append({.value = "reader"}).status()) ==
            ErrorReason::kReadOnly);
    }
    REQUIRE_OK(store.Close());
    CHECK(Listing(directory.path()) == before);
    writer.CloseInput();
    CHECK(writer.Wait() == 0);
  }
}

// I15: a reader only ever sees what I2 and I3 allow.
TEST_CASE("A reader beside a busy writer sees whole appends in order",
          "[process]") {
  TIDEMARK_TEST_SEED(seed);
  for (const char* durability :
       {"shared_memory", "store_file", "write_through"}) {
    INFO(durability);
    const TempDir directory;
    WriterProcess writer("write", directory / "store", durability, 1, seed);
    Submissions submissions;
    std::array<size_t, kPartitions> sizes = {};
    for (int round = 0; round < 5; ++round) {
      const uint64_t enough = submissions.acknowledged_count() + 100;
      while (submissions.acknowledged_count() < enough) {
        const auto message = writer.Read();
        REQUIRE(message.has_value());
        submissions.Note(*message);
      }
      REQUIRE_OK_AND_ASSIGN(Store store, OpenToRead(directory / "store"));
      REQUIRE_OK_AND_ASSIGN(const Topic topic, store.OpenTopic(kTopicName));
      std::array<NumberLog, kPartitions> logs;
      for (PartitionNumber i = 0; i < kPartitions; ++i) {
        REQUIRE_OK_AND_ASSIGN(const Partition partition, topic.partition(i));
        logs[i] = ReadNumbers(partition);
      }
      // What was seen was said before, but may still stand in the pipe.
      while (const auto message = writer.Read(std::chrono::milliseconds(0))) {
        submissions.Note(*message);
        if (submissions.acknowledged_count() > enough + 5000) break;
      }
      for (PartitionNumber i = 0; i < kPartitions; ++i) {
        submissions.CheckAllowed(i, logs[i]);
        CHECK(logs[i].size() >= sizes[i]);
        sizes[i] = logs[i].size();
      }
    }
    writer.Kill();
  }
}

}  // namespace
}  // namespace tidemark::test
