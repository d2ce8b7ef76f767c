#ifndef TIDEMARK_TESTS_KILL_LIFE_HOST_H_
#define TIDEMARK_TESTS_KILL_LIFE_HOST_H_

#include <map>
#include <optional>
#include <string>

#include "kill/life_message.h"
#include "tidemark/store.h"
#include "tidemark/testing/manual_clock.h"

namespace tidemark::test {

// The process that is killed: a host that says each step over a pipe, before
// and behind it. A step that fails ends the process with code 3.
class LifeHost {
 public:
  // `options` without a clock get one that stands still, unless there are
  // threads to wait for. `session` tells the hosts of one store apart.
  LifeHost(std::string directory, StoreOptions options, int pipe,
           uint32_t session);

  void Open();
  void Close();
  void CreateTopic(char topic, const TopicOptions& options);
  void DeleteTopic(char topic);
  void IncreasePartitions(char topic, PartitionNumber count);
  void AlterTopic(char topic, const TopicOptions& options);
  // Each of `count` records by a call of its own.
  void Append(char topic, PartitionNumber partition, uint32_t count,
              uint32_t size, Ack ack);
  // All of them in one call.
  void AppendBatch(char topic, PartitionNumber partition, uint32_t count,
                   uint32_t size, Ack ack);
  void Sync();
  void Maintain(absl::Duration pause);
  // Maintenance that may delete the records of a topic.
  void Retain(char topic, absl::Duration pause);
  void Trim(char topic, PartitionNumber partition, Offset offset);
  void Commit(char cursor, char topic, PartitionNumber partition, Offset offset,
              Ack level);
  // Has nothing done behind it.
  [[noreturn]] void Die();

 private:
  struct HostTopic {
    Topic handle;
    uint16_t generation = 0;
    std::map<PartitionNumber, Marks> marks;
  };

  void Say(LifeMessage message);
  Partition PartitionOf(char topic, PartitionNumber partition);
  // Says what is durable and written by now where that has changed.
  void SayMarks();

  const std::string directory_;
  ManualClock clock_;
  StoreOptions options_;
  const int pipe_;
  const uint32_t session_;
  std::optional<Store> store_;
  std::map<char, HostTopic> topics_;
  uint16_t generations_ = 0;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_KILL_LIFE_HOST_H_
