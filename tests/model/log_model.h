#ifndef TIDEMARK_TESTS_MODEL_LOG_MODEL_H_
#define TIDEMARK_TESTS_MODEL_LOG_MODEL_H_

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/dice.h"
#include "support/status_matchers.h"
#include "tidemark/error.h"
#include "tidemark/partition.h"

namespace tidemark::test {

// A record as it was appended.
struct ModelRecord {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<OwnedRecord::OwnedHeader> headers;
  absl::Time create_time;
};

inline ModelRecord RandomRecord(Dice& dice, absl::Time now) {
  ModelRecord record;
  if (dice.OneIn(2)) record.key = dice.Bytes(20);
  if (!dice.OneIn(8)) record.value = dice.Bytes(dice.OneIn(20) ? 5000 : 200);
  for (uint64_t i = dice.OneIn(4) ? dice.Below(4) : 0; i > 0; --i) {
    record.headers.push_back({dice.Bytes(5), std::nullopt});
    if (dice.OneIn(2)) record.headers.back().value = dice.Bytes(9);
  }
  record.create_time = now;
  return record;
}

// A partition as it should be. Offsets are places in `records`.
struct ModelLog {
  std::vector<ModelRecord> records;
  Offset start = 0;
  Offset start_asked = 0;  // of a trim that failed and may have happened
  Offset process_end = 0;  // survives the process, as the library has said
  Offset durable_end = 0;  // survives a loss of power
  bool is_poisoned = false;
  // Of the last append, which failed and may be in the files all the same.
  std::vector<ModelRecord> unknown;

  Offset end() const { return std::ssize(records); }

  // What the library says binds it.
  void Believe(const Marks& marks) {
    durable_end = std::max(durable_end, marks.durable);
    process_end = std::max({process_end, durable_end, marks.written});
  }
};

// Without the cost of a check of Catch's, for nearly all records are right.
inline bool IsAppended(const ModelLog& log, const RecordView& record) {
  if (record.offset() < log.start || record.offset() >= log.end()) return false;
  const ModelRecord& expected =
      log.records[static_cast<size_t>(record.offset())];
  return expected.headers.empty() && record.headers().empty() &&
         record.key() == expected.key && record.value() == expected.value &&
         record.create_time() == expected.create_time;
}

// I2: a record that is read is the one that was appended there.
inline void CheckRecord(const ModelLog& log, const RecordView& record) {
  if (IsAppended(log, record)) return;
  REQUIRE(record.offset() >= log.start);
  REQUIRE(record.offset() < log.end());
  const ModelRecord& expected =
      log.records[static_cast<size_t>(record.offset())];
  const OwnedRecord owned(record);
  REQUIRE(owned.key == expected.key);
  REQUIRE(owned.value == expected.value);
  REQUIRE(owned.headers == expected.headers);
  REQUIRE(owned.create_time == expected.create_time);
}

// I3: without a hole to the end.
inline void CheckFrom(const ModelLog& log, const Partition& partition,
                      Offset from, size_t bytes_max) {
  while (from < log.end()) {
    const auto records = partition.Read(from, {.bytes_max = bytes_max});
    REQUIRE_OK(records);
    REQUIRE(!records->empty());
    for (const RecordView& record : *records) {
      if (record.offset() != from) REQUIRE(record.offset() == from);
      ++from;
      CheckRecord(log, record);
    }
  }
  REQUIRE(from == log.end());
}

inline void CheckLog(ModelLog& log, const Partition& partition) {
  const Marks marks = partition.marks();
  REQUIRE(marks.start == log.start);
  REQUIRE(marks.end == log.end());
  REQUIRE(marks.start <= marks.durable);
  REQUIRE(marks.durable <= marks.written);
  REQUIRE(marks.written <= marks.end);
  REQUIRE(marks.durable >= std::min(log.durable_end, log.end()));
  log.Believe(marks);
  CheckFrom(log, partition, marks.start, 1 << 20);
  log.is_poisoned = !partition.failure().ok();
}

// Makes the model what the next owner found, if it may be.
inline void Resolve(ModelLog& log, const Partition& partition,
                    bool is_power_cut) {
  const Marks marks = partition.marks();
  // I1, I4: what was promised is there, and nothing behind what was appended.
  REQUIRE(marks.end >= (is_power_cut ? log.durable_end : log.process_end));
  // I5: all of an append that failed, or nothing.
  if (marks.end > log.end()) {
    std::move(log.unknown.begin(), log.unknown.end(),
              std::back_inserter(log.records));
    REQUIRE(marks.end == log.end());
  }
  log.unknown.clear();
  REQUIRE(marks.start >= log.start);
  REQUIRE(marks.start <= std::max(log.start, log.start_asked));
  // I9: what was cut never comes back, for the model has it no more.
  log.records.resize(static_cast<size_t>(marks.end));
  log.start = log.start_asked = marks.start;
  log.process_end = std::min(log.process_end, marks.end);
  log.durable_end = std::min(log.durable_end, marks.end);
  CheckLog(log, partition);
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_MODEL_LOG_MODEL_H_
