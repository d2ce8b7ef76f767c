#ifndef TIDEMARK_TESTS_CRASH_CRASH_WORLD_H_
#define TIDEMARK_TESTS_CRASH_CRASH_WORLD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crash/crash_check.h"
#include "crash/expectation.h"
#include "crash/explorer.h"
#include "crash/recording_env.h"
#include "support/dice.h"
#include "tidemark/store.h"
#include "tidemark/testing/manual_clock.h"

namespace tidemark::test {

// A host that a scenario leads through its life, while an Explorer crashes it
// before each of its calls to the disk.
//
// Every step notes what it hands to the library before the call, and what the
// library promised behind it. A step that fails when the scenario did not ask
// for it is a violation.
class CrashWorld {
 public:
  CrashWorld(Explorer& explorer, MakeOptions make_options, uint64_t seed);
  ~CrashWorld();

  void Open();
  void Close();
  void CreateTopic(const std::string& name, const TopicOptions& options);
  void DeleteTopic(const std::string& name);
  void IncreasePartitions(const std::string& name, PartitionNumber count);
  void AlterTopic(const std::string& name, const TopicOptions& options);
  // Each of `count` records by a call of its own.
  void Append(const std::string& topic, PartitionNumber partition, int count,
              size_t size, Ack ack);
  // All of them in one call.
  void AppendBatch(const std::string& topic, PartitionNumber partition,
                   int count, size_t size, Ack ack);
  void Sync();
  void SyncPartition(const std::string& topic, PartitionNumber partition);
  void Maintain(absl::Duration pause);
  void Trim(const std::string& topic, PartitionNumber partition, Offset offset);
  void Commit(const std::string& cursor, const std::string& topic,
              PartitionNumber partition, Offset offset);

  // The machine loses power, restarts in one of the states that this may
  // leave, and the store is opened again.
  void PowerCut();
  // The process is killed, and the store opened by another one.
  void Kill();
  // The n-th sync from here on fails, and may have dropped what it was to keep.
  // Steps may fail from then on.
  void FailSync(uint64_t n);

  Partition partition(const std::string& topic, PartitionNumber number);

 private:
  struct HostTopic {
    Topic handle;
    std::vector<std::shared_ptr<std::vector<std::string>>> values;
    ExpectedTopic expected;
    int generation = 0;
    bool has_retention = false;
  };

  void DropHandles();
  // Opens and takes for given what is found, after checking it.
  void Adopt(CrashKind kind);
  void AdoptTopic(HostTopic& topic);
  void AdoptCommits();
  ExpectedLog& Log(const std::string& topic, PartitionNumber partition);
  std::string NewValue(const std::string& topic, PartitionNumber partition,
                       size_t size);
  void NoteAppended(ExpectedLog& log, Ack ack);
  void AddLogs(HostTopic& topic, PartitionNumber count);
  // Takes over what the library says by its marks.
  void Believe();
  void Changed() { ++expectation_.version; }
  const Expectation& Expect();
  // False, and a violation if no failure is expected, when it is not OK.
  bool IsOk(std::string_view step, const absl::Status& status);

  Explorer& explorer_;
  const MakeOptions make_options_;
  Dice dice_;
  ManualClock clock_;
  std::vector<std::unique_ptr<MemoryEnv>> machines_;
  std::vector<std::unique_ptr<RecordingEnv>> envs_;
  std::optional<Store> store_;
  std::map<std::string, HostTopic> topics_;
  std::vector<ExpectedTopic> ghosts_;  // deleted, but nobody said so yet
  std::vector<ExpectedCommit> commits_;
  Expectation expectation_;
  uint64_t built_version_ = 0;
  int next_generation_ = 0;
  bool may_fail_ = false;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_CRASH_CRASH_WORLD_H_
