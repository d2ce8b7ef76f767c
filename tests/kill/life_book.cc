#include "kill/life_book.h"

#include <algorithm>
#include <utility>

namespace tidemark::test {

void LifeBook::Note(const LifeMessage& message) {
  switch (message.kind) {
    case LifeMessage::kCreating:
    case LifeMessage::kCreated:
    case LifeMessage::kDeleting:
    case LifeMessage::kDeleted:
    case LifeMessage::kIncreasing:
    case LifeMessage::kIncreased:
      NoteTopic(message);
      return;
    case LifeMessage::kCommitting:
    case LifeMessage::kCommitted:
      NoteCommit(message);
      return;
    case LifeMessage::kClosed:
      for (auto& [name, topic] : topics_) {
        for (ExpectedLog& log : topic.expected.logs) {
          log.process_end = log.durable_end = log.submitted;
        }
      }
      return;
    case LifeMessage::kOpened:
      was_opened_ = true;
      return;
    default:
      NoteLog(message,
              &topics_.at(message.topic)
                   .expected.logs.at(static_cast<size_t>(message.partition)));
  }
}

void LifeBook::AddLogs(char topic, uint32_t count) {
  BookTopic& book = topics_[topic];
  while (book.values.size() < count) {
    book.values.push_back(std::make_shared<std::vector<std::string>>());
    ExpectedLog log;
    log.values = book.values.back();
    book.expected.logs.push_back(std::move(log));
  }
}

void LifeBook::NoteTopic(const LifeMessage& message) {
  const std::string name(1, message.topic);
  switch (message.kind) {
    case LifeMessage::kCreating:
      AddLogs(message.topic, message.count);
      topics_[message.topic].expected.name = name;
      topics_[message.topic].expected.partitions_min =
          static_cast<PartitionNumber>(message.count);
      return;
    case LifeMessage::kCreated:
      topics_[message.topic].expected.may_be_absent = false;
      std::erase_if(ghosts_, [&name](const ExpectedTopic& ghost) {
        return ghost.name == name;
      });
      break;
    case LifeMessage::kDeleting:
      topics_[message.topic].expected.may_be_absent = true;
      return;
    case LifeMessage::kDeleted: {
      std::erase_if(commits_, [&name](const ExpectedCommit& commit) {
        return commit.topic == name;
      });
      ExpectedTopic gone = topics_[message.topic].expected;
      gone.may_be_there = false;
      ghosts_.push_back(std::move(gone));
      topics_.erase(message.topic);
      break;
    }
    case LifeMessage::kIncreasing:
      AddLogs(message.topic, message.count);
      return;
    default:
      topics_[message.topic].expected.partitions_min =
          static_cast<PartitionNumber>(message.count);
  }
  ++acknowledged_count_;
}

void LifeBook::Submit(const LifeMessage& message, ExpectedLog* log) {
  auto& values = *topics_.at(message.topic)
                      .values.at(static_cast<size_t>(message.partition));
  for (uint32_t i = 0; i < message.count; ++i) {
    values.push_back(LifeValue(message, message.offset + i));
  }
  log->submitted += message.count;
}

void LifeBook::Adopt(const LifeMessage& message, ExpectedLog* log) {
  topics_.at(message.topic)
      .values.at(static_cast<size_t>(message.partition))
      ->resize(static_cast<size_t>(message.to));
  log->submitted = log->process_end = message.to;
  log->durable_end = std::min(log->durable_end, message.to);
  log->trim_asked = log->trim_done = message.offset;
}

void LifeBook::NoteLog(const LifeMessage& message, ExpectedLog* log) {
  switch (message.kind) {
    case LifeMessage::kSubmitting:
      Submit(message, log);
      return;
    case LifeMessage::kAcknowledged: {
      const auto level = static_cast<Ack>(message.level);
      if (level != Ack::kMemory) log->process_end = log->submitted;
      if (level == Ack::kDisk) log->durable_end = log->submitted;
      break;
    }
    case LifeMessage::kMarks:
      // What was handed to the system outlives the process as well.
      log->durable_end = std::max(log->durable_end, message.offset);
      log->process_end = std::max(log->process_end, message.to);
      return;
    case LifeMessage::kTrimming:
      log->trim_asked = std::max(log->trim_asked, message.offset);
      return;
    case LifeMessage::kTrimmed:
      log->trim_done = std::max(log->trim_done, message.offset);
      log->trim_asked = log->trim_done;
      break;
    default:
      Adopt(message, log);
      return;
  }
  ++acknowledged_count_;
}

void LifeBook::NoteCommit(const LifeMessage& message) {
  const std::string cursor(1, message.cursor);
  const std::string topic(1, message.topic);
  auto known = std::find_if(
      commits_.begin(), commits_.end(), [&](const ExpectedCommit& commit) {
        return commit.cursor == cursor && commit.topic == topic &&
               commit.partition == message.partition;
      });
  if (known == commits_.end()) {
    commits_.push_back(
        {.cursor = cursor, .topic = topic, .partition = message.partition});
    known = std::prev(commits_.end());
  }
  known->asked = message.offset;
  if (message.kind == LifeMessage::kCommitted) {
    known->acknowledged = message.offset;
    ++acknowledged_count_;
  }
}

void LifeBook::NoteTorn() {
  for (auto& [name, topic] : topics_) {
    for (ExpectedLog& log : topic.expected.logs) {
      log.process_end = log.durable_end;
    }
  }
}

const Expectation& LifeBook::expectation() {
  expectation_.topics = ghosts_;
  for (const auto& [name, topic] : topics_) {
    expectation_.topics.push_back(topic.expected);
  }
  expectation_.commits = commits_;
  return expectation_;
}

}  // namespace tidemark::test
