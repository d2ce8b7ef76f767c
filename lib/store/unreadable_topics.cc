#include "store/unreadable_topics.h"

#include <algorithm>

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

absl::StatusOr<bool> IsPartition(Directory& root, const std::string& path,
                                 const SegmentIdentity& identity) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::unique_ptr<MetaFile> meta,
                            MetaFile::Load(root, path, identity));
  if (meta->state() == MetaState::kValid) return true;
  if (meta->is_foreign()) return false;
  const absl::StatusOr<PartitionFiles> files =
      ReadPartitionFiles(root, path, identity);
  if (absl::IsNotFound(files.status())) return false;
  TIDEMARK_RETURN_IF_ERROR(files.status());
  return std::any_of(files->logs.begin(), files->logs.end(),
                     [](const LogFile& log) { return log.has_header; });
}

}  // namespace

absl::StatusOr<std::string> UnreadableTopics::FindOwner(
    const Id128& topic_id, PartitionNumber number) const {
  const LogShared& shared = partitions_->shared();
  for (const auto& [name, damage] : topics_) {
    const std::string path = PartitionPath(TopicPath(name), number);
    TIDEMARK_ASSIGN_OR_RETURN(const bool is_owner,
                              IsPartition(*shared.directory, path,
                                          {shared.store_id, topic_id, number}));
    if (is_owner) return name;
  }
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
  absl::Status status = topic.TakeOver(number, batches);
  // Whoever mends TOPIC opens the partition anew.
  for (const std::shared_ptr<PartitionLog>& log : topic.open_logs()) {
    const absl::Status closed = Guarded([&] { return log->Close(); });
    if (status.ok()) status = closed;
  }
  partitions_->Remove(topic_id);
  return status;
}

}  // namespace v0
}  // namespace tidemark
