#ifndef TIDEMARK_LIB_PARTITION_LOG_SHARED_H_
#define TIDEMARK_LIB_PARTITION_LOG_SHARED_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "io/fork_guard.h"
#include "segment/identity.h"
#include "tidemark/clock.h"
#include "tidemark/env.h"
#include "tidemark/event.h"
#include "tidemark/health.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

class ChunkArena;
class FlushWorker;
class SegmentFileCache;

// The settings of a store that its partitions obey; see StoreOptions.
struct LogSettings {
  absl::Duration sync_interval = absl::Milliseconds(100);
  absl::Duration append_timeout = absl::Seconds(10);
  absl::Duration mark_delay = absl::Milliseconds(50);
  uint64_t unsynced_bytes_max = 0;
  bool is_padding_synced_batches = false;
  bool has_threads = true;
  bool is_read_only = false;
};

// What all partitions of one store share. Made by the store before the first
// partition is opened and destroyed behind the last one; handles keep it alive.
//
// The pointers are constant after construction; the objects are thread-safe.
struct LogShared {
  LogShared();
  ~LogShared();

  LogSettings settings;
  Id128 store_id;
  Incarnation incarnation = 0;

  Clock* clock = nullptr;
  Env* env = nullptr;
  std::unique_ptr<Directory> directory;  // the store's root
  std::unique_ptr<SegmentFileCache> files;
  std::unique_ptr<ChunkArena> arena;   // null in a read-only store
  std::unique_ptr<File> arena_lock;    // given up at the end of a close
  std::unique_ptr<FlushWorker> flush;  // null in a read-only store

  // Called without any lock held. Never null; does nothing by default.
  std::function<void(const Event&)> on_event;

  // What Ack::kProcess rests on; may fall to kWriteThrough at any time.
  std::atomic<ProcessDurability> process_durability{
      ProcessDurability::kWriteThrough};

  // Knows when this process is a fork of the one that opened the store.
  ForkMark fork_mark;

  // Set first thing by Store::Close. Appends, reads and waits then fail.
  std::atomic<bool> is_closed{false};

  // False when the store is closed or this process is a forked child.
  bool IsUsable() const {
    return !fork_mark.IsInForkedChild() &&
           !is_closed.load(std::memory_order_acquire);
  }
  // OK while it is usable; else FailedPrecondition that says why it is not.
  absl::Status Usable() const {
    return IsUsable() ? absl::OkStatus() : WhyUnusable();
  }
  absl::Status WhyUnusable() const;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_LOG_SHARED_H_
