#ifndef TIDEMARK_TESTS_ROT_LOG_READING_H_
#define TIDEMARK_TESTS_ROT_LOG_READING_H_

#include <map>
#include <string>
#include <vector>

#include "rot/golden_store.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/partition.h"
#include "tidemark/store.h"

namespace tidemark::test {

// Offsets [from, to) that a reader was told it cannot have.
struct LostRange {
  Offset from = 0;
  Offset to = 0;

  friend bool operator==(const LostRange&, const LostRange&) = default;
};

// What a reader of one partition got.
struct FoundLog {
  Offset start = 0;
  Offset end = 0;
  std::vector<LostRange> lost;  // ascending
  // The offset of the record that the test appended behind the damage.
  Offset appended = -1;

  bool IsLost(Offset offset) const;
};
using FoundLogs = std::map<TopicPartition, FoundLog>;

// The value of that record.
inline constexpr char kProbe[] = "appended behind the damage";

// A promise that does not hold.
absl::Status Broken(std::string text);

// Reads all of a partition. Every record must be the one that was appended at
// its offset, in order, and whatever is skipped must be a DataLoss that says
// so; else Broken. `appended` is as in FoundLog.
absl::StatusOr<FoundLog> ReadLog(const Partition& partition,
                                 const GoldenPartition& golden,
                                 Offset appended);

// Reads the same with one cursor over `logs`, all of them of `topic` if
// `is_whole`. It must get the same.
absl::Status CheckByCursor(Store& store, const GoldenStore& golden,
                           const std::string& topic, bool is_whole,
                           const FoundLogs& logs);

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_ROT_LOG_READING_H_
