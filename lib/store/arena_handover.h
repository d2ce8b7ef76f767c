#ifndef TIDEMARK_LIB_STORE_ARENA_HANDOVER_H_
#define TIDEMARK_LIB_STORE_ARENA_HANDOVER_H_

#include <memory>

#include "absl/status/status.h"
#include "partition/arena_setup.h"
#include "partition/log_shared.h"
#include "store/event_relay.h"
#include "store/open_partitions.h"
#include "store/store_file.h"
#include "store/topic_catalog.h"
#include "tidemark/recovery_report.h"
#include "tidemark/store_options.h"

// How a store comes by the memory for its unwritten records, and how it leaves
// it. STORE names each arena from before it is created until it is gone:
// `arena` is to be taken over, `previous_arena` only to be unlinked, for it is
// not in use yet or not any more. There is room for one of these: an arena that
// could neither be made nor unlinked is forgotten when a second place is tried,
// and stays, empty, until the machine restarts.
namespace tidemark {
inline namespace v0 {

// The two sides of a handover.
struct ArenaHandover {
  LogShared& shared;
  StoreFile& file;
  TopicCatalog& catalog;
  std::shared_ptr<OpenPartitions> partitions;
  EventRelay& events;
  ArenaIdentity identity;
};

// Appends what a dead owner left to its partitions, makes a new arena for
// `handover.shared`, and unlinks the old one. Fills the arena's part of
// `report`. Stopped at any call, the next opening does it again.
//
// What cannot be found or read is reported and no error; errors are those of
// writing the records and of an arena that the options insist on. DataLoss when
// a TOPIC is damaged and nothing else says whose the records are: the arena is
// all that there is of them.
absl::Status TakeOverAndMakeArena(const ArenaHandover& handover,
                                  const StoreOptions& options,
                                  RecoveryReport* report);

// Says in STORE that everything is written, and whether all of it is durable
// (`is_clean`), and unlinks the arena.
absl::Status RetireArena(LogShared& shared, StoreFile& file, bool is_clean);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_ARENA_HANDOVER_H_
