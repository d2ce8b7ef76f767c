#include <unistd.h>

#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "process/killed_store.h"
#include "process/looking_on.h"
#include "support/catch.h"
#include "support/nightly.h"
#include "support/seed.h"
#include "support/status_matchers.h"
#include "tidemark/error.h"

// Who owns a store whose owner was stopped, was forked, or has just died. What
// happens in one round is in tests/process; here it happens often, to busy
// writers, and with deaths.
namespace tidemark::test {
namespace {

constexpr const char* kDurabilities[] = {"shared_memory", "store_file",
                                         "write_through"};

absl::Status TryToOpen(const std::string& directory, absl::Duration timeout) {
  StoreOptions options;
  options.lock_timeout = timeout;
  return Store::Open(directory, options).status();
}

// Stops a writer wherever it is, and looks at its store meanwhile.
void StopAndLook(KilledStore& store, WriterProcess& writer) {
  store.Follow(writer, 40);
  writer.Stop();
  store.NoteRest(writer);
  const std::string path = store.directory() + "/store";
  const auto before = Listing(path);
  // I14: an owner that does nothing is an owner.
  CHECK(IsLocked(TryToOpen(path, absl::ZeroDuration())));
  CHECK(IsLocked(TryToOpen(path, absl::Milliseconds(5))));
  REQUIRE_OK_AND_ASSIGN(Store reader, OpenToRead(path));
  REQUIRE_OK_AND_ASSIGN(const Topic topic, reader.OpenTopic(kTopicName));
  for (PartitionNumber n = 0; n < kPartitions; ++n) {
    REQUIRE_OK_AND_ASSIGN(const Partition partition, topic.partition(n));
    // I15
    store.submissions().CheckAllowed(n, ReadNumbers(partition));
  }
  REQUIRE_OK(reader.Close());
  CHECK(Listing(path) == before);
}

void StopWriters(uint64_t rounds, uint64_t seed) {
  std::mt19937_64 random(seed);
  for (const char* durability : kDurabilities) {
    KilledStore store(durability, random);
    for (uint64_t round = 0; round < rounds; ++round) {
      INFO("round " << round << " with " << durability);
      const auto writer = store.Start();
      for (int i = 0; i < 2; ++i) {
        StopAndLook(store, *writer);
        writer->Continue();
      }
      // It goes on; and dies running, or where it stands.
      const uint64_t count = store.submissions().acknowledged_count();
      store.Follow(*writer, 20);
      CHECK(store.submissions().acknowledged_count() == count + 20);
      if (round % 2 == 0) writer->Stop();
      store.Kill(*writer);
      store.Check();
    }
  }
  PrintCount(2 * rounds * 3, "stops of a writer whose store others ask for");
}

TEST_CASE("A writer that is stopped keeps its store and goes on", "[kill]") {
  TIDEMARK_TEST_SEED(seed);
  StopWriters(2, seed);
}

TEST_CASE("Writers that are stopped often keep their stores", "[kill][.slow]") {
  TIDEMARK_TEST_SEED(seed);
  StopWriters(20, seed);
}

void OrphanChildren(uint64_t rounds, uint64_t seed) {
  std::mt19937_64 random(seed);
  for (const char* durability : kDurabilities) {
    KilledStore store(durability, random);
    for (uint64_t round = 0; round < rounds; ++round) {
      INFO("round " << round << " with " << durability);
      const auto writer = store.Start("orphan");
      store.Follow(*writer, 1 + random() % 100);
      writer->SendByte();
      while (true) {
        const auto message = writer->Read();
        REQUIRE(message.has_value());
        if (message->kind == WriterMessage::kOrphaned) break;
        store.submissions().Note(*message);
      }
      store.Follow(*writer, random() % 20);
      store.Kill(*writer);
      // L2: the child gives the lock back as soon as it runs at all.
      REQUIRE_OK(TryToOpen(store.directory() + "/store", absl::Minutes(1)));
      store.Check();
      writer->CloseInput();
      const auto message = writer->Read();
      REQUIRE(message.has_value());
      CHECK(message->kind == WriterMessage::kRefused);
      CHECK_FALSE(writer->Read().has_value());
      store.Check();
    }
  }
  PrintCount(3 * rounds, "writers that died before their forked children");
}

// The child goes on behind a fork of many threads, which ThreadSanitizer does
// not support.
TEST_CASE("The child of a dead writer keeps nobody out", "[kill][no_tsan]") {
  TIDEMARK_TEST_SEED(seed);
  OrphanChildren(2, seed);
}

TEST_CASE("The children of many dead writers keep nobody out",
          "[kill][.slow][no_tsan]") {
  TIDEMARK_TEST_SEED(seed);
  OrphanChildren(20, seed);
}

// One round of three processes that open at once. The winner is killed then,
// wherever it is.
void RaceOnce(const std::string& path, uint64_t round, uint64_t seed) {
  constexpr size_t kRacers = 3;
  std::array<std::unique_ptr<WriterProcess>, kRacers> racers;
  for (size_t i = 0; i < kRacers; ++i) {
    racers[i] = std::make_unique<WriterProcess>("race", path,
                                                kDurabilities[(round + i) % 3],
                                                kRacers * round + i, seed + i);
  }
  for (auto& racer : racers) racer->SendByte();
  size_t winner_count = 0;
  for (size_t i = 0; i < kRacers; ++i) {
    INFO("racer " << i);
    const auto message = racers[i]->Read();
    REQUIRE(message.has_value());
    if (message->kind == WriterMessage::kOpened) {
      ++winner_count;
    } else {
      REQUIRE(message->kind == WriterMessage::kLocked);
      REQUIRE(racers[i]->Wait() == 0);
    }
  }
  // I14
  REQUIRE(winner_count == 1);
}

void Race(uint64_t rounds, uint64_t seed) {
  for (uint64_t round = 0; round < rounds;) {
    // Making a store is a race of its own.
    const TempDir directory;
    for (const uint64_t last = round + 4; round < last; ++round) {
      INFO("round " << round);
      RaceOnce(directory / "store", round, seed);
    }
    REQUIRE_OK_AND_ASSIGN(Store store, Store::Open(directory / "store"));
    CHECK_FALSE(store.recovery().has_damage());
    REQUIRE_OK(store.Close());
  }
  PrintCount(rounds, "races of three processes for a store");
}

TEST_CASE("Of three that race for a store one wins", "[kill]") {
  TIDEMARK_TEST_SEED(seed);
  Race(8, seed);
}

TEST_CASE("Of three that race for a store often, one wins each time",
          "[kill][.slow]") {
  TIDEMARK_TEST_SEED(seed);
  Race(200, seed);
}

}  // namespace
}  // namespace tidemark::test
