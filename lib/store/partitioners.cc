#include "store/partitioners.h"

#include <fmt/core.h>

#include <utility>

#include "base/checksum.h"
#include "base/endian.h"
#include "base/guard.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

absl::Status Mismatch(std::string message) {
  return WithReason(absl::FailedPreconditionError(std::move(message)),
                    ErrorReason::kPartitionerMismatch);
}

uint64_t SizeOf(const Record& record) {
  uint64_t size = 0;
  if (record.key.has_value()) size += record.key->size();
  if (record.value.has_value()) size += record.value->size();
  for (const Header& header : record.headers) {
    size += header.name.size();
    if (header.value.has_value()) size += header.value->size();
  }
  return size;
}

}  // namespace

uint32_t KafkaMurmur2(ByteSpan bytes) {
  constexpr uint32_t kSeed = 0x9747b28c;
  constexpr uint32_t kMultiplier = 0x5bd1e995;
  constexpr int kShift = 24;
  uint32_t hash = kSeed ^ static_cast<uint32_t>(bytes.size());
  for (; bytes.size() >= 4; bytes = bytes.subspan(4)) {
    uint32_t group = LoadLittle<uint32_t>(bytes.data()) * kMultiplier;
    group ^= group >> kShift;
    hash = (hash * kMultiplier) ^ (group * kMultiplier);
  }
  if (!bytes.empty()) {
    for (size_t i = bytes.size(); i > 0; --i) {
      hash ^= static_cast<uint32_t>(bytes[i - 1]) << (8 * (i - 1));
    }
    hash *= kMultiplier;
  }
  hash ^= hash >> 13;
  hash *= kMultiplier;
  hash ^= hash >> 15;
  return hash;
}

absl::Status TopicPartitioner::Install(
    std::shared_ptr<Partitioner> partitioner) {
  if (partitioner == nullptr) return absl::OkStatus();
  if (kind_ != PartitionerKind::kCustom) {
    return Mismatch(fmt::format(
        "partitioner {}: the topic was made with one of the library",
        partitioner->name()));
  }
  if (partitioner->name() != name_) {
    return Mismatch(fmt::format("partitioner {}: the topic was made with {}",
                                partitioner->name(), name_));
  }
  const MutexLock lock(mutex_);
  if (custom_ != nullptr) return absl::OkStatus();
  custom_ = std::move(partitioner);
  installed_.store(custom_.get(), std::memory_order_release);
  return absl::OkStatus();
}

std::shared_ptr<Partitioner> TopicPartitioner::custom() const {
  const MutexLock lock(mutex_);
  return custom_;
}

absl::StatusOr<PartitionNumber> TopicPartitioner::Choose(
    const Record& record, PartitionNumber partition_count) {
  if (kind_ == PartitionerKind::kCustom) {
    return ChooseCustom(record, partition_count);
  }
  if (partition_count == 1) return 0;
  const auto count = static_cast<uint32_t>(partition_count);
  if (kind_ == PartitionerKind::kRoundRobin) {
    const uint64_t turn = progress_.fetch_add(1, std::memory_order_relaxed);
    return static_cast<PartitionNumber>(turn % count);
  }
  if (kind_ == PartitionerKind::kSticky || !record.key.has_value()) {
    return ChooseSticky(record, count);
  }
  const ByteSpan key = AsBytes(*record.key);
  if (kind_ == PartitionerKind::kKafkaMurmur2) {
    // What the Java client calls toPositive.
    return static_cast<PartitionNumber>((KafkaMurmur2(key) & 0x7fffffff) %
                                        count);
  }
  return static_cast<PartitionNumber>(Checksum(key) % count);
}

PartitionNumber TopicPartitioner::ChooseSticky(const Record& record,
                                               uint32_t count) {
  const uint64_t before =
      progress_.fetch_add(SizeOf(record), std::memory_order_relaxed);
  return static_cast<PartitionNumber>(before / kStickyRunBytes % count);
}

absl::StatusOr<PartitionNumber> TopicPartitioner::ChooseCustom(
    const Record& record, PartitionNumber count) {
  Partitioner* const custom = installed_.load(std::memory_order_acquire);
  if (custom == nullptr) {
    return Mismatch(fmt::format(
        "partitioner {}: not given when the topic was opened", name_));
  }
  PartitionNumber chosen = -1;
  const bool has_returned =
      RunHostCode([&] { chosen = custom->Choose(record, count); });
  if (!has_returned) {
    return absl::InternalError(
        fmt::format("partitioner {}: an exception came out of it", name_));
  }
  if (chosen < 0 || chosen >= count) {
    return absl::InternalError(fmt::format(
        "partitioner {}: chose {}, which is not one of {} partitions", name_,
        chosen, count));
  }
  return chosen;
}

}  // namespace v0
}  // namespace tidemark
