#ifndef TIDEMARK_CURSOR_OPTIONS_H_
#define TIDEMARK_CURSOR_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tidemark/marks.h"
#include "tidemark/positions.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// Where a cursor begins to read. There is no default: skipping and repeating
// records are both mistakes that only the host can tell from each other.
//
// Begin, End and AtTime are resolved once, before the call that was given them
// returns. So records that are appended behind a resolved End are never missed.
class Start {
 public:
  // The oldest record that is kept.
  static Start Begin();

  // Behind the last record that the cursor may see at the moment.
  static Start End();

  // This offset in every partition.
  static Start AtOffset(Offset offset);

  // The first record that was created at or after `time`, as
  // Partition::OffsetForTime has it.
  static Start AtTime(absl::Time time);

  // What Positions::FromBytes or ConsumerCursor::positions returned. With
  // `otherwise`, that is where partitions begin that are not named; without it
  // they are InvalidArgument. But a subscribed topic of which other partitions
  // are named got this one later, and it begins at its first record.
  static Start At(Positions positions);
  static Start At(Positions positions, Start otherwise);

  // Behind what was committed under the cursor's name. Where nothing was
  // committed, `otherwise` says; but a subscribed topic of which the name knows
  // other partitions got this one later, and it begins at its first record.
  //
  // With `otherwise` End, call Commit once behind Open: until a commit, each
  // Open asks for the end again, and what came in between is skipped.
  static Start Committed(Start otherwise);

  // The alternatives, for the cursor that obeys them.
  struct BeginOfLog {};
  struct EndOfLog {};
  struct FixedOffset {
    Offset offset = 0;
  };
  struct FixedTime {
    absl::Time time;
  };
  struct FixedPositions {
    std::shared_ptr<const Positions> positions;
    std::shared_ptr<const Start> otherwise;  // null: none
  };
  struct LastCommit {
    std::shared_ptr<const Start> otherwise;
  };
  using Choice = std::variant<BeginOfLog, EndOfLog, FixedOffset, FixedTime,
                              FixedPositions, LastCommit>;
  const Choice& choice() const { return choice_; }

 private:
  explicit Start(Choice choice);

  Choice choice_;
};

// Limits of one Poll.
struct PollOptions {
  // How long to wait for a record, by the store's clock. Zero does not wait;
  // infinite waits until Wake or the end of the store.
  absl::Duration timeout = absl::ZeroDuration();

  // Return at most this many records; at least 1.
  size_t records_max = SIZE_MAX;

  // Stop behind the record that reaches this many bytes over all partitions; at
  // least 1. A larger value means fewer calls and more memory.
  size_t bytes_max = 1 << 20;
};

// What a cursor reads, and how.
struct CursorOptions {
  // ---- Behaviour ----

  // Topics to read with all of their partitions, those included that a topic
  // gets while the cursor is open: they are read from their first record on.
  std::vector<std::string> topics = {};

  // Single partitions, of topics that are not in `topics`.
  std::vector<TopicPartition> partitions = {};

  // Where to begin. There is no default.
  Start start;

  // Under which name positions are committed; by the rules for the names of
  // topics. Cursors of one name share the work: each partition is in the hands
  // of one of them at a time. Empty: this cursor cannot commit.
  std::string name = {};

  // kDurable never shows a record that a loss of power can take back; it shows
  // records as late as they are synced. For forwarders.
  Visibility visibility = Visibility::kAll;

  // What a commit survives: kProcess, the death of the process, costs a write
  // without a sync; kDisk, a loss of power, syncs the records below and then
  // the commit.
  Ack commit_level = Ack::kProcess;

  // ---- Tuning ----

  // What Poll without arguments uses.
  PollOptions poll = {};
};

// InvalidArgument that names the field, its value and its range.
absl::Status ValidatePollOptions(const PollOptions& options);
absl::Status ValidateCursorOptions(const CursorOptions& options);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_CURSOR_OPTIONS_H_
