#include "kill/life_host.h"

#include <unistd.h>

#include <csignal>
#include <iostream>
#include <utility>
#include <vector>

#include "tidemark/consumer_cursor.h"

namespace tidemark::test {
namespace {

void MustBeOk(const char* step, const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << "a host failed at " << step << ": " << status.ToString()
            << std::endl;
  ::_exit(3);
}

template <typename T>
T Must(const char* step, absl::StatusOr<T> result) {
  MustBeOk(step, result.status());
  return *std::move(result);
}

}  // namespace

LifeHost::LifeHost(std::string directory, StoreOptions options, int pipe,
                   uint32_t session)
    : directory_(std::move(directory)),
      options_(std::move(options)),
      pipe_(pipe),
      session_(session) {
  if (!options_.background_threads) options_.clock = &clock_;
}

void LifeHost::Say(LifeMessage message) {
  message.session = session_;
  if (::write(pipe_, &message, sizeof(message)) != sizeof(message)) ::_exit(4);
}

Partition LifeHost::PartitionOf(char topic, PartitionNumber partition) {
  return Must("partition", topics_.at(topic).handle.partition(partition));
}

void LifeHost::SayMarks() {
  for (auto& [name, topic] : topics_) {
    for (auto& [number, known] : topic.marks) {
      const Marks marks = PartitionOf(name, number).marks();
      if (marks == known) continue;
      known = marks;
      Say({.kind = LifeMessage::kMarks,
           .topic = name,
           .partition = number,
           .offset = marks.durable,
           .to = marks.written});
    }
  }
}

void LifeHost::Open() {
  store_.emplace(Must("open", Store::Open(directory_, options_)));
  Say({.kind = LifeMessage::kOpened});
  for (const std::string& name : Must("list", store_->ListTopics())) {
    HostTopic& topic = topics_[name[0]];
    topic.handle = Must("topic", store_->OpenTopic(name));
    topic.generation = 0;
    for (PartitionNumber n = 0; n < topic.handle.partition_count(); ++n) {
      const Marks marks = PartitionOf(name[0], n).marks();
      topic.marks[n] = marks;
      Say({.kind = LifeMessage::kAdopted,
           .topic = name[0],
           .partition = n,
           .offset = marks.start,
           .to = marks.end});
    }
  }
}

void LifeHost::Close() {
  MustBeOk("close", store_->Close());
  Say({.kind = LifeMessage::kClosed});
  topics_.clear();
  store_.reset();
}

void LifeHost::CreateTopic(char topic, const TopicOptions& options) {
  LifeMessage message = {
      .kind = LifeMessage::kCreating,
      .topic = topic,
      .generation = ++generations_,
      .count = static_cast<uint32_t>(options.partitions),
  };
  Say(message);
  topics_[topic].handle =
      Must("create", store_->CreateTopic(std::string(1, topic), options));
  topics_[topic].generation = message.generation;
  message.kind = LifeMessage::kCreated;
  Say(message);
}

void LifeHost::DeleteTopic(char topic) {
  Say({.kind = LifeMessage::kDeleting, .topic = topic});
  MustBeOk("delete", store_->DeleteTopic(std::string(1, topic)));
  Say({.kind = LifeMessage::kDeleted, .topic = topic});
  topics_.erase(topic);
}

void LifeHost::IncreasePartitions(char topic, PartitionNumber count) {
  LifeMessage message = {.kind = LifeMessage::kIncreasing,
                         .topic = topic,
                         .count = static_cast<uint32_t>(count)};
  Say(message);
  MustBeOk("increase", topics_.at(topic).handle.IncreasePartitions(count));
  message.kind = LifeMessage::kIncreased;
  Say(message);
}

void LifeHost::AlterTopic(char topic, const TopicOptions& options) {
  MustBeOk("alter", topics_.at(topic).handle.Alter(options));
}

void LifeHost::Append(char topic, PartitionNumber partition, uint32_t count,
                      uint32_t size, Ack ack) {
  for (uint32_t i = 0; i < count; ++i) {
    AppendBatch(topic, partition, 1, size, ack);
  }
}

void LifeHost::AppendBatch(char topic, PartitionNumber number, uint32_t count,
                           uint32_t size, Ack ack) {
  Partition partition = PartitionOf(topic, number);
  topics_.at(topic).marks.try_emplace(number);
  LifeMessage message = {
      .kind = LifeMessage::kSubmitting,
      .session = session_,
      .topic = topic,
      .generation = topics_.at(topic).generation,
      .partition = number,
      .offset = partition.marks().end,
      .count = count,
      .size = size,
      .level = static_cast<uint32_t>(ack),
  };
  Say(message);
  std::vector<std::string> values;
  for (uint32_t i = 0; i < count; ++i) {
    values.push_back(LifeValue(message, message.offset + i));
  }
  std::vector<Record> records;
  for (const std::string& value : values) records.push_back({.value = value});
  if (Must("append", partition.Append(records, ack)) != message.offset) {
    MustBeOk("append", absl::InternalError("another offset than the end"));
  }
  message.kind = LifeMessage::kAcknowledged;
  Say(message);
  SayMarks();
}

void LifeHost::Sync() {
  MustBeOk("sync", store_->Sync());
  SayMarks();
}

void LifeHost::Maintain(absl::Duration pause) {
  clock_.Advance(pause);
  MustBeOk("maintain", store_->RunMaintenance(clock_.Now()));
  SayMarks();
}

void LifeHost::Retain(char topic, absl::Duration pause) {
  const PartitionNumber count = topics_.at(topic).handle.partition_count();
  for (PartitionNumber n = 0; n < count; ++n) {
    Say({.kind = LifeMessage::kTrimming,
         .topic = topic,
         .partition = n,
         .offset = PartitionOf(topic, n).marks().end});
  }
  Maintain(pause);
  for (PartitionNumber n = 0; n < count; ++n) {
    Say({.kind = LifeMessage::kTrimmed,
         .topic = topic,
         .partition = n,
         .offset = PartitionOf(topic, n).marks().start});
  }
}

void LifeHost::Trim(char topic, PartitionNumber partition, Offset offset) {
  LifeMessage message = {.kind = LifeMessage::kTrimming,
                         .topic = topic,
                         .partition = partition,
                         .offset = offset};
  Say(message);
  MustBeOk("trim", PartitionOf(topic, partition).TrimBefore(offset));
  message.kind = LifeMessage::kTrimmed;
  Say(message);
  SayMarks();
}

void LifeHost::Commit(char cursor, char topic, PartitionNumber partition,
                      Offset offset, Ack level) {
  LifeMessage message = {.kind = LifeMessage::kCommitting,
                         .topic = topic,
                         .cursor = cursor,
                         .partition = partition,
                         .offset = offset};
  Say(message);
  const TopicPartition place = {std::string(1, topic), partition};
  const CursorOptions options{.partitions = {place},
                              .start = Start::Committed(Start::Begin()),
                              .name = std::string(1, cursor),
                              .commit_level = level};
  ConsumerCursor opened =
      Must("cursor", ConsumerCursor::Open(*store_, options));
  MustBeOk("seek", opened.Seek(place, Start::AtOffset(offset)));
  MustBeOk("commit", opened.Commit());
  message.kind = LifeMessage::kCommitted;
  Say(message);
  MustBeOk("close cursor", opened.Close());
  SayMarks();
}

void LifeHost::Die() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

}  // namespace tidemark::test
