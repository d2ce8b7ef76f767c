#ifndef TIDEMARK_TESTS_CRASH_HOST_WORLD_H_
#define TIDEMARK_TESTS_CRASH_HOST_WORLD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "crash/crash_check.h"
#include "support/dice.h"
#include "support/expectation.h"
#include "tidemark/store.h"
#include "tidemark/testing/manual_clock.h"

namespace tidemark::test {

// A host that a scenario leads through its life, on a machine in memory.
//
// Every step notes what it hands to the library before the call, and what the
// library promised behind it. What a step that fails means is up to the world
// of a test: the next steps come in any case, and do nothing where a store or a
// topic could not be opened.
class HostWorld {
 public:
  HostWorld(MakeOptions make_options, uint64_t seed)
      : make_options_(std::move(make_options)), dice_(seed) {}
  // Call DropHandles first: this cannot call what a world overrides.
  virtual ~HostWorld() = default;

  HostWorld(const HostWorld&) = delete;
  HostWorld& operator=(const HostWorld&) = delete;

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
  // From its start to its end.
  void Read(const std::string& topic, PartitionNumber partition);
  // Anything else, which changes nothing that is expected.
  void Try(std::string_view step, absl::FunctionRef<absl::Status(Store&)> call);
  void Commit(const std::string& cursor, const std::string& topic,
              PartitionNumber partition, Offset offset);

  // The machine loses power, restarts in one of the states that this may
  // leave, and the store is opened again.
  void PowerCut();
  // The process is killed, and the store opened by another one.
  void Kill();
  // The n-th sync from here on fails, and may have dropped what it was to keep.
  // Steps may fail from then on.
  virtual void FailSync(uint64_t n) = 0;

  // Empty when it cannot be opened.
  Partition partition(const std::string& topic, PartitionNumber number);

 protected:
  struct HostTopic {
    Topic handle;
    std::vector<std::shared_ptr<std::vector<std::string>>> values;
    // Behind the values of a partition: what an append left that failed with an
    // error that says neither yes nor no.
    std::map<PartitionNumber, std::vector<std::string>> doubtful;
    ExpectedTopic expected;
    int generation = 0;
    bool has_retention = false;
  };

  // The environment of the process that is about to open the store.
  virtual Env& env() = 0;
  virtual MemoryEnv& machine() = 0;
  // Ends the machine; env() and machine() are from now on those of one in a
  // state that this may leave. The handles are closed behind it.
  virtual void RestartMachine() = 0;
  // Around each call of the library, and when no more are to come.
  virtual void BeginCall() {}
  virtual void EndCall() {}
  virtual void BeforeDrop() {}
  // A store is about to be opened on what a crash left.
  virtual void BeforeAdopt() {}
  // What a step came to. False unless it is OK.
  virtual bool IsOk(std::string_view step, const absl::Status& status) = 0;
  // What the test found broken, whatever a step returned.
  virtual void NoteBroken(std::string text) = 0;
  // Opens the store on a copy of what a crash leaves, and compares.
  virtual void CheckState(std::string_view when, MemoryEnv& machine,
                          CrashKind kind, CheckDepth depth);
  // The last `count` values of a log were not acknowledged.
  virtual void NoteRefused(HostTopic& topic, PartitionNumber number, int count,
                           const absl::Status& status) = 0;
  // Whether what a process finds behind the death of another one is promised to
  // the next.
  virtual bool is_found_kept() const { return true; }
  // How often a host tries to open, create or delete before it gives up.
  virtual int attempts_max() const { return 1; }

  void DropHandles();
  const Expectation& Expect();
  void Changed() { ++expectation_.version; }
  std::map<std::string, HostTopic>& topics() { return topics_; }
  std::optional<Store>& store() { return store_; }
  const MakeOptions& make_options() const { return make_options_; }
  Dice& dice() { return dice_; }

 private:
  template <typename Function>
  auto Call(Function function) {
    BeginCall();
    auto result = function();
    EndCall();
    return result;
  }
  // Opens and takes for given what is found, after checking it.
  void Adopt(CrashKind kind);
  // False, and the topic stays closed, when a part of it cannot be opened.
  bool AdoptTopic(HostTopic& topic);
  void AdoptCommits();
  // The topic, open; null if it cannot be.
  HostTopic* FindTopic(const std::string& name);
  // The same; null, too, if it has no such partition.
  HostTopic* FindLog(const std::string& name, PartitionNumber number);
  absl::StatusOr<Partition> OpenPartition(HostTopic& topic,
                                          PartitionNumber number);
  std::string NewValue(HostTopic& topic, PartitionNumber partition,
                       size_t size);
  // Appends the last `count` values of the log.
  bool AppendLast(HostTopic& topic, PartitionNumber number, int count, Ack ack);
  void NoteAppended(HostTopic& topic, PartitionNumber number, Ack ack);
  void AddLogs(HostTopic& topic, PartitionNumber count);
  // The topic with what may be there behind its logs.
  static ExpectedTopic WithDoubtful(const HostTopic& topic);
  absl::Status CommitAt(ExpectedCommit& commit, Offset offset);
  // Takes over what the library says by its marks.
  void Believe();

  const MakeOptions make_options_;
  Dice dice_;
  ManualClock clock_;
  std::optional<Store> store_;
  std::map<std::string, HostTopic> topics_;
  std::vector<ExpectedTopic> ghosts_;  // deleted, but nobody said so yet
  std::vector<ExpectedCommit> commits_;
  Expectation expectation_;
  uint64_t built_version_ = 0;
  int next_generation_ = 0;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_CRASH_HOST_WORLD_H_
