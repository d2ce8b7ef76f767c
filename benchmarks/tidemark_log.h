#ifndef TIDEMARK_BENCHMARKS_TIDEMARK_LOG_H_
#define TIDEMARK_BENCHMARKS_TIDEMARK_LOG_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/partition.h"
#include "tidemark/store.h"
#include "workload/log_setup.h"
#include "workload/result_line.h"

namespace bench {

inline constexpr char kBenchTopic[] = "bench";

// One partition of tidemark, as the workloads want it.
class TidemarkPart {
 public:
  explicit TidemarkPart(tidemark::Partition partition)
      : partition_(std::move(partition)) {}

  absl::Status Append(std::string_view record) {
    return partition_.Append({.value = record}).status();
  }
  absl::Status AppendShared(std::string_view record) { return Append(record); }
  absl::Status AppendDurable(std::string_view record) {
    return partition_.Append({.value = record}, tidemark::Ack::kDisk).status();
  }
  absl::Status Publish() { return absl::OkStatus(); }
  absl::Status Sync() { return partition_.Sync(); }
  uint64_t acknowledged() const {
    return static_cast<uint64_t>(partition_.marks().end);
  }

  tidemark::Partition& partition() { return partition_; }

 private:
  tidemark::Partition partition_;
};

// Reads one partition through a cursor with the default limits.
class TidemarkReader {
 public:
  explicit TidemarkReader(tidemark::ConsumerCursor cursor)
      : cursor_(std::move(cursor)) {
    sleeping_.timeout = absl::FromChrono(kLongestSleep);
  }

  template <typename Take>
  absl::StatusOr<size_t> Read(Wait wait, Take&& take) {
    const absl::StatusOr<tidemark::Records> records =
        cursor_.Poll(wait == Wait::kSpin ? spinning_ : sleeping_);
    if (!records.ok()) return records.status();
    for (const tidemark::RecordView& record : *records) take(*record.value());
    return records->size();
  }

 private:
  tidemark::ConsumerCursor cursor_;
  tidemark::PollOptions spinning_;
  tidemark::PollOptions sleeping_;
};

// A store with one topic.
class TidemarkLog {
 public:
  using Part = TidemarkPart;
  using Reader = TidemarkReader;

  static absl::StatusOr<std::unique_ptr<TidemarkLog>> Open(
      const std::string& directory, const LogSetup& setup);

  Part part(int number) { return Part(partitions_[Index(number)]); }
  absl::StatusOr<Reader> OpenReader(int number);
  void Describe(ResultLine& line) const;
  absl::Status Close() { return store_.Close(); }

 private:
  explicit TidemarkLog(tidemark::Store store) : store_(std::move(store)) {}
  static size_t Index(int number) { return static_cast<size_t>(number); }

  tidemark::Store store_;
  std::vector<tidemark::Partition> partitions_;
};

}  // namespace bench

#endif  // TIDEMARK_BENCHMARKS_TIDEMARK_LOG_H_
