#ifndef TIDEMARK_TESTS_DISK_DISK_HOST_H_
#define TIDEMARK_TESTS_DISK_DISK_HOST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tidemark/consumer_cursor.h"
#include "tidemark/store.h"

namespace tidemark::test {

// A host of one topic with one partition and a named cursor, which knows what
// was acknowledged to it. Its checks are those of Catch2.
class DiskHost {
 public:
  static constexpr size_t kSize = 1000;

  // `options` are used at each opening.
  DiskHost(std::string directory, StoreOptions options);
  void set_options(const StoreOptions& options) { options_ = options; }

  static TopicOptions SmallTopic();

  // Opens the store, its topic and its cursor, and makes what is not there.
  void Open(const TopicOptions& topic = SmallTopic());
  absl::Status Close();

  // Appends the next record; it is known if that is OK.
  absl::Status Append(Ack ack, size_t size = kSize);
  // Appends until it fails, at most `count`, and returns why.
  absl::Status AppendUntilFull(Ack ack, uint64_t count = 1'000'000);

  // Appends until one succeeds again, within a minute; all others found the
  // disk full. Space comes back with the sync that lets go of deleted files.
  void AwaitSpace();

  // What is at or behind `end` counts as never acknowledged.
  void ForgetBehind(Offset end);
  // So many records were acknowledged to another host, of the same sizes.
  void Adopt(Offset end);

  // Every record that was acknowledged and not trimmed is there, and nothing
  // else.
  void CheckRecords();
  // The same of a partition that another store has open.
  void CheckRecordsOf(const Partition& partition) const;
  // Commits a position and reads it back.
  void CheckCommit(Offset offset);

  Store& store() { return *store_; }
  Partition& partition() { return partition_; }
  Offset end() const { return static_cast<Offset>(values_.size()); }

 private:
  // Of the record at the end.
  std::string NextValue(size_t size) const;

  const std::string directory_;
  StoreOptions options_;
  std::optional<Store> store_;
  Topic topic_;
  Partition partition_;
  std::optional<ConsumerCursor> cursor_;
  std::vector<std::string> values_;  // of what was acknowledged
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_DISK_DISK_HOST_H_
