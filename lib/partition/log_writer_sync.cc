#include <algorithm>
#include <iterator>
#include <utility>

#include "base/status_macros.h"
#include "partition/log_writer.h"

// The part of LogWriter that says what a sync has to cover.
namespace tidemark {
inline namespace v0 {

SyncPlan LogWriter::TakeUnsynced(uint64_t bytes, bool is_with_marks) {
  SyncPlan plan;
  plan.end = written_;
  plan.bytes = bytes;
  // Memory first: from the next line on nothing can fail, and what is taken
  // here is not dirty any more.
  plan.files.reserve(sealed_unsynced_.size() + active_.size());
  plan.files.insert(plan.files.end(), sealed_unsynced_.begin(),
                    sealed_unsynced_.end());
  sealed_unsynced_.clear();
  shared_.files->AddWriter(-static_cast<int>(plan.files.size()));
  for (Active& active : active_) {
    const bool is_due =
        active.is_dirty || active.is_new || (is_with_marks && active.is_marked);
    if (!is_due || active.file == nullptr) continue;
    plan.files.push_back({active.file, active.is_new});
    active.is_dirty = false;
    active.is_marked = false;
    active.is_new = false;
  }
  for (const SyncPlan::File& file : plan.files) {
    if (!file.is_new) continue;
    plan.highest_segment =
        std::max(plan.highest_segment, file.file->header().base_offset);
  }
  return plan;
}

void LogWriter::ReturnUnsynced(const SyncPlan& plan) {
  sealed_unsynced_.reserve(sealed_unsynced_.size() + plan.files.size());
  auto behind = sealed_unsynced_.begin();
  for (const SyncPlan::File& returned : plan.files) {
    const auto is_same = [&returned](const Offset base_offset) {
      return base_offset == returned.file->header().base_offset;
    };
    const auto active = std::find_if(
        active_.begin(), active_.end(), [&](const Active& candidate) {
          return is_same(candidate.segment->base_offset());
        });
    if (active != active_.end()) {
      if (active->file == nullptr) {
        active->file = returned.file;
        active->segment->SetFile(active->file);
        shared_.files->AddWriter(1);
      }
      active->is_dirty = true;
      active->is_new = active->is_new || returned.is_new;
      continue;
    }
    const auto sealed =
        std::find_if(sealed_unsynced_.begin(), sealed_unsynced_.end(),
                     [&](const SyncPlan::File& candidate) {
                       return is_same(candidate.file->header().base_offset);
                     });
    if (sealed != sealed_unsynced_.end()) {
      sealed->is_new = sealed->is_new || returned.is_new;
      continue;
    }
    // Ahead of what was sealed meanwhile, for that is newer.
    behind = std::next(sealed_unsynced_.insert(behind, returned));
    shared_.files->AddWriter(1);
  }
}

absl::Status LogWriter::StoreHighest(const SyncPlan& plan) {
  const MutexLock lock(meta_mutex_);
  if (plan.highest_segment <= meta_->meta().highest_segment) {
    return absl::OkStatus();
  }
  PartitionMeta meta = meta_->meta();
  meta.highest_segment = plan.highest_segment;
  meta.durable_end = std::max(meta.durable_end, plan.highest_segment);
  return meta_->Store(meta);
}

}  // namespace v0
}  // namespace tidemark
