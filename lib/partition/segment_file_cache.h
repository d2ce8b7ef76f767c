#ifndef TIDEMARK_LIB_PARTITION_SEGMENT_FILE_CACHE_H_
#define TIDEMARK_LIB_PARTITION_SEGMENT_FILE_CACHE_H_

#include <atomic>
#include <list>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "base/string_map.h"
#include "segment/identity.h"
#include "segment/segment_file.h"
#include "tidemark/env.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// The segment files that are open for reading, the least recently used of which
// is closed first, and a count of those that are open for writing.
//
// A file that a reader holds stays open until it lets go. Thread-safe. Keeps a
// pointer to the Directory, which must outlive it.
class SegmentFileCache {
 public:
  SegmentFileCache(Directory& root, uint32_t open_files_max)
      : root_(root), open_files_max_(open_files_max) {}

  // The file of the segment, opened at the first use. Errors as
  // SegmentFile::Open.
  absl::StatusOr<std::shared_ptr<const SegmentFile>> Open(
      const std::string& directory, const SegmentIdentity& identity,
      Offset base_offset);

  // Closes the file, for one that is deleted.
  void Forget(const std::string& directory, Offset base_offset);

  // Closes all files; called when the process has no descriptor left.
  void Clear();

  // Files open for writing, which stay open until they are synced.
  void AddWriter(int delta) { writers_.fetch_add(delta); }
  bool has_room_for_writer() const {
    return writers_.load() < static_cast<int64_t>(open_files_max_) * 3 / 4;
  }

 private:
  struct Entry {
    std::string path;
    std::shared_ptr<const SegmentFile> file;
  };

  Directory& root_;
  const uint32_t open_files_max_;
  std::atomic<int64_t> writers_{0};

  Mutex mutex_;
  std::list<Entry> by_use_ ABSL_GUARDED_BY(mutex_);  // latest first
  StringMap<std::list<Entry>::iterator> by_path_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_SEGMENT_FILE_CACHE_H_
