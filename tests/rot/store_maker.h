#ifndef TIDEMARK_TESTS_ROT_STORE_MAKER_H_
#define TIDEMARK_TESTS_ROT_STORE_MAKER_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rot/golden_store.h"
#include "support/dice.h"
#include "tidemark/store.h"
#include "tidemark/testing/manual_clock.h"

namespace tidemark::test {

// How the stores of these tests are opened: without threads, so that each run
// is the same.
StoreOptions RotOptions(Env& env, Clock& clock);

// The life of a host that leaves a golden store behind. The same calls with the
// same seed leave the same bytes.
//
// For one thread. What fails here is the test: it aborts.
class StoreMaker {
 public:
  StoreMaker(std::string name, uint64_t seed);

  void Open();
  void Close();
  void Kill();      // the process ends
  void CutPower();  // what was not synced is gone

  // A topic of small batches and segments.
  void CreateTopic(const std::string& topic, PartitionNumber partitions,
                   Compression compression);
  void Grow(const std::string& topic, PartitionNumber partitions);
  void Alter(const std::string& topic, uint64_t segment_bytes);

  // Appends `count` records of all shapes, in one call.
  void Append(const std::string& topic, PartitionNumber partition, int count,
              Ack ack);
  // Appends one record with a value of `size` bytes.
  void AppendValue(const std::string& topic, PartitionNumber partition,
                   size_t size, Ack ack);
  void Sync();
  // Lets time pass, so that what is due happens: marks are written.
  void Rest();
  void Trim(const std::string& topic, PartitionNumber partition, Offset offset);

  // Reads at most `count` records of each partition of the topics behind the
  // last commit and commits.
  void Commit(const std::string& cursor, std::vector<std::string> topics,
              size_t count, Ack level);

  // Keeps the files as they are, for damage that brings old bytes back.
  void Remember();

  // The store as it lies there now, with what is in it. Opens a copy of it to
  // see what became of a tail that was not durable; what was durable must be
  // there.
  GoldenStore Finish();

 private:
  struct Life {
    std::vector<OwnedRecord> records;
    Offset durable = 0;
  };

  OwnedRecord NewRecord();
  Partition Find(const std::string& topic, PartitionNumber partition);
  void Submit(const std::string& topic, PartitionNumber partition,
              std::vector<OwnedRecord> records, Ack ack);
  void Describe(Store& store, const TopicPartition& place, const Life& life);
  GoldenPartition& CheckRecords(const TopicPartition& place, const Life& life,
                                const Partition& partition);

  Dice dice_;
  ManualClock clock_;
  GoldenStore golden_;
  std::optional<Store> store_;
  std::map<TopicPartition, Life> lives_;
  uint64_t shape_ = 0;  // of the next record
  bool is_closed_ = false;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_ROT_STORE_MAKER_H_
