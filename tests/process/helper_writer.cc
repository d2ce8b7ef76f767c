// The process that the tests kill.
//
//   helper_writer write DIRECTORY DURABILITY SESSION SEED
//       appends from two threads until it is killed
//   helper_writer hold DIRECTORY DURABILITY SESSION SEED
//       appends a little at Ack::kDisk and waits for the end of its input
//   helper_writer orphan DIRECTORY DURABILITY SESSION SEED
//       the same as write; with a byte forks a child, which waits for the end
//       of its input and then tries what it inherited
//   helper_writer race DIRECTORY DURABILITY SESSION SEED
//       waits for a byte, opens, and waits for the end of its input

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "process/writer_message.h"
#include "tidemark/error.h"
#include "tidemark/store.h"

namespace tidemark::test {
namespace {

using Random = std::mt19937_64;

void Say(const WriterMessage& message) {
  const ssize_t size = ::write(STDOUT_FILENO, &message, sizeof(message));
  if (size != sizeof(message)) ::_exit(4);
}

[[noreturn]] void Fail(const absl::Status& status) {
  std::cerr << "helper_writer: " << status.ToString() << '\n';
  ::_exit(3);
}

template <typename T>
T Value(absl::StatusOr<T> result) {
  if (!result.ok()) Fail(result.status());
  return *std::move(result);
}

// Returns with a byte from the parent, or false at the end of the input.
bool WaitForParent() {
  char byte = 0;
  return ::read(STDIN_FILENO, &byte, 1) == 1;
}

void AppendNumbers(Partition& partition, uint64_t number, uint32_t count,
                   Ack level) {
  std::vector<std::string> values(count);
  std::vector<std::optional<std::string>> keys(count);
  std::vector<Record> records(count);
  for (uint32_t i = 0; i < count; ++i) {
    values[i] = ValueOf(number + i);
    keys[i] = KeyOf(number + i);
    records[i].value = values[i];
    records[i].key = keys[i];
  }
  WriterMessage message;
  message.kind = WriterMessage::kSubmitting;
  message.partition = partition.number();
  message.number = number;
  message.count = count;
  Say(message);
  message.offset = Value(partition.Append(records, level));
  message.level = static_cast<uint32_t>(level);
  message.kind = WriterMessage::kAcknowledged;
  Say(message);
}

void AppendForever(const Topic& topic, uint64_t number, uint64_t seed) {
  Random random(seed);
  std::vector<Partition> partitions;
  for (PartitionNumber i = 0; i < kPartitions; ++i) {
    partitions.push_back(Value(topic.partition(i)));
  }
  for (;;) {
    const uint64_t dice = random() % 64;
    const Ack level = dice == 0  ? Ack::kDisk
                      : dice < 4 ? Ack::kMemory
                                 : Ack::kProcess;
    const uint32_t count = random() % 4 == 0 ? 2 + random() % 20 : 1;
    AppendNumbers(partitions[random() % kPartitions], number, count, level);
    number += count;
  }
}

// In a forked child. Outlives its parent, whose threads it does not have.
[[noreturn]] void LiveOn(Store& store, const Topic& topic,
                         Partition& partition) {
  while (WaitForParent()) continue;
  for (const absl::Status& status :
       {partition.Append({.value = "orphan"}).status(),
        partition.Read(0).status(), topic.partition(1).status(),
        store.Sync()}) {
    if (ReasonOf(status) != ErrorReason::kForked) Fail(status);
  }
  Say({.kind = WriterMessage::kRefused});
  ::_exit(0);
}

[[noreturn]] void AppendAndFork(Store& store, const Topic& topic,
                                uint64_t session, Random& random) {
  Partition partition = Value(topic.partition(0));
  std::thread first(AppendForever, topic, FirstNumber(session, 0), random());
  std::thread second(AppendForever, topic, FirstNumber(session, 1), random());
  if (WaitForParent()) {
    const pid_t child = ::fork();
    if (child < 0) ::_exit(2);
    if (child == 0) LiveOn(store, topic, partition);
    Say({.kind = WriterMessage::kOrphaned});
  }
  first.join();
  second.join();
  ::_exit(2);
}

StoreOptions OptionsOf(const std::string& durability, Random& random) {
  StoreOptions options;
  options.process_durability = DurabilityOf(durability);
  options.arena_bytes = random() % 2 == 0 ? 64 << 10 : 1 << 20;
  options.arena_block_bytes = random() % 2 == 0 ? 1024 : 4096;
  options.sync_interval = absl::Milliseconds(1 + random() % 50);
  options.mark_delay = absl::Milliseconds(1 + random() % 50);
  options.pad_synced_batches = random() % 4 == 0;
  return options;
}

TopicOptions TopicOptionsOf(Random& random) {
  TopicOptions options;
  options.partitions = kPartitions;
  options.segment_bytes = uint64_t{16} << 10 << random() % 6;
  options.batch_bytes = uint64_t{1} << 10 << random() % 7;
  options.compression =
      random() % 3 == 0 ? Compression::kLz4 : Compression::kNone;
  return options;
}

int Run(const std::vector<std::string>& words) {
  if (words.size() != 6) return 2;
  const std::string& mode = words[1];
  const uint64_t session = std::stoull(words[4]);
  Random random(std::stoull(words[5]));
  StoreOptions options = OptionsOf(words[3], random);
  if (mode == "hold") {
    options.sync_interval = absl::InfiniteDuration();
    options.mark_delay = absl::InfiniteDuration();
  }
  if (mode == "race") {
    options.lock_timeout = absl::ZeroDuration();
    if (!WaitForParent()) return 2;
  }
  absl::StatusOr<Store> opened = Store::Open(words[2], options);
  const bool is_locked = IsLocked(opened.status());
  if (is_locked && mode == "race") {
    Say({.kind = WriterMessage::kLocked});
    return 0;
  }
  Store store = Value(std::move(opened));
  Say({.kind = WriterMessage::kOpened});
  const Topic topic =
      Value(store.OpenOrCreateTopic(kTopicName, TopicOptionsOf(random)));
  if (mode == "write") {
    std::thread second(AppendForever, topic, FirstNumber(session, 1), random());
    AppendForever(topic, FirstNumber(session, 0), random());
  }
  if (mode == "orphan") AppendAndFork(store, topic, session, random);
  for (PartitionNumber i = 0; i < kPartitions; ++i) {
    Partition partition = Value(topic.partition(i));
    AppendNumbers(partition, FirstNumber(session, i), 5, Ack::kDisk);
    AppendNumbers(partition, FirstNumber(session, i) + 5, 1, Ack::kProcess);
  }
  Say({.kind = WriterMessage::kWaiting});
  while (WaitForParent()) continue;
  const absl::Status closed = store.Close();
  if (!closed.ok()) Fail(closed);
  return 0;
}

}  // namespace
}  // namespace tidemark::test

int main(int argc, char** argv) {
  return tidemark::test::Run(std::vector<std::string>(argv, argv + argc));
}
