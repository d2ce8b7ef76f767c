#ifndef TIDEMARK_LIB_STORE_PARTITIONERS_H_
#define TIDEMARK_LIB_STORE_PARTITIONERS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "base/mutex.h"
#include "tidemark/partitioner.h"
#include "tidemark/record.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// The 32-bit murmur2 of Kafka's Java client, bit for bit.
uint32_t KafkaMurmur2(ByteSpan bytes);

// A run of kSticky: so many bytes of keys, values and headers.
constexpr uint64_t kStickyRunBytes = 16 * 1024;

// Chooses the partition of each record of one topic, as the kind that is
// persisted with the topic says.
//
// Thread-safe; the kinds without a key count with one atomic. Owns the host's
// partitioner of a custom topic, which is the first one installed. An error
// chooses nothing and changes nothing.
class TopicPartitioner {
 public:
  // `name` is that of the host's partitioner for kCustom, else empty.
  TopicPartitioner(PartitionerKind kind, std::string name)
      : kind_(kind), name_(std::move(name)) {}

  // Takes the host's partitioner for a custom topic; null changes nothing.
  // FailedPrecondition (kPartitionerMismatch) when the topic is not custom or
  // was made with another name.
  absl::Status Install(std::shared_ptr<Partitioner> partitioner);

  // FailedPrecondition when a custom topic has no partitioner installed;
  // Internal when the host's one chose a number out of range or threw.
  absl::StatusOr<PartitionNumber> Choose(const Record& record,
                                         PartitionNumber partition_count);

  PartitionerKind kind() const { return kind_; }
  const std::string& name() const { return name_; }
  std::shared_ptr<Partitioner> custom() const;

 private:
  PartitionNumber ChooseSticky(const Record& record, uint32_t count);
  absl::StatusOr<PartitionNumber> ChooseCustom(const Record& record,
                                               PartitionNumber count);

  const PartitionerKind kind_;
  const std::string name_;
  // Records of kRoundRobin, bytes of kSticky so far.
  std::atomic<uint64_t> progress_{0};
  std::atomic<Partitioner*> installed_{nullptr};  // owned by custom_

  mutable Mutex mutex_;
  std::shared_ptr<Partitioner> custom_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_PARTITIONERS_H_
