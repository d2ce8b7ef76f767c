#ifndef TIDEMARK_PARTITION_OPTIONS_H_
#define TIDEMARK_PARTITION_OPTIONS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tidemark/codec.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// The highest value of PartitionOptions::record_bytes_max.
inline constexpr uint64_t kRecordBytesMaxCap = 16 << 20;

// What a topic says about each of its partitions. Persisted with the topic.
struct PartitionOptions {
  // The level that an append reaches when it names none: kMemory, kProcess or
  // kDisk. kDisk costs a device flush for each group of appends.
  Ack ack = Ack::kProcess;

  // How batches are compressed when they are written out. Costs processor time
  // in the flush worker, saves disk and page cache.
  Compression compression = Compression::kNone;

  // The largest record in bytes, key, value and headers together, from 1 to
  // 16 MiB. Larger records raise the memory that a reader needs.
  uint64_t record_bytes_max = 1 << 20;

  // A batch is closed at this size, from 1 KiB to 1 MiB. Larger batches
  // compress better; smaller ones lose less to one damaged byte.
  uint64_t batch_bytes = 64 << 10;

  // A segment is closed before it grows past this size, from 1 KiB to 32 GiB.
  // Records that are compressed count by their plain size. Smaller segments
  // make retention finer and cost more files.
  uint64_t segment_bytes = 64 << 20;

  // A segment is closed when its first record is this old, also when nothing is
  // appended; at least 1 ms. Infinite: by size alone.
  absl::Duration segment_age = absl::InfiniteDuration();

  // Whole segments are deleted, oldest first, while the partition is larger
  // than this. 0 keeps everything.
  uint64_t retention_bytes = 0;

  // A segment is deleted when all of it was appended longer ago than this; at
  // least 1 ms. The active segment stays. Infinite keeps everything. After a
  // jump of the clock nothing goes by age until the clock has run for an hour
  // (docs/decisions/0012-clock-jumps.md).
  absl::Duration retention_age = absl::InfiniteDuration();

  friend bool operator==(const PartitionOptions&,
                         const PartitionOptions&) = default;
};

// InvalidArgument that names the field, its value and its range.
absl::Status ValidatePartitionOptions(const PartitionOptions& options);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_PARTITION_OPTIONS_H_
