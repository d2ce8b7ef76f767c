#ifndef TIDEMARK_STORE_OPTIONS_H_
#define TIDEMARK_STORE_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tidemark/clock.h"
#include "tidemark/env.h"
#include "tidemark/event.h"
#include "tidemark/export.h"
#include "tidemark/health.h"

namespace tidemark {
inline namespace v0 {

// How a store is opened. Not persisted.
struct TIDEMARK_EXPORT StoreOptions {
  // ---- Behaviour ----

  // Create the directory and the store when there is none.
  bool create_if_missing = true;

  // Open beside a writing process, or a store on a read-only medium. Nothing is
  // written, created, locked or repaired; appends and commits fail.
  bool read_only = false;

  // Run a flush worker and a maintenance thread. Without them the host calls
  // Store::RunMaintenance, and deadlines are checked in Append and Poll.
  bool background_threads = true;

  // While anything is not durable a sync starts at the latest this long after
  // the oldest such byte. Zero syncs as soon as possible, infinite never by
  // itself. Shorter intervals cost device flushes. Zero or at least 1 ms.
  absl::Duration sync_interval = absl::Milliseconds(100);

  // Appends wait while a partition has this many bytes that are not durable.
  // 0 sets no bound.
  uint64_t unsynced_bytes_max = 0;

  // How long an append may wait for memory or for unsynced_bytes_max before it
  // fails with ResourceExhausted.
  absl::Duration append_timeout = absl::Seconds(10);

  // What Ack::kProcess rests on. Absent: the best that this machine offers.
  std::optional<ProcessDurability> process_durability = std::nullopt;

  // A directory on tmpfs for the arena, outliving the process; at most 256
  // bytes. Empty: /dev/shm, but only in the initial PID namespace.
  std::string shared_memory_directory = {};

  // Pad every batch that a sync closes to 4 KiB of the file, so that no write
  // touches a page that was acknowledged at Ack::kDisk. For flash that damages
  // neighbours of a torn write; costs up to 4 KiB for each sync.
  bool pad_synced_batches = false;

  // Called from the library's threads, or from the call that caused it, without
  // any lock held. Must not call the store.
  std::function<void(const Event&)> on_event = nullptr;

  // ---- Tuning ----

  // Memory for records that are not yet written, from 64 KiB to 1 GiB. It is
  // taken in steps as it is needed.
  uint64_t arena_bytes = 16 << 20;

  // The unit of that memory: 1,024 or 4,096 bytes.
  uint32_t arena_block_bytes = 4096;

  // After a sync and this long without an append, a mark records how far the
  // log is safe. Infinite: only at close, which spares flash.
  absl::Duration mark_delay = absl::Milliseconds(50);

  // How many segment files may be open at once, from 16 to 1,000,000.
  uint32_t open_files_max = 1000;

  // How long opening waits for the lock of a store whose owner is just dying,
  // up to one hour.
  absl::Duration lock_timeout = absl::Milliseconds(200);

  // ---- Surroundings ----

  Env* env = nullptr;      // null: the operating system
  Clock* clock = nullptr;  // null: the system's clock

  // A gateway: 1 MiB of memory, 1 MiB unsynced at most, padded batches, marks
  // only at close.
  static StoreOptions Iot();

  // A unit test: no threads, no memory that outlives the process.
  static StoreOptions Test(Env& env, Clock& clock);
};

// InvalidArgument that names the field, its value and its range.
TIDEMARK_EXPORT absl::Status ValidateStoreOptions(const StoreOptions& options);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_STORE_OPTIONS_H_
