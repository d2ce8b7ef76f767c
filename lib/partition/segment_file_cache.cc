#include "partition/segment_file_cache.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "segment/file_names.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {

absl::StatusOr<std::shared_ptr<const SegmentFile>> SegmentFileCache::Open(
    const std::string& directory, const SegmentIdentity& identity,
    Offset base_offset) {
  std::string path = JoinPath(directory, SegmentFileName(base_offset));
  {
    const MutexLock lock(mutex_);
    const auto found = by_path_.find(path);
    // The file of a topic that was deleted has the name of its successor's.
    if (found != by_path_.end() &&
        found->second->file->header().identity == identity) {
      by_use_.splice(by_use_.begin(), by_use_, found->second);
      return found->second->file;
    }
  }
  // Opened without the lock: two threads may open the same file, and the second
  // one to come back wins nothing and loses nothing.
  absl::StatusOr<std::unique_ptr<SegmentFile>> opened = SegmentFile::Open(
      root_, directory, identity, base_offset, FileAccess::kReadOnly);
  if (ReasonOf(opened.status()) == ErrorReason::kOutOfFileDescriptors) {
    Clear();
    opened = SegmentFile::Open(root_, directory, identity, base_offset,
                               FileAccess::kReadOnly);
  }
  TIDEMARK_RETURN_IF_ERROR(opened.status());
  std::shared_ptr<const SegmentFile> file = *std::move(opened);

  std::list<Entry> dropped;  // closed when the lock is gone
  const MutexLock lock(mutex_);
  const auto present = by_path_.find(path);
  if (present != by_path_.end()) {
    if (present->second->file->header().identity == identity) return file;
    dropped.splice(dropped.begin(), by_use_, present->second);
    by_path_.erase(present);
  }
  by_use_.push_front({path, file});
  by_path_.emplace(std::move(path), by_use_.begin());
  const int64_t room = std::max<int64_t>(
      static_cast<int64_t>(open_files_max_) - writers_.load(), 4);
  while (static_cast<int64_t>(by_use_.size()) > room) {
    by_path_.erase(by_use_.back().path);
    dropped.splice(dropped.begin(), by_use_, std::prev(by_use_.end()));
  }
  return file;
}

void SegmentFileCache::Forget(const std::string& directory,
                              Offset base_offset) {
  std::list<Entry> dropped;
  const MutexLock lock(mutex_);
  const auto found =
      by_path_.find(JoinPath(directory, SegmentFileName(base_offset)));
  if (found == by_path_.end()) return;
  dropped.splice(dropped.begin(), by_use_, found->second);
  by_path_.erase(found);
}

void SegmentFileCache::Clear() {
  std::list<Entry> dropped;
  const MutexLock lock(mutex_);
  by_path_.clear();
  dropped.swap(by_use_);
}

}  // namespace v0
}  // namespace tidemark
