#ifndef TIDEMARK_LIB_PARTITION_RECOVERY_H_
#define TIDEMARK_LIB_PARTITION_RECOVERY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "partition/meta_file.h"
#include "segment/identity.h"
#include "segment/segment_header.h"
#include "segment/segment_index.h"
#include "tidemark/env.h"
#include "tidemark/recovery_report.h"
#include "tidemark/types.h"

// Opens the files of a partition after whatever happened to them.
// docs/internals/recovery.md has the rules and why they hold.
namespace tidemark {
inline namespace v0 {

struct RecoveryOptions {
  // The name of the topic, for reports and errors.
  std::string topic;

  // The count of this open. Not used when reading only.
  Incarnation incarnation = 0;

  // Writes nothing. Another process may be appending: an invalid batch at or
  // above the durable mark is not there yet, and one below it is damage only if
  // a second read gives the same bytes.
  bool is_read_only = false;

  // The whole file system was synced since the crash, so that what can be read
  // is durable and recovery syncs only what it changes itself.
  bool is_file_system_synced = false;

  // Writes the bytes at or above the durable mark once more before it syncs
  // them. Without it, bytes whose write-back failed while the last owner ran
  // count as durable although only the page cache has them. Costs a second
  // write of what was appended since the last sync.
  bool is_tail_rewritten = true;

  // Nothing will be appended from the memory of an owner that died, so what
  // recovery cuts off is gone for good, and META remembers it: bytes that come
  // back in a later crash do not count. With such memory the records cut off
  // come back on purpose, with the incarnation that they had; whoever appends
  // them stores {cut_offset: their end, cut_incarnation: this open} afterwards.
  bool is_cut_final = false;

  // A durable mark known from elsewhere: the arena of the owner that died.
  Offset durable_end = 0;
};

// A segment as recovery leaves it. Offsets at or above `next_offset` and bytes
// at or above `data_end` do not belong to the log.
struct SegmentExtent {
  SegmentHeader header;
  std::string file;  // name within the partition's directory
  uint64_t file_size = 0;
  bool is_sealed = false;  // has a valid trailer
  // From the trailer or from the walk. next_offset is never above the base
  // offset of the next segment. Counts and times leave damaged batches out.
  SegmentTotals totals;
  // Of an unsealed segment, from the walk; null for a sealed one, whose trailer
  // leads to its index.
  std::shared_ptr<const SegmentIndex> index;

  Offset base_offset() const { return header.base_offset; }
  Offset next_offset() const { return totals.next_offset; }
  uint64_t data_end() const { return totals.data_end; }
};

// A partition that is ready to be read and, unless recovery was read-only, to
// be appended to at `end`.
struct RecoveredPartition {
  // Offsets kept and readable: [start, end). In a writable recovery all of them
  // are durable; in a read-only one those below `durable`.
  Offset start = 0;
  Offset durable = 0;
  Offset end = 0;

  // Ascending, without holes but those in `damage`. Empty for a new partition.
  std::vector<SegmentExtent> segments;

  // The last segment may be appended to at its data end, after CutTo(data_end)
  // if it is sealed. Its header, its directory entry and META know it already.
  // False: the log goes on in a new segment at `end`.
  bool is_last_appendable = false;

  // The index of the last segment, sealed or not, when it is appendable.
  std::optional<SegmentIndex> last_index;

  // Offsets below `end` that cannot be read, ascending, not empty, disjoint.
  // Reads of them return DataLoss with the range. Damage that is found only
  // when payloads below the durable mark are read is not in here.
  std::vector<DamagedRange> damage;

  // Ready for Store; null when reading only. Before the first write of this
  // owner the clean mark must be taken back: meta().clean_end = -1.
  std::unique_ptr<MetaFile> meta;

  PartitionRecovery report;
};

// Recovers the partition whose files are in `directory`, "topics/t/0". The
// caller holds the store's lock, unless `is_read_only`.
//
// Writes only what the rules of the page allow; stopped at any call, it comes
// to the same result when it is called again. Damage is part of the result, not
// an error. Errors: any of reading, writing or syncing; Unimplemented with
// kNewerFormat; NotFound when there is no such directory, or when files of a
// log that another process changes kept vanishing under a read-only recovery.
absl::StatusOr<RecoveredPartition> RecoverPartition(
    Directory& root, std::string_view directory,
    const SegmentIdentity& identity, const RecoveryOptions& options);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_RECOVERY_H_
