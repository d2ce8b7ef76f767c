#include "store/topic_state.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "base/guard.h"
#include "base/status_macros.h"
#include "partition/flush_worker.h"
#include "partition/segment_file_cache.h"
#include "store/atomic_file.h"
#include "store/layout.h"
#include "store/option_table.h"
#include "store/topic_directory.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

static_assert((size_t{1} << 17) > static_cast<size_t>(kPartitionsMax));

struct SlotPlace {
  size_t block;
  size_t index;
};

// `number` is not negative.
SlotPlace PlaceOf(PartitionNumber number) {
  const auto place = static_cast<uint32_t>(std::max(number, 0)) + 1;
  const auto block = static_cast<size_t>(std::bit_width(place)) - 1;
  return {block, place - (size_t{1} << block)};
}

}  // namespace

TopicState::TopicState(std::shared_ptr<OpenPartitions> partitions,
                       TopicRecord record)
    : partitions_(std::move(partitions)),
      name_(record.name),
      id_(record.topic_id),
      partitioner_(record.partitioner, record.partitioner_name),
      record_(std::move(record)) {}

void TopicState::Prepare() {
  MutexLock lock(mutex_);
  GrowTo(record_.partition_count);
}

TopicState::Slot& TopicState::SlotOf(PartitionNumber number) const {
  const SlotPlace place = PlaceOf(number);
  return blocks_[place.block].load(std::memory_order_acquire)[place.index];
}

void TopicState::GrowTo(PartitionNumber count) {
  const size_t blocks = PlaceOf(count - 1).block + 1;
  owned_blocks_.reserve(kBlockCount);
  while (owned_blocks_.size() < blocks) {
    const size_t block = owned_blocks_.size();
    owned_blocks_.push_back(std::make_unique<Slot[]>(size_t{1} << block));
    blocks_[block].store(owned_blocks_.back().get(), std::memory_order_release);
  }
  partition_count_.store(count, std::memory_order_release);
}

TopicRecord TopicState::record() const {
  MutexLock lock(mutex_);
  return record_;
}

TopicOptions TopicState::options() const {
  TopicOptions options;
  {
    MutexLock lock(mutex_);
    static_cast<PartitionOptions&>(options) = record_.options;
    options.partitions = record_.partition_count;
    options.partitioner = record_.partitioner;
  }
  options.custom_partitioner = partitioner_.custom();
  return options;
}

absl::Status TopicState::Deleted() const {
  return WithReason(
      absl::FailedPreconditionError(fmt::format("topic {}: deleted", name_)),
      ErrorReason::kClosed);
}

absl::StatusOr<PartitionLog*> TopicState::Find(PartitionNumber number) {
  if (number < 0 || number >= partition_count()) {
    return absl::NotFoundError(
        fmt::format("topic {}: no partition {}, there are {}", name_, number,
                    partition_count()));
  }
  Slot& slot = SlotOf(number);
  PartitionLog* const log = slot.log.load(std::memory_order_acquire);
  if (log != nullptr) return log;
  return OpenSlot(slot, number, /*is_taking_over=*/false);
}

absl::StatusOr<PartitionLog*> TopicState::OpenSlot(Slot& slot,
                                                   PartitionNumber number,
                                                   bool is_taking_over) {
  TIDEMARK_RETURN_IF_ERROR(partitions_->shared().Usable());
  const OperationGate::Pass pass(partitions_->gate());
  if (!pass) return partitions_->shared().Usable();
  const EventRelay::Deferral deferral(partitions_->events());
  MutexLock lock(slot.mutex);
  if (slot.owner != nullptr) return slot.owner.get();
  if (is_deleted_.load(std::memory_order_acquire)) return Deleted();
  const PartitionAddress address{
      .topic = name_,
      .topic_id = id_,
      .number = number,
      .path = PartitionPath(TopicPath(name_), number)};
  const PartitionOptions options = record().options;
  TIDEMARK_ASSIGN_OR_RETURN(
      slot.owner, partitions_->Open(address, options, is_taking_over));
  MutexLock state_lock(mutex_);
  // An Alter may have run meanwhile, and cannot have seen this log.
  if (record_.options != options) slot.owner->SetOptions(record_.options);
  slot.log.store(slot.owner.get(), std::memory_order_release);
  return slot.owner.get();
}

absl::StatusOr<std::shared_ptr<PartitionLog>> TopicState::partition(
    PartitionNumber number) {
  TIDEMARK_RETURN_IF_ERROR(partitions_->shared().Usable());
  if (is_deleted_.load(std::memory_order_acquire)) return Deleted();
  TIDEMARK_ASSIGN_OR_RETURN(PartitionLog* const log, Find(number));
  return log->shared_from_this();
}

absl::Status TopicState::TakeOver(PartitionNumber number,
                                  std::span<const TakenBatch* const> batches) {
  if (number < 0 || number >= partition_count()) {
    return absl::NotFoundError(
        fmt::format("topic {}: no partition {}", name_, number));
  }
  TIDEMARK_ASSIGN_OR_RETURN(
      PartitionLog* const log,
      OpenSlot(SlotOf(number), number, /*is_taking_over=*/true));
  absl::Status status;
  for (const TakenBatch* const batch : batches) {
    status = log->AppendTaken(*batch);
    if (!status.ok()) break;
  }
  // A gap ends what can be taken; what came before it is kept.
  if (!status.ok() && !absl::IsDataLoss(status)) return status;
  TIDEMARK_RETURN_IF_ERROR(log->FinishTakeOver());
  return status;
}

absl::StatusOr<PartitionNumber> TopicState::PartitionFor(const Record& record) {
  TIDEMARK_RETURN_IF_ERROR(partitions_->shared().Usable());
  if (is_deleted_.load(std::memory_order_acquire)) return Deleted();
  return partitioner_.Choose(record, partition_count());
}

absl::StatusOr<RecordId> TopicState::Append(const Record& record, Ack ack) {
  TIDEMARK_ASSIGN_OR_RETURN(const PartitionNumber number, PartitionFor(record));
  TIDEMARK_ASSIGN_OR_RETURN(PartitionLog* const log, Find(number));
  TIDEMARK_ASSIGN_OR_RETURN(const Offset offset,
                            log->Append({&record, 1}, ack));
  return RecordId{.partition = number, .offset = offset};
}

std::vector<std::shared_ptr<PartitionLog>> TopicState::open_logs() const {
  std::vector<std::shared_ptr<PartitionLog>> logs;
  for (PartitionNumber n = 0; n < partition_count(); ++n) {
    PartitionLog* const log = SlotOf(n).log.load(std::memory_order_acquire);
    if (log != nullptr) logs.push_back(log->shared_from_this());
  }
  return logs;
}

absl::Status TopicState::CheckChangeable() const {
  const LogShared& shared = partitions_->shared();
  TIDEMARK_RETURN_IF_ERROR(shared.Usable());
  if (is_deleted_.load(std::memory_order_acquire)) return Deleted();
  if (shared.settings.is_read_only) {
    return WithReason(
        absl::FailedPreconditionError(
            fmt::format("topic {}: the store is open for reading only", name_)),
        ErrorReason::kReadOnly);
  }
  return absl::OkStatus();
}

absl::Status TopicState::Sync() {
  TIDEMARK_RETURN_IF_ERROR(CheckChangeable());
  return partitions_->shared().flush->SyncLogs(open_logs());
}

absl::Status TopicState::Store(const TopicRecord& record) {
  // Guarded, for memory may be short behind the rename, too.
  absl::Status status = Guarded([&] {
    return ReplaceFile(*partitions_->shared().directory,
                       TopicFilePath(TopicPath(name_)),
                       AsBytes(EncodeTopic(record)));
  });
  is_disk_unknown_ = !status.ok();
  if (is_disk_unknown_) partitions_->NoteUnsyncedChange();
  return status;
}

absl::Status TopicState::CheckAlteration(const TopicOptions& options) const {
  TIDEMARK_RETURN_IF_ERROR(ValidatePartitionOptions(options));
  TIDEMARK_RETURN_IF_ERROR(FindCodec(options.compression).status());
  if (options.partitions != partition_count()) {
    return absl::InvalidArgumentError(fmt::format(
        "partitions is {}, the topic {} has {}: IncreasePartitions changes it",
        options.partitions, name_, partition_count()));
  }
  const Partitioner* const custom = options.custom_partitioner.get();
  if (options.partitioner != partitioner_.kind() ||
      (custom != nullptr && custom->name() != partitioner_.name())) {
    return absl::InvalidArgumentError(
        fmt::format("partitioner of the topic {}: cannot be changed", name_));
  }
  return absl::OkStatus();
}

absl::Status TopicState::Alter(const TopicOptions& options) {
  const OperationGate::Pass pass(partitions_->gate());
  MutexLock change_lock(change_mutex_);
  TIDEMARK_RETURN_IF_ERROR(CheckChangeable());
  TIDEMARK_RETURN_IF_ERROR(CheckAlteration(options));
  TopicRecord changed = record();
  changed.options = options;
  TIDEMARK_RETURN_IF_ERROR(Store(changed));
  {
    MutexLock lock(mutex_);
    record_ = std::move(changed);
  }
  for (const std::shared_ptr<PartitionLog>& log : open_logs()) {
    log->SetOptions(options);
  }
  return absl::OkStatus();
}

absl::Status TopicState::IncreasePartitions(PartitionNumber count) {
  const OperationGate::Pass pass(partitions_->gate());
  MutexLock change_lock(change_mutex_);
  TIDEMARK_RETURN_IF_ERROR(CheckChangeable());
  TIDEMARK_RETURN_IF_ERROR(CheckPartitionCount(count));
  TopicRecord changed = record();
  if (count <= changed.partition_count) {
    return absl::InvalidArgumentError(
        fmt::format("partitions is {}, the topic {} has {} and can only have "
                    "more",
                    count, name_, changed.partition_count));
  }
  // A TOPIC that may speak of more partitions must not outlive the removal of
  // their directories.
  if (is_disk_unknown_) TIDEMARK_RETURN_IF_ERROR(Store(changed));
  TIDEMARK_RETURN_IF_ERROR(AddPartitionDirectories(
      partitions_->shared(), changed, changed.partition_count, count));
  {
    // Room in memory before the point of no return.
    MutexLock lock(mutex_);
    const PartitionNumber present = partition_count();
    GrowTo(count);
    partition_count_.store(present, std::memory_order_release);
  }
  changed.partition_count = count;
  TIDEMARK_RETURN_IF_ERROR(Store(changed));
  MutexLock lock(mutex_);
  record_ = std::move(changed);
  GrowTo(count);
  return absl::OkStatus();
}

void TopicState::Refresh(const TopicRecord& record) {
  bool is_altered = false;
  {
    MutexLock lock(mutex_);
    if (record.partition_count > record_.partition_count) {
      GrowTo(record.partition_count);
    }
    is_altered = record.options != record_.options;
    record_ = record;
  }
  if (!is_altered) return;
  for (const std::shared_ptr<PartitionLog>& log : open_logs()) {
    log->SetOptions(record.options);
  }
}

void TopicState::ForgetFiles() {
  SegmentFileCache& files = *partitions_->shared().files;
  for (const std::shared_ptr<PartitionLog>& log : open_logs()) {
    for (const std::shared_ptr<LogSegment>& segment :
         log->segments()->segments) {
      files.Forget(log->address().path, segment->base_offset());
    }
  }
}

absl::Status TopicState::Delete(absl::FunctionRef<absl::Status()> remove) {
  MutexLock change_lock(change_mutex_);
  const absl::Status deleted = Deleted();
  if (is_deleted_.load(std::memory_order_acquire)) return deleted;
  TIDEMARK_RETURN_IF_ERROR(remove());
  is_deleted_.store(true, std::memory_order_release);
  for (PartitionNumber n = 0; n < partition_count(); ++n) {
    Slot& slot = SlotOf(n);
    // Waits for a recovery that is under way.
    MutexLock lock(slot.mutex);
    if (slot.owner != nullptr) slot.owner->Abandon(deleted);
  }
  partitions_->Remove(id_);
  partitions_->events().ForgetTopic(name_);
  // Open files would keep their space on the disk.
  ForgetFiles();
  return absl::OkStatus();
}

}  // namespace v0
}  // namespace tidemark
