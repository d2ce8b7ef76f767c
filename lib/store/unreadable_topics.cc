#include "store/unreadable_topics.h"

#include <algorithm>
#include <cstdint>

#include "base/guard.h"
#include "base/status_macros.h"
#include "partition/meta_file.h"
#include "partition/recovery_files.h"
#include "store/layout.h"
#include "store/topic_file.h"
#include "store/topic_state.h"

namespace tidemark {
inline namespace v0 {
namespace {

// Whose a partition is, as far as it tells.
enum class Owner : uint8_t { kThis, kAnother, kUnknown };

absl::StatusOr<Owner> OwnerOf(Directory& root, const std::string& path,
                              const SegmentIdentity& identity) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::unique_ptr<MetaFile> meta,
                            MetaFile::Load(root, path, identity));
  if (meta->state() == MetaState::kValid) return Owner::kThis;
  if (meta->is_foreign()) return Owner::kAnother;
  const absl::StatusOr<PartitionFiles> files =
      ReadPartitionFiles(root, path, identity);
  if (absl::IsNotFound(files.status())) return Owner::kUnknown;
  TIDEMARK_RETURN_IF_ERROR(files.status());
  const bool has_segment =
      std::any_of(files->logs.begin(), files->logs.end(),
                  [](const LogFile& log) { return log.has_header; });
  return has_segment ? Owner::kThis : Owner::kUnknown;
}

}  // namespace

absl::StatusOr<std::string> UnreadableTopics::FindOwner(
    const Id128& topic_id, PartitionNumber number) const {
  const LogShared& shared = partitions_->shared();
  absl::Status doubt;
  for (const auto& [name, damage] : topics_) {
    bool is_another = false;
    absl::Status unread;
    // Every topic has a first partition, with META from its creation on.
    for (const PartitionNumber n : {number, PartitionNumber{0}}) {
      const auto owner =
          OwnerOf(*shared.directory, PartitionPath(TopicPath(name), n),
                  {shared.store_id, topic_id, n});
      if (!owner.ok()) {
        unread = owner.status();
        continue;
      }
      if (*owner == Owner::kThis && n == number) return name;
      is_another = is_another || *owner == Owner::kAnother;
    }
    if (!is_another && doubt.ok()) doubt = unread.ok() ? damage : unread;
  }
  TIDEMARK_RETURN_IF_ERROR(doubt);
  return std::string();
}

absl::Status UnreadableTopics::TakeOver(
    std::string_view name, const Id128& topic_id, PartitionNumber number,
    std::span<const TakenBatch* const> batches) const {
  TopicRecord record;
  record.name = name;
  record.store_id = partitions_->shared().store_id;
  record.topic_id = topic_id;
  record.partition_count = number + 1;
  TopicState topic(partitions_, std::move(record));
  topic.Prepare();
  absl::Status status =
      Guarded([&] { return topic.TakeOver(number, batches); });
  // A gap ends what can be taken; what came before it is durable.
  const bool is_done = status.ok() || absl::IsDataLoss(status);
  // Whoever mends TOPIC opens the partition anew.
  for (const std::shared_ptr<PartitionLog>& log : topic.open_logs()) {
    if (!is_done) {
      // A close would write a mark, behind which records that are still to be
      // taken over, and are older, could not stand.
      log->Abandon(status);
      continue;
    }
    const absl::Status closed = Guarded([&] { return log->Close(); });
    if (status.ok()) status = closed;
  }
  partitions_->Remove(topic_id);
  return status;
}

}  // namespace v0
}  // namespace tidemark
