#ifndef TIDEMARK_TESTS_PROCESS_SUBMISSIONS_H_
#define TIDEMARK_TESTS_PROCESS_SUBMISSIONS_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "process/writer_message.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "tidemark/error.h"
#include "tidemark/store.h"

namespace tidemark::test {

// The numbers of one partition by offset.
using NumberLog = std::vector<uint64_t>;

// Reads a whole partition. Every record must be the one of its number.
inline NumberLog ReadNumbers(const Partition& partition) {
  NumberLog log;
  const Offset end = partition.marks().end;
  for (Offset from = 0; from < end;) {
    REQUIRE_OK_AND_ASSIGN(const Records records, partition.Read(from));
    REQUIRE(!records.empty());
    for (const RecordView& record : records) {
      REQUIRE(record.offset() == from++);
      REQUIRE(record.value().has_value());
      const uint64_t number = NumberIn(*record.value());
      // I2: the bytes of a record that was submitted.
      REQUIRE(*record.value() == ValueOf(number));
      REQUIRE(record.key() == KeyOf(number));
      log.push_back(number);
    }
  }
  return log;
}

// What the writers of one store said, and what its logs held when they were
// checked last.
class Submissions {
 public:
  void Note(const WriterMessage& message) {
    if (message.kind == WriterMessage::kSubmitting) {
      auto& stream = streams_.at(message.partition)[StreamOf(message.number)];
      stream.push_back({message.number, message.count});
    } else if (message.kind == WriterMessage::kAcknowledged) {
      ++acknowledged_count_;
      if (message.level != static_cast<uint32_t>(Ack::kMemory)) {
        acknowledged_.push_back(message);
      }
    }
  }

  uint64_t acknowledged_count() const { return acknowledged_count_; }

  // What a partition held when it was checked last.
  const NumberLog& checked(PartitionNumber partition) const {
    return checked_.at(partition);
  }

  // Checks a partition after the death of a process.
  void CheckLog(PartitionNumber partition, const NumberLog& log) {
    CheckAllowed(partition, log);
    // I1: what was acknowledged at kProcess or above stands where it was said.
    for (const WriterMessage& message : acknowledged_) {
      if (message.partition != partition) continue;
      REQUIRE(message.offset + message.count <= std::ssize(log));
      for (uint32_t i = 0; i < message.count; ++i) {
        REQUIRE(log[message.offset + i] == message.number + i);
      }
    }
    // I8, I9: what recovery has once shown stays, and nothing comes before it.
    const NumberLog& before = checked_.at(partition);
    REQUIRE(before.size() <= log.size());
    REQUIRE(std::equal(before.begin(), before.end(), log.begin()));
    checked_.at(partition) = log;
  }

  // Checks what a reader may see at any time: of each thread's appends to this
  // partition the first so many, whole and in order.
  void CheckAllowed(PartitionNumber partition, const NumberLog& log) const {
    std::map<uint64_t, NumberLog> by_stream;
    for (const uint64_t number : log) {
      by_stream[StreamOf(number)].push_back(number);
    }
    for (const auto& [stream, seen] : by_stream) {
      const auto submitted = streams_.at(partition).find(stream);
      REQUIRE(submitted != streams_.at(partition).end());
      // I2, I3: a prefix without hole, repetition or stranger. G3: whole.
      NumberLog expected;
      for (const auto& [number, count] : submitted->second) {
        if (expected.size() >= seen.size()) break;
        for (uint32_t i = 0; i < count; ++i) expected.push_back(number + i);
      }
      REQUIRE(seen == expected);
    }
  }

 private:
  using Stream = std::vector<std::pair<uint64_t, uint32_t>>;

  std::array<std::map<uint64_t, Stream>, kPartitions> streams_;
  std::array<NumberLog, kPartitions> checked_;
  std::vector<WriterMessage> acknowledged_;
  uint64_t acknowledged_count_ = 0;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_PROCESS_SUBMISSIONS_H_
