#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "consumer/cursor_file.h"
#include "consumer/cursor_file_fixture.h"
#include "support/catch.h"
#include "support/seed.h"
#include "support/status_matchers.h"
#include "tidemark/testing/fault_env.h"
#include "tidemark/testing/memory_env.h"

// Cuts the power at every call of a scenario and lets each slot that was not
// synced come back as it was, as it was to be, or as anything else.
namespace tidemark {
namespace {

using test::Commit;
using test::Committed;
using test::CursorDirectory;
using test::KeyOf;
using test::KeysUpTo;

constexpr size_t kBlock = cursor_file_format::kSlotSize;

// What the scenario has achieved for one partition.
struct Progress {
  Offset safe = -1;   // the last commit at kDisk that returned OK
  Offset tried = -1;  // the last commit that was begun
};

class Explorer {
 public:
  Explorer(uint64_t seed, PartitionNumber count)
      : random_(seed), progress_(static_cast<size_t>(count)) {
    env_.SetObserver([this](const EnvCallRecord&) { CutPower(); });
  }
  ~Explorer() { env_.SetObserver(nullptr); }

  Env& env() { return env_; }
  size_t state_count() const { return states_.size(); }
  PartitionNumber count() const {
    return static_cast<PartitionNumber>(progress_.size());
  }

  void Do(CursorFile& file, PartitionNumber partition, Offset offset,
          Ack level) {
    Progress& progress = progress_[static_cast<size_t>(partition)];
    progress.tried = offset;
    REQUIRE_OK(Commit(file, partition, offset, level));
    if (level == Ack::kDisk) progress.safe = offset;
  }

  // A durable commit of a process that dies before the sync.
  void DieBeforeSync(CursorFile& file, PartitionNumber partition,
                     Offset offset) {
    progress_[static_cast<size_t>(partition)].tried = offset;
    env_.FailKind(EnvCall::kSync, EIO);
    REQUIRE_FALSE(Commit(file, partition, offset, Ack::kDisk).ok());
  }

  // Checks everything that was collected. Not from within a call of the Env: a
  // claim is under way then.
  void CheckAll() {
    env_.SetObserver(nullptr);
    CutPower();
    for (const State& state : collected_) Check(state);
  }

  // Collects what may be left at this moment.
  void CutPower() {
    const auto durable = memory_.CopyDurable();
    const auto current = memory_.CopyCurrent();
    const std::string old = CursorDirectory(*durable).ReadFile();
    const std::string young = CursorDirectory(*current).ReadFile();
    if (old.empty()) return;  // the file is not there yet
    std::vector<size_t> pending;
    for (size_t at = 0; at < young.size(); at += kBlock) {
      const std::string before =
          at < old.size() ? old.substr(at, kBlock) : std::string(kBlock, 0);
      if (before != young.substr(at, kBlock)) pending.push_back(at);
    }
    const size_t ways = pending.size() < 4 ? 1 : 0;
    size_t total = 1;
    for (size_t i = 0; i < pending.size() && ways == 1; ++i) total *= 5;
    if (ways == 0) total = 8;
    for (size_t way = 0; way < total; ++way) {
      std::string left = old;
      left.resize(random_() % 2 == 0 ? young.size() : old.size());
      size_t choices = ways == 1 ? way : random_();
      for (const size_t at : pending) {
        if (at + kBlock <= left.size()) {
          left.replace(at, kBlock, Block(choices % 5, old, young, at));
        }
        choices = ways == 1 ? choices / 5 : random_();
      }
      if (states_.insert(std::hash<std::string>()(left)).second) {
        collected_.push_back({left, progress_});
      }
    }
  }

 private:
  struct State {
    std::string bytes;
    std::vector<Progress> progress;
  };

  std::string Block(size_t choice, const std::string& old,
                    const std::string& young, size_t at) {
    switch (choice) {
      case 0:
        return at < old.size() ? old.substr(at, kBlock)
                               : std::string(kBlock, 0);
      case 1:
        return young.substr(at, kBlock);
      case 2:
        return std::string(kBlock, '\0');
      case 3:
        return std::string(kBlock, '\xff');
      default: {
        std::string bytes(kBlock, '\0');
        for (char& byte : bytes) byte = static_cast<char>(random_());
        return bytes;
      }
    }
  }

  static bool IsAllowed(const Progress& progress, Offset found) {
    if (progress.safe >= 0 && found < progress.safe) return false;  // G8
    if (progress.tried < 0 && found != -1) return false;
    return found <= progress.tried;
  }

  void Check(const State& state) {
    MemoryEnv after;
    CursorDirectory store(after);
    store.WriteFile(state.bytes);
    for (const bool is_again : {false, true}) {
      auto file = store.Take(count());
      for (PartitionNumber i = 0; i < count(); ++i) {
        if (is_again && i == 1) continue;
        const Progress& progress = state.progress[static_cast<size_t>(i)];
        if (IsAllowed(progress, Committed(*file, i))) continue;
        FAIL("partition " << i << ": safe " << progress.safe << ", tried "
                          << progress.tried << ", found "
                          << Committed(*file, i));
      }
      if (is_again) REQUIRE(Committed(*file, 1) == 1000);
      // What is left can be used.
      REQUIRE_OK(Commit(*file, 1, 1000, Ack::kDisk));
    }
  }

  std::mt19937_64 random_;
  MemoryEnv memory_;
  FaultEnv env_{memory_};
  std::vector<Progress> progress_;
  std::set<size_t> states_;
  std::vector<State> collected_;
};

TEST_CASE("No loss of power takes a durable commit or makes one up",
          "[cursor_file]") {
  TIDEMARK_TEST_SEED(seed);
  Explorer explorer(seed, 2);
  CursorDirectory store(explorer.env());
  {
    auto file = store.Take(2);
    explorer.Do(*file, 0, 10, Ack::kProcess);
    explorer.Do(*file, 0, 11, Ack::kProcess);
    explorer.Do(*file, 0, 12, Ack::kDisk);
    explorer.Do(*file, 1, 20, Ack::kDisk);
    explorer.Do(*file, 0, 13, Ack::kProcess);
    explorer.Do(*file, 0, 14, Ack::kProcess);
    explorer.Do(*file, 1, 21, Ack::kDisk);
    explorer.Do(*file, 0, 15, Ack::kProcess);
    explorer.Do(*file, 0, 16, Ack::kDisk);
    explorer.Do(*file, 0, 17, Ack::kDisk);
    explorer.DieBeforeSync(*file, 0, 18);
  }
  // A new holder does not know what was synced.
  auto file = store.Take(2);
  explorer.Do(*file, 0, 19, Ack::kProcess);
  explorer.Do(*file, 0, 20, Ack::kProcess);
  explorer.Do(*file, 1, 22, Ack::kDisk);
  explorer.CheckAll();
  CHECK(explorer.state_count() > 100);
}

TEST_CASE("No loss of power while a file grows takes a durable commit",
          "[cursor_file]") {
  TIDEMARK_TEST_SEED(seed);
  Explorer explorer(seed, 66);
  CursorDirectory store(explorer.env());
  auto file = store.Take(2);
  explorer.Do(*file, 0, 10, Ack::kDisk);
  REQUIRE_OK(file->Take(KeysUpTo(63)));
  explorer.Do(*file, 62, 20, Ack::kDisk);
  REQUIRE_OK(file->Take(KeysUpTo(66)));
  explorer.Do(*file, 65, 30, Ack::kDisk);
  explorer.Do(*file, 64, 40, Ack::kProcess);
  explorer.CheckAll();
  CHECK(explorer.state_count() > 100);
}

}  // namespace
}  // namespace tidemark
