#ifndef TIDEMARK_TESTS_MODEL_STORE_MODEL_H_
#define TIDEMARK_TESTS_MODEL_STORE_MODEL_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/log_model.h"
#include "segment/identity.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/store.h"
#include "tidemark/testing/fault_env.h"
#include "tidemark/testing/manual_clock.h"
#include "tidemark/testing/memory_env.h"
#include "tidemark/topic.h"

namespace tidemark::test {

// A topic as it should be.
struct ModelTopic {
  Id128 id;
  Topic handle;
  std::vector<ModelLog> logs;
  // What an increase asked for that failed and may have happened.
  std::set<PartitionNumber> counts_asked;
  bool has_retention = false;
  // A deletion failed and may have happened.
  bool is_unsure = false;

  PartitionNumber count() const {
    return static_cast<PartitionNumber>(logs.size());
  }
};

// A store on a machine in memory beside what it should be, and a host that does
// something at random at each step: it appends, reads, polls, commits, seeks,
// trims, syncs, makes and deletes topics, closes and opens the store. Calls of
// the system fail, the process dies, the power goes.
class StoreModel {
 public:
  explicit StoreModel(uint64_t seed);
  StoreModel(Dice dice, uint64_t machine_seed);
  ~StoreModel();

  // Anything: a third of them are a close, a crash, a fault, a full disk, or a
  // change of the topics.
  void Step();
  // What a host does all day: it appends, reads, polls, commits, trims and
  // waits.
  void CalmStep();
  void CheckAll();

  // The bytes that decide are used up.
  bool is_spent() const { return dice_.is_spent(); }

 private:
  using Place = std::pair<const std::string, ModelTopic>;

  // ---- Steps of a host ----
  void Append();
  void ReadSomewhere();
  void PollCursor();
  void CommitCursor();
  void SeekCursor();
  void Trim();
  void Sync();
  void Maintain();
  void CreateTopic();
  void DeleteTopic();
  void GrowTopic();
  void AlterTopic();

  // ---- What happens to it ----
  void Reopen();
  void Crash(bool is_power_cut);
  void FillDisk();
  void Fault();

  // True for OK; an error has to have been caused.
  bool Succeeded(const absl::Status& status);
  // The error comes from a fault, one of now or one that stays.
  bool IsCaused(const absl::Status& status);
  Place& AnyTopic();
  std::optional<Partition> At(const ModelTopic& topic, PartitionNumber number);
  StoreOptions Options();
  absl::Status TryOpen();
  void Open(bool is_power_cut);
  void ResolveTopics(bool is_power_cut);
  void ResolveTopic(ModelTopic& topic, bool is_power_cut);
  void OpenCursor();
  void ResolveCommits(bool is_power_cut);
  void DropHandles();

  Dice dice_;
  ManualClock clock_;
  std::vector<std::unique_ptr<MemoryEnv>> machines_;  // the last one lives
  std::vector<std::unique_ptr<FaultEnv>> faults_;
  bool is_faulty_ = false;
  std::set<std::string> sticky_;  // errors since the store was opened

  std::optional<Store> store_;
  std::map<std::string, ModelTopic> topics_;
  // What the next owner may find, by the name of the topic: those whose
  // deletion failed. A creation that failed is one without an id.
  std::map<std::string, std::vector<ModelTopic>> ghosts_;

  // A named cursor of the topic "t", which always exists.
  std::optional<ConsumerCursor> cursor_;
  Ack commit_level_ = Ack::kProcess;
  // What may be committed, by partition: after a death, after a loss of power.
  // -1 is nothing.
  struct Commits {
    std::set<Offset> killed = {-1};
    std::set<Offset> powerless = {-1};
    // A loss of power took what the commit points behind.
    bool is_cut = false;
  };
  std::map<PartitionNumber, Commits> commits_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_MODEL_STORE_MODEL_H_
